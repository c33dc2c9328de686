#!/usr/bin/env python3
"""Do Asio's programs meet over the loopback between processes, on both paths, with one control code added and no more?"""
import subprocess
import unittest

from loopback_case import LoopbackCase
from user_net_test import free_port

NAMES = {"ordinary": ("asio_tcp_echo_server", "asio_tcp_echo_client"),
         "fast": ("asio_fast_echo_server", "asio_fast_echo_client")}
SIZES, ROUND_TRIPS = 6, 100  # of asio_ping_pong.cc


class AsioLoopback(LoopbackCase):
    def test_echo(self):
        for path, (server, client) in NAMES.items():
            port = free_port()
            self.serve(server, port)
            asker = self.start(client, "127.0.0.1", port, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            line = self.stat(lambda at: at["state"] == "ESTABLISHED" and at["remote"].endswith(f":{port}"))
            self.assertEqual(line["path"], path)
            said, _ = asker.process.communicate(b"a line\n", 60)
            self.check_exit(asker)
            self.assertIn(b"Reply is: a line\n", said)

    def test_ping_pong(self):
        for path in NAMES:
            port, word = free_port(), ["fast"] * (path == "fast")
            self.serve("asio_ping_pong", "server", port, *word)
            for _ in range(3):
                asker = self.start("asio_ping_pong", "client", "127.0.0.1", port, *word, stdout=subprocess.PIPE)
                said, _ = asker.process.communicate(timeout=120)
                self.check_exit(asker)
                self.assertEqual(said, f"{SIZES * ROUND_TRIPS} round trips, {path}\n".encode())

    def test_one_that_asked_is_not_enough(self):
        port = free_port()
        self.serve("asio_ping_pong", "server", port)
        asker = self.start("asio_ping_pong", "client", "127.0.0.1", port, "fast", stdout=subprocess.PIPE)
        said, _ = asker.process.communicate(timeout=120)
        self.check_exit(asker)
        self.assertEqual(said, f"{SIZES * ROUND_TRIPS} round trips, ordinary\n".encode())


if __name__ == "__main__":
    unittest.main(verbosity=2)
