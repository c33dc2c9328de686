// The one filter engine of the process as its sessions see it: handles, transactions, what is
// installed in the process's host.
//
// Each session, and the engine while it holds any object, is a user of the process's host
// (stack/process_host.h), so that filters are in force before the first WSAStartup and after the
// last WSACleanup. One lock for all; the host's turn is taken inside it, never the other way round,
// so a callout that calls this would wait for itself: the header forbids it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "wfp/installed.h"
#include "wfp/store.h"

namespace oriel::wfp {

class EngineState {
 public:
  /// The process's; never destroyed.
  static EngineState& instance();

  DWORD open(const FWPM_SESSION0* session, HANDLE& handle);
  DWORD close(HANDLE handle);
  DWORD begin(HANDLE handle, bool is_read_only);
  DWORD commit(HANDLE handle);
  DWORD abort(HANDLE handle);

  /// `change(store, owner)` on the session's transaction, or on a copy that is committed at once if
  /// it succeeds.
  template <class Change>
  DWORD write(HANDLE handle, Change change) {
    const std::lock_guard hold(mutex_);
    Session* session = find(handle);
    if (session == nullptr) return ERROR_INVALID_HANDLE;
    if (const DWORD e = may_write(*session); e != ERROR_SUCCESS) return e;
    const SessionId owner = session->is_dynamic ? session->id : 0;
    if (in_transaction(*session)) return change(draft_, owner);
    Store next = store_;
    if (const DWORD e = change(next, owner); e != ERROR_SUCCESS) return e;
    return install(std::move(next));
  }
  /// `look(store)` on what the session sees.
  template <class Look>
  DWORD read(HANDLE handle, Look look) {
    const std::lock_guard hold(mutex_);
    Session* session = find(handle);
    if (session == nullptr) return ERROR_INVALID_HANDLE;
    return look(static_cast<const Store&>(in_transaction(*session) ? draft_ : store_));
  }
  DWORD bind(HANDLE handle, const GUID& key, ORIEL_FWPM_CLASSIFY_FN0 classify, void* context);

  using Filters = std::vector<std::shared_ptr<const StoredFilter>>;
  /// An enumeration of these, for this session.
  DWORD begin_enumeration(HANDLE handle, Filters filters, HANDLE& out);
  DWORD next_of(HANDLE handle, HANDLE enumeration, std::size_t count, Filters& out);
  DWORD end_enumeration(HANDLE handle, HANDLE enumeration);

 private:
  struct Session {
    SessionId id = 0;
    bool is_dynamic = false;
  };
  struct Enumeration {
    HANDLE session;
    Filters filters;
    std::size_t at = 0;
  };

  Session* find(HANDLE handle);
  bool in_transaction(const Session& session) const { return transaction_ == session.id; }
  DWORD may_write(const Session& session) const;
  DWORD install(Store next);
  HANDLE new_handle();

  std::mutex mutex_;
  std::map<HANDLE, Session> sessions_;
  std::map<HANDLE, Enumeration> enumerations_;
  std::uintptr_t last_handle_ = 0;
  Store store_;
  Installed installed_;
  bool is_host_held_ = false;
  SessionId transaction_ = 0;  // whose is open; 0: none
  bool is_read_only_ = false;
  Store draft_;
};

}  // namespace oriel::wfp
