// What programs write after their headers; C and C++ alike, then C++ alone. Compiled only, or
// linked without being run.
static LPFN_CONNECTEX ConnectEx;  // a program may give its pointer the plain name

static int uses_of_winsock(SOCKET s, const char* text) {
  GUID id = WSAID_CONNECTEX;
  WSADATA data;
  DWORD bytes = 0, flags = 0;
  ULONG ideal = 0;
  u_long is_on = 1;
  fd_set readable;
  struct timeval second = {1, 0};
  struct sockaddr_in where;
  struct sockaddr_storage any;
  socklen_t length = sizeof(any);
  WSAOVERLAPPED pending;
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAutoTuning, NTDDI_LONGHORN};
  WSABUF buffer;
  char name[NI_MAXHOST];
  buffer.buf = name;
  buffer.len = sizeof(name);
  memset(&pending, 0, sizeof(pending));
  memset(&where, 0, sizeof(where));
  where.sin_family = AF_INET;
  where.sin_port = htons(80);
  where.sin_addr.s_addr = inet_addr("127.0.0.1");
  if (WSAStartup(MAKEWORD(2, 2), &data) != NO_ERROR) return 1;
  if (s == INVALID_SOCKET)
    s = WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
  if (bind(s, (SOCKADDR*)&where, sizeof(where)) == SOCKET_ERROR &&
      WSAGetLastError() == WSAEADDRINUSE)
    return 2;
  if (connect(s, (struct sockaddr*)&where, sizeof(where)) != 0) return 3;
  if (getsockname(s, (struct sockaddr*)&any, &length) != 0 || gethostname(name, sizeof(name)) != 0)
    return 4;
  if (ioctlsocket(s, FIONBIO, &is_on) != 0) return 5;
  FD_ZERO(&readable);
  FD_SET(s, &readable);
  if (select(0, &readable, NULL, NULL, &second) == 1 && !FD_ISSET(s, &readable)) return 6;
  WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &ConnectEx, sizeof(ConnectEx),
           &bytes, NULL, NULL);
  WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof(mode), NULL, 0, &bytes, NULL, NULL);
  WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &is_on, sizeof(is_on), NULL, 0, &bytes, NULL, NULL);
  if (idealsendbacklogquery(s, &ideal) == 0) idealsendbacklognotify(s, &pending, NULL);
  if (WSARecv(s, &buffer, 1, &bytes, &flags, &pending, NULL) != 0 &&
      WSAGetLastError() != WSA_IO_PENDING)
    return 7;
  if (WaitForSingleObject(pending.hEvent, INFINITE) == WAIT_FAILED) return (int)GetLastError();
  switch (WSAGetLastError()) {
    case WSAECONNRESET:
    case ERROR_NETNAME_DELETED:
      break;
    default:
      send(s, text, (int)strlen(text), 0);
  }
  __try {
    if (recv(s, name, sizeof(name), MSG_PEEK) <= 0) __leave;
  } __finally {
    closesocket(s);
  }
  return WSACleanup();
}

#ifdef __cplusplus
class Channel {  // members may be called as Winsock's functions are
 public:
  int send(const char* text) { return ::send(socket_, text, static_cast<int>(strlen(text)), 0); }
  int select() { return ::select(0, nullptr, nullptr, nullptr, nullptr); }
  int bind(int a, int b) { return std::min(a, b) + std::max(a, b); }

 private:
  SOCKET socket_ = INVALID_SOCKET;
};
inline int uses_of_cplusplus() {
  Channel channel;
  unsigned long wide = 0;
  std::thread thread([] { Sleep(0); });
  thread.join();
  ioctlsocket(INVALID_SOCKET, FIONREAD, &wide);
  return channel.send("x") + channel.select() + channel.bind(1, 2) +
         static_cast<int>(std::filesystem::path("a/b").native().size());
}
#endif

int main(int count, char** words) {
#ifdef __cplusplus
  if (count > 7) return uses_of_cplusplus();
#endif
  return count > 1 ? uses_of_winsock(INVALID_SOCKET, words[0]) : 0;
}
