// TransmitFile and TransmitPackets as a program uses them.
#include <thread>

#include "api_winsock/extension_case.h"

using namespace extension_case;  // NOLINT(google-build-using-namespace)

namespace {

// A file of `bytes` known bytes.
struct TemporaryFile {
  explicit TemporaryFile(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>('a' + i * 7 % 26);
    char folder[MAX_PATH];
    GetTempPathA(sizeof folder, folder);
    GetTempFileNameA(folder, "ori", 0, name);
    handle = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    DWORD written = 0;
    WriteFile(handle, text.data(), static_cast<DWORD>(bytes), &written, nullptr);
    SetFilePointer(handle, 0, nullptr, FILE_BEGIN);
  }
  ~TemporaryFile() {
    CloseHandle(handle);
    DeleteFileA(name);
  }
  std::string text;
  char name[MAX_PATH] = {};
  HANDLE handle;
};

WIN_CASE(TransmitFile, SendsHeadFileAndTail) {
  REQ("WS-4");
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  TemporaryFile file(1'000'000);
  char head[] = "<head>", tail[] = "<tail>";
  TRANSMIT_FILE_BUFFERS around{head, 6, tail, 6};
  std::string got;
  std::thread reader([&] { got = receive_all(server, ~std::size_t{0}); });
  Call call;
  REQUIRE(
      is_begun(TransmitFile(client, file.handle, 0, 0, &call.overlapped, &around, TF_DISCONNECT)));
  CHECK_EQ(call.end(client), 1'000'012);
  reader.join();
  CHECK(got == "<head>" + file.text + "<tail>");
  CHECK_EQ(send(client, "x", 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAESHUTDOWN);
  CHECK(!TransmitFile(client, file.handle, 0, 0, nullptr, nullptr, 0));
  CHECK_EQ(WSAGetLastError(), WSAESHUTDOWN);
}

WIN_CASE(TransmitFile, TakesAPartOfTheFileFromWhereItIsTold) {
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  TemporaryFile file(1000);
  Call call;
  call.overlapped.Offset = 100;
  REQUIRE(is_begun(TransmitFile(client, file.handle, 50, 0, &call.overlapped, nullptr, 0)));
  CHECK_EQ(call.end(client), 50);
  CHECK_EQ(receive_all(server, 50), file.text.substr(100, 50));
  // Without an OVERLAPPED: from the file's position, and it waits.
  SetFilePointer(file.handle, 900, nullptr, FILE_BEGIN);
  CHECK(TransmitFile(client, file.handle, 0, 0, nullptr, nullptr, 0));
  CHECK_EQ(receive_all(server, 100), file.text.substr(900));
  char head[] = "alone";
  TRANSMIT_FILE_BUFFERS around{head, 5, nullptr, 0};
  CHECK(TransmitFile(client, nullptr, 0, 0, nullptr, &around, 0));
  CHECK_EQ(receive_all(server, 5), "alone");
}

WIN_CASE(TransmitFile, SaysWhatIsWrong) {
  REQ("WS-2");
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  TemporaryFile file(10);
  const auto error = [&](SOCKET s, HANDLE from, DWORD bytes, DWORD flags) {
    CHECK(!TransmitFile(s, from, bytes, 0, nullptr, nullptr, flags));
    return WSAGetLastError();
  };
  CHECK_EQ(error(INVALID_SOCKET, file.handle, 0, 0), WSAENOTSOCK);
  CHECK_EQ(error(make_stream(), file.handle, 0, 0), WSAENOTCONN);
  CHECK_EQ(error(client, file.handle, 0, TF_REUSE_SOCKET), WSAEINVAL);
  CHECK_EQ(error(client, file.handle, 2147483647, 0), WSAEINVAL);
  CHECK_EQ(error(client, reinterpret_cast<HANDLE>(server), 0, 0), WSA_INVALID_HANDLE);
}

WIN_CASE(TransmitFile, EndsWithTheSocket) {
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  const TemporaryFile file(4'000'000);  // more than both sides hold
  Call call;
  REQUIRE(is_begun(TransmitFile(client, file.handle, 0, 0, &call.overlapped, nullptr, 0)));
  closesocket(client);
  CHECK_EQ(call.end(server), -long{WSA_OPERATION_ABORTED});
}

WIN_CASE(TransmitPackets, SendsMemoryAndFilesAndGivesTheSocketBack) {
  REQ("WS-4");
  const Started started;
  SOCKET client, server;
  make_pair(client, server);
  const auto transmit = get<LPFN_TRANSMITPACKETS>(client, WSAID_TRANSMITPACKETS);
  TemporaryFile file(200'000);
  char first[] = "first", second[] = "second";
  TRANSMIT_PACKETS_ELEMENT elements[4] = {};
  elements[0].dwElFlags = TP_ELEMENT_MEMORY;
  elements[0].cLength = 5;
  elements[0].pBuffer = first;
  elements[1] = elements[0];
  elements[1].dwElFlags = TP_ELEMENT_MEMORY | TP_ELEMENT_EOP;
  elements[1].pBuffer = second;
  elements[2].dwElFlags = TP_ELEMENT_FILE;
  elements[2].cLength = 100'000;
  elements[2].nFileOffset.QuadPart = 1000;
  elements[2].hFile = file.handle;
  elements[3] = elements[0];
  elements[3].dwElFlags = TP_ELEMENT_MEMORY | TP_ELEMENT_FILE;
  CHECK(!transmit(client, elements, 4, 0, nullptr, 0));
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK(!transmit(client, nullptr, 1, 0, nullptr, 0));
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  std::string got;
  std::thread reader([&] {
    got = receive_all(server, ~std::size_t{0});
    closesocket(server);
  });
  Call call;
  REQUIRE(is_begun(
      transmit(client, elements, 3, 0, &call.overlapped, TP_DISCONNECT | TP_REUSE_SOCKET)));
  CHECK_EQ(call.end(client), 100'010);
  reader.join();
  CHECK(got == "firstsecon" + file.text.substr(1000, 100'000));
  CHECK_EQ(send(client, "x", 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTCONN);
}

}  // namespace
