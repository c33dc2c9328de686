#!/usr/bin/env python3
"""Receive windows against a Linux sender at 100 ms: the modes' limits in real time, and what boxes on the way do.

Oriel connects and reads, Linux sends all along. The kernel's own view (ss -ti) stands beside what Oriel says it sent.
"""
import json
import re
import socket
import subprocess
import threading
import time

import cases
from cases import LINUX, WireCase

RTT = 0.1
TRIPS_BEFORE = 15   # slow start and tuning are over
TRIPS_MEASURED = 40
TRIES = 4
CHUNK = bytes(1 << 16)


class WindowCase(WireCase):
    """Linux sends as much as it may, Oriel reads."""

    def serve(self):
        """A listener whose first connection gets bytes until it ends."""
        listener = self.lab.keep(self.linux.listen(LINUX[4]))
        # Slow start until the window ends it. BBR, which some machines have as default, believes a busy moment's rate for long.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")

        def send():
            stream = listener.accept()[0]
            stream.settimeout(None)
            try:
                while True:
                    stream.sendall(CHUNK)
            except OSError:
                stream.close()

        threading.Thread(target=send, daemon=True).start()
        return listener.getsockname()[1]

    def start(self, mode, port):
        return self.nc(LINUX[4], port, "--mode", mode, "--receive", "-", "--info", "--json", stdout=subprocess.PIPE)

    def kernel_view(self, port):
        """What the kernel has of the connection: (Oriel's scale, Oriel's window, round trip in seconds)."""
        text = self.linux.run("ss", "-tinH", "state", "established", "sport", "=", str(port)).stdout.decode()
        scale = re.search(r"wscale:(\d+),(\d+)", text)
        window = re.search(r"snd_wnd:(\d+)", text)
        trip = re.search(r"\brtt:([\d.]+)/", text)
        return ((int(scale.group(1)) if scale else None), (int(window.group(1)) if window else None),
                float(trip.group(1)) / 1000)

    def read_for(self, stream, seconds, enough=float("inf")):
        """Bytes that came meanwhile, or until there were enough."""
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end and count <= enough:
            got = stream.read1(1 << 20)
            if not got:
                break
            count += len(got)
        return count


class ReceiveWindows(WindowCase):
    path_options = ("--delay", "50ms", "--rate", "1gbit", "--queue", "16mb")

    def goodput_and_views(self, mode):
        port = self.serve()
        nc = self.start(mode, port)
        self.read_for(nc.process.stdout, TRIPS_BEFORE * RTT)
        began = time.monotonic()
        count = self.read_for(nc.process.stdout, TRIPS_MEASURED * RTT)
        took = time.monotonic() - began
        kernel = self.kernel_view(port)
        nc.process.terminate()
        nc.process.stdout.read()  # it may wait for room in the pipe
        nc.wait()
        return count * 8 / took, kernel, json.loads(nc.error[nc.error.index("{"):])

    def check_limit(self, mode, window, scale):
        # A busy machine adds to the round trip and slows the path down at times; a wrong window does so each time.
        for _ in range(TRIES):
            bps, (kernel_scale, kernel_window, trip), info = self.goodput_and_views(mode)
            wanted = 0.95 * window * 8 / max(RTT, trip)
            if bps > wanted:
                break
        self.assertGreater(bps, wanted, mode)
        self.assertLess(bps, 1.05 * window * 8 / RTT, mode)
        self.assertEqual(info["rcv_wnd_max"], window)
        self.assertEqual(info["window_scale_sent"], -1 if scale is None else scale)
        self.assertEqual(kernel_scale, scale, "the kernel's wscale")
        if kernel_window is not None:
            self.assertLessEqual(kernel_window, window)
            self.assertGreater(kernel_window, window // 2)

    def test_a_factor_of_2(self):
        self.check_limit("autotuning-vista", 262_140, 2)

    def test_no_scaling(self):
        self.check_limit("autotuning-xp", 65_535, None)

    def test_registry_window(self):
        self.check_limit("xp-tcpwindowsize-1073741823-tcp1323opts-1", 1_048_560, 4)


class Boxes(WindowCase):
    """The same path with a box in it; end a is Oriel's."""

    def setUp(self):
        cases.TunCase.setUp(self)  # the wire comes with the box

    def run_through(self, box, mode, seconds=3, enough=float("inf")):
        self.through("--delay", "50ms", "--rate", "1gbit", "--middlebox", box)
        port = self.serve()
        nc = self.start(mode, port)
        count = []
        reader = threading.Thread(target=lambda: count.append(self.read_for(nc.process.stdout, seconds, enough)), daemon=True)
        reader.start()
        reader.join(seconds)
        nc.process.terminate()
        nc.wait()
        reader.join()
        return sum(count), self.lab.wire_statistics(self.wire)["b_to_a"]["box_dropped"]

    def test_a_blind_gateway_stalls_the_default(self):
        received, dropped = self.run_through("scale-blind-gateway", "default")
        self.assertEqual(received, 0)
        self.assertGreater(dropped, 0)

    def test_a_blind_gateway_lets_a_factor_of_2_through(self):
        received, _ = self.run_through("scale-blind-gateway", "autotuning-vista")
        self.assertGreater(received, 100_000)

    def test_an_aware_gateway_drops_nothing(self):
        received, dropped = self.run_through("scale-aware-gateway", "default", seconds=30, enough=5_000_000)
        self.assertGreater(received, 5_000_000)
        self.assertEqual(dropped, 0)

    def test_a_peer_that_obeys_the_field_dribbles(self):
        received, _ = self.run_through("field-obeying-peer=b", "default")
        self.assertGreater(received, 0)
        self.assertLess(received, 20_000)


if __name__ == "__main__":
    cases.main()
