// Every code has a status and an error, and both ways agree.
#include "winsock/error_table.h"

#include <gtest/gtest.h>

#include <set>

namespace oriel::winsock {
namespace {

TEST(ErrorTable, EveryCodeOfTheStackHasItsOwnMeaning) {
  struct Row {
    ErrorCode code;
    int error;
  };
  for (const Row& row : {Row{ErrorCode::kOk, 0},
                         Row{ErrorCode::kInvalidArgument, WSAEINVAL},
                         Row{ErrorCode::kNotSupported, WSAEOPNOTSUPP},
                         Row{ErrorCode::kAddressInUse, WSAEADDRINUSE},
                         Row{ErrorCode::kAddressNotAvailable, WSAEADDRNOTAVAIL},
                         Row{ErrorCode::kNetworkUnreachable, WSAENETUNREACH},
                         Row{ErrorCode::kHostUnreachable, WSAEHOSTUNREACH},
                         Row{ErrorCode::kConnectionRefused, WSAECONNREFUSED},
                         Row{ErrorCode::kConnectionReset, WSAECONNRESET},
                         Row{ErrorCode::kConnectionAborted, WSAECONNABORTED},
                         Row{ErrorCode::kTimedOut, WSAETIMEDOUT},
                         Row{ErrorCode::kNotConnected, WSAENOTCONN},
                         Row{ErrorCode::kAlreadyConnected, WSAEISCONN},
                         Row{ErrorCode::kInProgress, WSAEALREADY},
                         Row{ErrorCode::kShutDown, WSAESHUTDOWN},
                         Row{ErrorCode::kWouldBlock, WSAEWOULDBLOCK},
                         Row{ErrorCode::kCancelled, WSA_OPERATION_ABORTED},
                         Row{ErrorCode::kMessageTooLong, WSAEMSGSIZE},
                         Row{ErrorCode::kNoBuffers, WSAENOBUFS},
                         Row{ErrorCode::kDeviceLost, WSAENETDOWN},
                         Row{ErrorCode::kPermissionDenied, WSAEACCES}}) {
    EXPECT_EQ(wsa_error_of(row.code), row.error) << to_string(row.code);
    EXPECT_EQ(wsa_error_of(status_of(row.code)), row.error) << "by way of the status";
  }
}

TEST(ErrorTable, StatusesOfPendingAndUnknownOnes) {
  EXPECT_EQ(wsa_error_of(NTSTATUS{STATUS_PENDING}), WSA_IO_INCOMPLETE);
  EXPECT_EQ(wsa_error_of(NTSTATUS{STATUS_BUFFER_OVERFLOW}), WSAEMSGSIZE);
  EXPECT_EQ(wsa_error_of(NTSTATUS{STATUS_UNSUCCESSFUL}), WSAEINVAL);
  EXPECT_EQ(datagram_error(ErrorCode::kConnectionRefused), ErrorCode::kConnectionReset);
}

}  // namespace
}  // namespace oriel::winsock
