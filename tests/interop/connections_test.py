#!/usr/bin/env python3
"""Do thousands of short connections each carry their byte and end, with Oriel as client and as server?"""
import cases
from cases import LINUX, ORIEL, PORT, Task, TunCase
from netlab import IS_FULL

COUNT = 20_000 if IS_FULL else 4_000


class ShortConnections(TunCase):
    """Each: connect, one request of 8 bytes, its answer, close by the client."""

    def serve(self, listener):
        for _ in range(COUNT):
            stream, _ = listener.accept()
            with stream:
                stream.sendall(stream.recv(8))

    def check_client(self, family):
        listener = self.lab.keep(self.linux.listen(LINUX[family], backlog=512))
        server = Task(lambda: self.serve(listener))
        address = f"[{LINUX[family]}]" if family == 6 else LINUX[family]
        host = self.host("short_client", f"{address}:{listener.getsockname()[1]}", COUNT)
        self.check_exit(host, timeout=120)
        server.result()

    def test_oriel_is_the_client_over_ipv4(self):
        self.check_client(4)

    def test_oriel_is_the_client_over_ipv6(self):
        self.check_client(6)

    def check_server(self, family):
        host = self.host("short_server", PORT, COUNT)
        # Linux keeps the port of every connection that it closed first for a minute; it has more than enough.
        for number in range(COUNT):
            with self.linux.connect(ORIEL[family], PORT) as stream:
                sent = number.to_bytes(8, "big")
                stream.sendall(sent)
                self.assertEqual(stream.recv(8), sent)
        self.check_exit(host, timeout=120)

    def test_oriel_is_the_server_over_ipv4(self):
        self.check_server(4)

    def test_oriel_is_the_server_over_ipv6(self):
        self.check_server(6)


if __name__ == "__main__":
    cases.main()
