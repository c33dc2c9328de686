"""Where a Windows program stands in a test, and the Linux ends that it meets.

OverTun: in a namespace, behind a TUN device; several sites have a device each, and Linux routes between them.
OverUser: on the network inside the process; Linux is this machine, and finds the program at a published port.
Both answer the same questions, so that one body of a test serves both.
"""
import os
import random
import shutil
import socket
import subprocess
import threading
import time

from cases import LINUX, ORIEL, PORT, InteropCase, TunCase
from netlab import BIN, START_SECONDS_MAX, missing_right
from user_net_test import FAMILIES as USER, free_port, has_ipv6

WAIT_SECONDS = 60


def converse(stream, content):
    """Sends `content` and its end, and gives what came back until the end."""
    with stream:
        sender = threading.Thread(target=lambda: (stream.sendall(content), stream.shutdown(socket.SHUT_WR)))
        sender.start()
        got = bytearray()
        while piece := stream.recv(65536):
            got += piece
        sender.join()
        return bytes(got)


def echo_streams(listener):
    def echo(stream):
        with stream:
            while piece := stream.recv(65536):
                stream.sendall(piece)

    def accept():
        try:
            while True:
                threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
        except OSError:
            pass  # closed: the test is over

    threading.Thread(target=accept, daemon=True).start()


def echo_datagrams(endpoint):
    def echo():
        try:
            while True:
                endpoint.sendto(*endpoint.recvfrom(65535))
        except OSError:
            pass

    threading.Thread(target=echo, daemon=True).start()


class Windows:
    """What both places share; the rest of a place is `start_windows`, `far`, `listen`, `udp`, `door` and `linux_run`."""

    def serve(self, program, *words, says="listening", **options):
        started = self.start_windows(program, *words, serves=True, **options)
        if says:
            started.wait_to_say(says)
        return started

    def linux_echo(self, family):
        listener = self.listen(family)
        listener.settimeout(None)
        echo_streams(listener)
        return listener.getsockname()[1]

    def linux_udp_echo(self, family):
        endpoint = self.udp(family)
        endpoint.settimeout(None)
        echo_datagrams(endpoint)
        return endpoint.getsockname()[1]

    def check_echoes(self, family, connections, size):
        """So many connections at once, each with bytes of its own."""
        contents = [random.Random(seed).randbytes(size) for seed in range(connections)]
        streams = [self.connect(family) for _ in contents]
        got = [None] * connections

        def run(i):
            got[i] = converse(streams[i], contents[i])

        threads = [threading.Thread(target=run, args=(i,)) for i in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_SECONDS)
        for i in range(connections):
            self.assertTrue(got[i] == contents[i], f"connection {i} of {connections}")

    def linux_asks(self, family, datagram):
        """The answer to a datagram, which is sent again until the program is there."""
        with self.open_udp(family) as asker:
            asker.settimeout(0.5)
            for _ in range(2 * START_SECONDS_MAX):
                try:
                    asker.sendto(datagram, self.door(family))
                    return asker.recv(65535)
                except (TimeoutError, ConnectionRefusedError):
                    continue
        self.fail("no answer came")

    def check_answer(self, program, answer, code=0):
        self.assertEqual(program.process.stdout.read(), answer, program.error)
        self.check_exit(program, code)


class OverTun(Windows, TunCase):
    families = (4, 6)
    datagram_bytes = {4: 5000, 6: 5000}

    def setUp(self):
        if reason := missing_right():
            self.fail(reason)
        super().setUp()
        self.sites = 1

    def start_windows(self, program, *words, serves=False, link=None, address="10.9.0.2/24,fd09::2/64", gateway="", **options):
        way = ("--gateway", gateway) if gateway else ()
        started = self.lab.start(self.linux, shutil.which("stdbuf"), "-oL", BIN / "oriel", "run", "--link",
                                 link or self.link, "--address", address, *way, "--", BIN / program, *words, **options)
        if serves:
            self.linux.wait_for_carrier("oriel0")
        return started

    def start_another(self, program, *words, **options):
        """Beside the first one, at a site of its own."""
        site, self.sites = self.sites, self.sites + 1
        self.linux.add_tun(f"oriel{site}", f"10.9.{site}.1/24")
        return self.start_windows(program, *words, link=f"tun:oriel{site}", address=f"10.9.{site}.2/24",
                                  gateway=f"10.9.{site}.1", **options)

    def route_between_sites(self):
        done = self.linux.run("sysctl", "-w", "net.ipv4.ip_forward=1")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {"gateway": "10.9.0.1"}  # for the first program

    def far(self, family):
        return LINUX[family]

    def door(self, family):
        return ORIEL[family], PORT

    windows_door = door

    def listen(self, family):
        return self.lab.keep(self.linux.listen(LINUX[family]))

    def udp(self, family):
        return self.lab.keep(self.linux.udp(LINUX[family]))

    def open_udp(self, family):
        return self.linux.udp(LINUX[family])

    def connect(self, family):
        return self.linux.connect(*self.door(family))

    def linux_run(self, *words):
        return self.linux.run(*words)


class OverUser(Windows, InteropCase):
    datagram_bytes = {4: 5000, 6: 1200}  # libslirp has no fragments of IPv6

    def setUp(self):
        super().setUp()
        self.families = (4, 6) if has_ipv6() else (4,)
        self.outer = free_port()

    def start_windows(self, program, *words, serves=False, **options):
        doors = ("--publish", f"{self.outer}:{PORT},udp/{self.outer}:{PORT}") if serves else ()
        return self.lab.start(None, shutil.which("stdbuf"), "-oL", BIN / "oriel", "run", *doors, "--", BIN / program,
                              *words, **options)

    start_another = start_windows

    def route_between_sites(self):
        return {}

    def far(self, family):
        return USER[family][2]

    def door(self, family):
        return USER[family][1], self.outer

    def windows_door(self, family):
        """Where another Windows program finds the one that serves."""
        return USER[family][2], self.outer

    def listen(self, family):
        kind, address, _ = USER[family]
        return self.lab.keep(socket.create_server((address, 0), family=kind))

    def open_udp(self, family):
        kind, address, _ = USER[family]
        endpoint = socket.socket(kind, socket.SOCK_DGRAM)
        endpoint.bind((address, 0))
        return endpoint

    def udp(self, family):
        return self.lab.keep(self.open_udp(family))

    def connect(self, family):
        """A published port takes connections before the program listens, and resets them: so ask until it answers."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                return socket.create_connection(self.door(family), timeout=WAIT_SECONDS)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def linux_run(self, *words):
        return subprocess.run([str(w) for w in words], capture_output=True, timeout=WAIT_SECONDS,
                              env={"PATH": os.environ["PATH"]})
