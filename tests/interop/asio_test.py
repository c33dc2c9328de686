#!/usr/bin/env python3
"""Do Asio's own examples, compiled for Windows and unmodified, meet Linux programs and each other?"""
import signal
import subprocess
import time
import unittest

from bytes_and_sums import Task
from cases import PORT
from windows_cases import OverTun, OverUser

PAGE = b"<html>" + b"a page of some length, " * 4000 + b"</html>"


class Examples:
    def ask_client(self, client, line):
        """Gives a line to an echo client and returns what it says."""
        said, _ = client.process.communicate(line, 60)
        self.check_exit(client)
        return said

    def test_echo_client_against_linux(self):
        for family in self.families:
            client = self.start_windows("asio_tcp_echo_client", self.far(family), self.linux_echo(family),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.assertIn(b"Reply is: a line\n", self.ask_client(client, b"a line\n"))

    def test_datagram_client_against_linux(self):
        client = self.start_windows("asio_udp_echo_client", self.far(4), self.linux_udp_echo(4), stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE)
        self.assertIn(b"Reply is: a line\n", self.ask_client(client, b"a line\n"))

    def test_datagram_server(self):
        self.serve("asio_udp_echo_server", PORT, says=None)
        for size in (1, 1000):
            self.assertEqual(self.linux_asks(4, bytes(size)), bytes(size))

    def test_echo_server(self):
        self.serve("asio_tcp_echo_server", PORT, says=None)
        self.wait_for_echo(b"?")
        self.check_echoes(4, 10, 100_000)

    def wait_for_echo(self, question):
        """Asio's examples do not say when they listen."""
        for _ in range(100):
            try:
                with self.connect(4) as stream:
                    stream.sendall(question)
                    if stream.recv(100) == question:
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.fail("the server never answered")

    def test_chat(self):
        server = self.serve("asio_chat_server", PORT, says=None, **self.route_between_sites())
        self.wait_for_echo(b"   8anybody?")  # Asio's chat: four characters of length before each text
        people = [self.start_another("asio_chat_client", *self.windows_door(4), stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE) for _ in range(2)]
        for person in people:  # who joins late hears what was said before
            self.assertEqual(self.line_of(person), b"anybody?\n")
        for speaker, line in ((0, b"hello\n"), (1, b"hello yourself\n"), (0, b"bye\n")):
            people[speaker].process.stdin.write(line)
            people[speaker].process.stdin.flush()
            for person in people:
                self.assertEqual(self.line_of(person), line)
        for person in people:
            person.process.stdin.close()
            self.check_exit(person)
        self.assertIsNone(server.process.poll())

    @staticmethod
    def line_of(person):
        return Task(person.process.stdout.readline).result()

    def test_http_server(self):
        folder = self.lab.path("served")
        folder.mkdir()
        (folder / "page.html").write_bytes(PAGE)
        server = self.serve("asio_http_server", "0.0.0.0", PORT, folder, says=None)
        address, port = self.door(4)
        for _ in range(3):
            done = self.linux_run("curl", "-sSf", "--retry", "20", "--retry-all-errors", "--retry-delay", "1",
                                  f"http://{address}:{port}/page.html")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout == PAGE, f"{len(done.stdout)} bytes came")
        done = self.linux_run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://{address}:{port}/no")
        self.assertEqual(done.stdout, b"404")
        server.process.send_signal(signal.SIGTERM)
        self.check_exit(server)


class AsioTun(Examples, OverTun):
    pass


class AsioUser(Examples, OverUser):
    pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
