#!/usr/bin/env python3
"""Do the drivers of examples/wsk, run by `oriel wsk-run`, meet Linux over TUN, and Windows programs and each other
over the loopback, on both of its paths?"""
import os
import subprocess

from cases import ORIEL, ORIEL_ADDRESSES, PORT, InteropCase
from netlab import BIN
from windows_cases import OverTun, converse

CONTENT = bytes(range(251)) * 8000  # two megabytes
SERVERS = {"wsk_echo": (4, 6), "wsk_echo_indications": (4,)}
CAPTURE_HEADER_BYTES_MAX = 1000


def parameters(**values):
    return [word for name, value in values.items() for word in ("--parameter", f"{name}={value}")]


class Drivers:
    """What both places share; a place knows how to `run_driver` with options of the command."""

    def serve(self, name, *options, **values):
        server = self.run_driver(name, *options, *parameters(Port=PORT, **values))
        server.wait_to_say("echo: listening")
        return server

    def check_unloads(self, driver, says=""):
        driver.process.terminate()
        self.check_exit(driver)
        self.assertIn(says, driver.error)
        self.assertNotIn("left", driver.error, "pool")


class WskTun(Drivers, OverTun):
    def run_driver(self, name, *options):
        return self.lab.start(self.linux, "oriel", "wsk-run", BIN / f"{name}.so", "--verifier", "--link", self.link,
                              "--address", ORIEL_ADDRESSES, *options)

    def test_linux_programs_meet_the_echo_drivers(self):
        for name, families in SERVERS.items():
            server = self.serve(name)
            for family in families:
                with self.subTest(name=name, family=family):
                    self.check_echoes(family, 20, 100_000)
                    got = converse(self.linux.connect(ORIEL[family], PORT), CONTENT)
                    self.assertTrue(got == CONTENT, f"{len(got)} bytes came back")
            self.check_unloads(server, "echo: unloaded")

    def test_unload_ends_connections_that_are_open(self):
        for name in SERVERS:
            with self.subTest(name=name):
                server = self.serve(name)
                stream = self.lab.keep(self.linux.connect(ORIEL[4], PORT))
                stream.sendall(b"still here")
                self.assertEqual(stream.recv(10), b"still here")
                self.check_unloads(server, "echo: unloaded")

    def test_the_client_driver_meets_linux(self):
        port = self.linux_echo(4)
        client = self.run_driver("wsk_client", *parameters(Port=port, Host=self.far(4)))
        client.wait_to_say("came back")
        self.assertIn("client: 1000000 bytes came back\n", client.error)
        self.check_unloads(client)

    def test_a_refused_connection_is_the_drivers_error(self):
        with self.listen(4) as listener:
            port = listener.getsockname()[1]
        client = self.run_driver("wsk_client", *parameters(Port=port, Host=self.far(4)))
        self.check_exit(client, 1)
        self.assertIn("the DriverEntry of", client.error)
        self.assertIn("0xC0000236", client.error)


class WskLoopback(Drivers, InteropCase):
    """No rights are needed."""

    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, ORIEL_HOST=f"wsk-{os.getpid()}-{id(self)}")

    def run_driver(self, name, *options):
        return self.lab.start(None, "oriel", "wsk-run", BIN / f"{name}.so", "--verifier", *options,
                              env=self.environment)

    def ask_as_program(self, is_fast):
        """A Winsock program with the same content, in and out."""
        words = ["winsock_tcp_client", "127.0.0.1", PORT] + (["fast"] if is_fast else [])
        client = self.lab.start(None, *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment)
        got, _ = client.process.communicate(CONTENT, 60)
        self.check_exit(client)
        self.assertTrue(got == CONTENT, f"{len(got)} bytes came back: {client.error}")

    def ask_as_driver(self, is_fast):
        client = self.run_driver("wsk_client", *parameters(Port=PORT, FastPath=int(is_fast)))
        client.wait_to_say("came back")
        self.assertIn("client: 1000000 bytes came back\n", client.error)
        self.check_unloads(client)

    def test_on_both_paths(self):
        for name in SERVERS:
            for is_fast in (False, True):
                for ask in (self.ask_as_program, self.ask_as_driver):
                    with self.subTest(name=name, is_fast=is_fast, client=ask.__name__):
                        capture = self.lab.path("capture")
                        server = self.serve(name, "--pcap", capture, FastPath=int(is_fast))
                        ask(is_fast)
                        self.check_unloads(server, "echo: unloaded")
                        is_short = capture.stat().st_size < CAPTURE_HEADER_BYTES_MAX
                        self.assertEqual(is_short, is_fast, "only the ordinary path has packets")

    def test_one_end_alone_takes_the_ordinary_path(self):
        capture = self.lab.path("capture")
        server = self.serve("wsk_echo", "--pcap", capture)
        self.ask_as_program(is_fast=True)
        self.check_unloads(server)
        self.assertGreater(capture.stat().st_size, len(CONTENT))


if __name__ == "__main__":
    from cases import main
    main()
