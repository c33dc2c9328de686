#!/usr/bin/env python3
"""Do half-close, reset, stalls, vanishing devices, ping and datagrams mean the same to Oriel and to Linux?"""
import json
import os
import signal
import socket
import struct
import subprocess
import time

import cases
from cases import LINUX, ORIEL, PORT, Content, Tally, Task, TunCase
from netlab import IS_FULL

STALL_SECONDS = 60 if IS_FULL else 4
DATAGRAM_BYTES = 20_000
RESET_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER


def endpoint(family, address, port):
    return f"[{address}]:{port}" if family == 6 else f"{address}:{port}"


class Starting(TunCase):
    def test_the_first_syn_is_answered_though_the_device_has_just_come_up(self):
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        for round in range(10):  # the kernel gives a carrier that went a second before it looks again
            nc = self.nc(LINUX[4], listener.getsockname()[1], "--info", "--json")
            stream = self.lab.keep(listener.accept()[0])
            stream.close()
            self.check_exit(nc)
            self.assertEqual(json.loads(nc.error)["syn_retransmits"], 0, f"round {round}")


class Closing(TunCase):
    def test_linux_answers_after_oriel_has_half_closed(self):
        request, answer = Content(3 << 20, seed=2), Content(5 << 20, seed=3)
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        nc = self.nc(LINUX[4], listener.getsockname()[1], "--send", request.write_to(self.lab.path("request")),
                     stdout=self.lab.keep(open(self.lab.path("answer"), "wb")))
        stream = self.lab.keep(listener.accept()[0])
        self.check_tally(Tally().drain(stream), request)
        answer.send_by(stream)
        stream.close()
        self.check_exit(nc)
        self.check_tally(Tally.of_file(self.lab.path("answer")), answer)

    def test_oriel_answers_after_linux_has_half_closed(self):
        request, answer = Content(3 << 20, seed=2), Content(5 << 20, seed=3)
        nc = self.nc("--listen", PORT, "--send", answer.write_to(self.lab.path("answer")),
                     stdout=self.lab.keep(open(self.lab.path("request"), "wb")))
        stream = self.lab.keep(self.linux.connect(ORIEL[6], PORT))
        sender = Task(lambda: (request.send_by(stream), stream.shutdown(socket.SHUT_WR)))
        self.check_tally(Tally().drain(stream), answer)
        sender.result()
        self.check_exit(nc)
        self.check_tally(Tally.of_file(self.lab.path("request")), request)

    def test_reset_by_linux_in_mid_transfer(self):
        content = Content(64 << 20)
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        nc = self.nc(LINUX[4], listener.getsockname()[1], "--send", content.write_to(self.lab.path("sent")))
        stream = self.lab.keep(listener.accept()[0])
        self.assertTrue(stream.recv(100_000))
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        stream.close()
        self.check_exit(nc, 1, timeout=10)
        self.assertIn("reset", nc.error)

    def test_reset_by_oriel_in_mid_transfer(self):
        nc = self.nc("--listen", PORT, "--receive", "/dev/null")
        stream = self.lab.keep(self.linux.connect(ORIEL[4], PORT))
        stream.sendall(bytes(1 << 20))
        nc.process.send_signal(signal.SIGTERM)
        with self.assertRaises(ConnectionResetError):
            while True:
                stream.sendall(bytes(1 << 20))
        self.check_exit(nc, 1, timeout=10)

    def test_stopped_before_anybody_came(self):
        nc = self.nc("--listen", PORT, "--receive", "/dev/null")
        self.linux.wait_for_carrier("oriel0")
        nc.process.send_signal(signal.SIGTERM)
        self.check_exit(nc, 1, timeout=5)

    def test_refused_by_linux(self):
        nc = self.nc(LINUX[4], 1, "--send", "/dev/null")
        self.check_exit(nc, 1, timeout=10)
        self.assertIn("refused", nc.error)

    def test_refused_by_oriel(self):
        self.nc("--listen", PORT, "--receive", "/dev/null")
        self.lab.keep(self.linux.connect(ORIEL[6], PORT))
        with self.linux.entered():
            stream = self.lab.keep(socket.socket(socket.AF_INET6))
        stream.settimeout(10)
        with self.assertRaises(ConnectionRefusedError):
            stream.connect((ORIEL[6], PORT + 1))


