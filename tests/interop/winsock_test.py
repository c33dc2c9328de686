#!/usr/bin/env python3
"""Do the Windows programs of examples/winsock, in C and in C++, meet Linux programs and each other?"""
import socket
import subprocess
import unittest

from cases import PORT, InteropCase
from netlab import BIN
from windows_cases import OverTun, OverUser, converse

SERVERS = ("select_server", "select_server_cxx", "event_server", "event_server_cxx", "iocp_server")
TCP_CLIENTS = ("tcp_client", "tcp_client_cxx")
APC_CLIENTS = ("apc_client", "apc_client_cxx")
UDP = ("udp_echo", "udp_echo_cxx")
CONTENT = bytes(range(251)) * 8000  # two megabytes
REFUSED = "error 10061"


class Clients:
    def test_blocking_clients_send_and_receive_at_the_same_time(self):
        for family in self.families:
            port = self.linux_echo(family)
            for name in TCP_CLIENTS:
                with self.subTest(family=family, name=name):
                    client = self.start_windows("winsock_" + name, self.far(family), port, stdin=subprocess.PIPE,
                                                stdout=subprocess.PIPE)
                    got, _ = client.process.communicate(CONTENT, 60)
                    self.check_exit(client)
                    self.assertTrue(got == CONTENT, f"{len(got)} bytes came back")

    def test_completion_routines(self):
        for family in self.families:
            port = self.linux_echo(family)
            for name in APC_CLIENTS:
                with self.subTest(family=family, name=name):
                    client = self.start_windows("winsock_" + name, self.far(family), port, 2_000_000,
                                                stdout=subprocess.PIPE)
                    self.check_answer(client, b"2000000 bytes came back\n")

    def test_datagrams_out(self):
        for family in self.families:
            port = self.linux_udp_echo(family)
            for name in UDP:
                with self.subTest(family=family, name=name):
                    client = self.start_windows("winsock_" + name, "ask", self.far(family), port, "a text",
                                                stdout=subprocess.PIPE)
                    self.check_answer(client, b"a text\n")

    def test_a_closed_port_refuses(self):
        with self.listen(4) as listener:
            port = listener.getsockname()[1]
        client = self.start_windows("winsock_tcp_client", self.far(4), port)
        self.check_exit(client, 1)
        self.assertIn(REFUSED, client.error)

    def test_usage(self):
        for name in (*SERVERS, *TCP_CLIENTS, *APC_CLIENTS, *UDP):
            done = subprocess.run([str(BIN / f"winsock_{name}")], capture_output=True, timeout=30)
            self.assertEqual(done.returncode, 2, name)


class Servers:
    def test_servers_echo_to_many_at_once(self):
        for name in SERVERS:
            for family in self.families:
                with self.subTest(name=name, family=family):
                    server = self.serve("winsock_" + name, PORT, 20)
                    self.check_echoes(family, 20, 100_000)
                    self.check_exit(server)

    def test_one_large_content(self):
        for name in SERVERS:
            with self.subTest(name=name):
                server = self.serve("winsock_" + name, PORT, 1)
                got = converse(self.connect(4), CONTENT * 4)
                self.assertTrue(got == CONTENT * 4, f"{len(got)} bytes came back")
                self.check_exit(server)

    def test_datagrams_in(self):
        for name in UDP:
            for family in self.families:
                with self.subTest(name=name, family=family):
                    server = self.serve("winsock_" + name, "serve", PORT, 2, says="serving")
                    self.assertEqual(self.linux_asks(family, b"first"), b"first")
                    datagram = bytes(self.datagram_bytes[family])
                    self.assertEqual(self.linux_asks(family, datagram), datagram)
                    self.check_exit(server)


class WinsockClientsTun(Clients, OverTun):
    pass


class WinsockClientsUser(Clients, OverUser):
    pass


class WinsockServersTun(Servers, OverTun):
    pass


class WinsockServersUser(Servers, OverUser):
    def test_a_fault_of_the_environment_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.outer = taken.getsockname()[1]
            server = self.start_windows("winsock_iocp_server", PORT, serves=True)
            self.check_exit(server, 1)
        self.assertIn(f"another program on this machine has TCP port {self.outer}", server.error)
        self.assertIn("WSAStartup: error 10091", server.error)


class WinsockTogether(InteropCase):
    """Two Windows programs, a wire between them, and no Linux at all; no rights are needed."""

    def start(self, number, program, *words, **options):
        return self.lab.start(None, "oriel", "run", "--link", f"unix:{self.lab.path('wire')}", "--address",
                              f"10.9.0.{number}/24,fd09::{number}/64", "--", BIN / f"winsock_{program}", *words, **options)

    def serve(self, program, *words, says="listening"):
        server = self.start(2, program, *words)
        server.wait_to_say(says)
        return server

    def test_every_server_with_both_clients(self):
        for name in SERVERS:
            for address in ("10.9.0.2", "fd09::2"):
                with self.subTest(name=name, address=address):
                    server = self.serve(name, PORT, 2)
                    client = self.start(1, "tcp_client", address, PORT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                    got, _ = client.process.communicate(CONTENT, 60)
                    self.check_exit(client)
                    self.assertTrue(got == CONTENT, f"{len(got)} bytes came back")
                    client = self.start(1, "apc_client", address, PORT, 2_000_000)
                    self.check_exit(client)
                    self.check_exit(server)

    def test_datagrams(self):
        server = self.serve("udp_echo", "serve", PORT, 1, says="serving")
        client = self.start(1, "udp_echo", "ask", "fd09::2", PORT, "over the wire", stdout=subprocess.PIPE)
        self.assertEqual(client.process.stdout.read(), b"over the wire\n")
        self.check_exit(client)
        self.check_exit(server)


if __name__ == "__main__":
    unittest.main(verbosity=2)
