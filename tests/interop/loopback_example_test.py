#!/usr/bin/env python3
"""Does the example of two processes on the loopback work with the control code on and off, built as C and as C++?"""
import subprocess
import unittest

from loopback_case import LoopbackCase
from netlab import BIN
from user_net_test import free_port

PROGRAMS = ("winsock_loopback_pair", "winsock_loopback_pair_cxx")
FIGURE = r"[0-9]+[.][0-9]+"


class LoopbackExample(LoopbackCase):
    def ask(self, program, *words):
        asker = self.start(program, *words, stdout=subprocess.PIPE)
        said, _ = asker.process.communicate(timeout=120)
        self.check_exit(asker)
        return said.decode()

    def check_both(self, program, server_words, client_words, path):
        port = free_port()
        self.serve(program, "server", port, *server_words)
        # Larger than what either end may have unread.
        for size in (1, 64, 1048576):
            said = self.ask(program, "ping-pong", "127.0.0.1", port, size, 50, *client_words)
            self.assertRegex(said, f"^ping-pong: {size} bytes, 50 times, {FIGURE} us each, {path} path\n$")
        said = self.ask(program, "stream", "127.0.0.1", port, 65536, 500, *client_words)
        self.assertRegex(said, f"^stream: 65536 bytes, 500 times, {FIGURE} GB/s, {path} path\n$")

    def test_with_the_code_off(self):
        for program in PROGRAMS:
            self.check_both(program, [], [], "ordinary")

    def test_with_the_code_on(self):
        for program in PROGRAMS:
            self.check_both(program, ["fast"], ["fast"], "fast")

    def test_with_the_code_on_at_one_end(self):
        self.check_both(PROGRAMS[0], ["fast"], [], "ordinary")
        self.check_both(PROGRAMS[0], [], ["fast"], "ordinary")

    def test_usage(self):
        for words in ([], ["server", "0"], ["server", "65536"], ["server", "80x"], ["stream", "127.0.0.1", "7", "0", "1"],
                      ["ping-pong", "127.0.0.1", "7", "1048577", "1"],
                      ["stream", "127.0.0.1", "7", "1", "99999999999999999999"], ["stream", "127.0.0.1", "7", "1"],
                      ["sideways", "127.0.0.1", "7", "1", "1"]):
            done = subprocess.run([BIN / PROGRAMS[0], *words], capture_output=True)
            self.assertEqual(done.returncode, 2, words)
            self.assertRegex(done.stderr, b"^usage: ")

    def test_nobody_there(self):
        asker = self.start(PROGRAMS[0], "stream", "127.0.0.1", free_port(), 1, 1)
        self.check_exit(asker, 1)
        self.assertIn("connect: error 10061", asker.error)


if __name__ == "__main__":
    unittest.main(verbosity=2)