class Stalls(TunCase):
    """A reader that stops reading for a while; the minute runs with ORIEL_INTEROP_FULL=1 and on virtual time."""

    content_bytes = 40 << 20

    def test_linux_stops_reading(self):
        content = Content(self.content_bytes)
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        nc = self.nc(LINUX[4], listener.getsockname()[1], "--send", content.write_to(self.lab.path("sent")))
        stream = self.lab.keep(listener.accept()[0])
        time.sleep(STALL_SECONDS)
        self.check_tally(Tally().drain(stream), content)
        stream.close()
        self.check_exit(nc)

    def test_oriel_stops_reading(self):
        content = Content(self.content_bytes)
        nc = self.nc("--listen", PORT, "--receive", "-", stdout=subprocess.PIPE)
        stream = self.lab.keep(self.linux.connect(ORIEL[4], PORT))
        sender = Task(lambda: (content.send_by(stream), stream.close()))
        time.sleep(STALL_SECONDS)
        self.assertTrue(sender.is_alive(), "the window never closed")
        tally = Tally()
        while piece := os.read(nc.process.stdout.fileno(), 1 << 16):
            tally.add(piece)
        sender.result()
        self.check_tally(tally, content)
        self.check_exit(nc)


class LostDevices(TunCase):
    def check_end(self, nc):
        time.sleep(0.3)
        self.linux.ip("link del oriel0")
        started = time.monotonic()
        self.check_exit(nc, 1, timeout=15)
        self.assertLess(time.monotonic() - started, 5, "seconds until the program noticed")
        self.assertRegex(nc.error, r"(?m)^oriel nc: .*device")

    def test_gone_while_oriel_sends(self):
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        nc = self.nc(LINUX[4], listener.getsockname()[1], "--send", "/dev/zero")
        stream = self.lab.keep(listener.accept()[0])
        stream.settimeout(60)
        reader = Task(lambda: Tally().drain(stream))
        self.check_end(nc)
        stream.shutdown(socket.SHUT_RDWR)
        reader.result()

    def test_gone_while_oriel_receives(self):
        nc = self.nc("--listen", PORT, "--receive", "/dev/null")
        stream = self.lab.keep(self.linux.connect(ORIEL[4], PORT))
        stream.settimeout(60)

        def send_for_ever():
            try:
                while True:
                    stream.sendall(bytes(1 << 20))
            except OSError:
                return

        sender = Task(send_for_ever)
        self.check_end(nc)
        stream.shutdown(socket.SHUT_RDWR)
        sender.result()

    def test_gone_under_a_wire(self):
        other = f"unix:{self.lab.path('other.sock')}"
        wire = self.lab.wire(self.linux, "tun:oriel0", other)
        self.linux.ip("link del oriel0")
        self.check_exit(wire, 1, timeout=5)
        self.assertRegex(wire.error, r"(?m)^oriel wire: .*gone")


class Echoes(TunCase):
    def check_linux_pings(self, family, size):
        done = self.linux.run("ping", f"-{family}", "-c", 3, "-i", 0.2, "-W", 5, "-s", size, ORIEL[family])
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        self.assertIn(b"3 received", done.stdout)

    def test_linux_pings(self):
        self.host("idle")
        for family in (4, 6):
            for size in (56, 9000):  # the larger comes and goes in fragments
                with self.subTest(family=family, size=size):
                    self.check_linux_pings(family, size)

    def test_oriel_pings(self):
        for family in (4, 6):
            for size in (56, 9000):
                with self.subTest(family=family, size=size):
                    self.check_exit(self.host("ping", LINUX[family], size, 3), timeout=20)


class Datagrams(TunCase):
    """20,000 bytes each: fourteen fragments."""

    count = 200

    def test_linux_asks(self):
        self.host("udp_echo", PORT)
        for family in (4, 6):
            with self.subTest(family=family):
                asker = self.lab.keep(self.linux.udp(LINUX[family]))
                for number in range(self.count):
                    sent = bytes([number]) * DATAGRAM_BYTES
                    asker.sendto(sent, (ORIEL[family], PORT))
                    self.assertEqual(asker.recv(65536), sent)

    def test_oriel_asks(self):
        for family in (4, 6):
            with self.subTest(family=family):
                echo = self.lab.keep(self.linux.udp(LINUX[family]))

                def answer():
                    for _ in range(self.count):
                        echo.sendto(*echo.recvfrom(65536))

                server = Task(answer)
                host = self.host("udp_ask", endpoint(family, LINUX[family], echo.getsockname()[1]), DATAGRAM_BYTES,
                                 self.count)
                server.result()
                self.check_exit(host)


if __name__ == "__main__":
    cases.main()
