// The connection table: chains through the streams themselves.
#include "socket/demux.h"

#include <cassert>
#include <cstring>

namespace oriel::socket {
namespace {

constexpr std::size_t kBucketsMin = 64;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

struct Words {
  std::uint64_t high;
  std::uint64_t low;
};
Words words_of(const IpAddress& a) {
  Words w;
  std::memcpy(&w, a.bytes().data(), sizeof w);
  return w;
}

}  // namespace

StreamTable::StreamTable(const SipKey& key) : key_(key), buckets_(kBucketsMin, nullptr) {}

std::uint32_t StreamTable::hash(const Endpoint& local, const Endpoint& remote) const {
  const Words r = words_of(remote.address);
  const Words l = words_of(local.address);
  const std::uint64_t ports = std::uint64_t{remote.port} << 16 | local.port;
  std::uint64_t h = fold(r.high ^ key_.k0, r.low ^ key_.k1);
  h = fold(h ^ l.high ^ key_.k1, l.low ^ key_.k0 ^ h);
  h = fold(h ^ ports ^ key_.k0, key_.k1 | 1);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

TcpStream* StreamTable::find_slow(const Endpoint& local, const Endpoint& remote) {
  const std::uint32_t h = hash(local, remote);
  for (TcpStream* at = bucket(h); at != nullptr; at = at->hash_next_) {
    if (at->hash_ == h && is_same(*at, local, remote)) return last_ = at;
  }
  return nullptr;
}

void StreamTable::insert(TcpStream& stream) {
  if (size_ >= buckets_.size()) grow();
  stream.hash_ = hash(stream.local(), stream.remote());
  TcpStream*& head = bucket(stream.hash_);
  stream.hash_next_ = head;
  head = &stream;
  ++size_;
}

void StreamTable::erase(TcpStream& stream) {
  if (last_ == &stream) last_ = nullptr;
  TcpStream** link = &bucket(stream.hash_);
  while (*link != &stream) {
    assert(*link != nullptr && "the stream is not in the table");
    link = &(*link)->hash_next_;
  }
  *link = stream.hash_next_;
  stream.hash_next_ = nullptr;
  --size_;
}

void StreamTable::grow() {
  std::vector<TcpStream*> old(buckets_.size() * 2, nullptr);
  old.swap(buckets_);
  for (TcpStream* head : old) {
    while (head != nullptr) {
      TcpStream* next = head->hash_next_;
      TcpStream*& to = bucket(head->hash_);
      head->hash_next_ = to;
      to = head;
      head = next;
    }
  }
}

}  // namespace oriel::socket
