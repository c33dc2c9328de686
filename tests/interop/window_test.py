#!/usr/bin/env python3
"""Does Linux see the receive window that Oriel says it sent, and does the wire show the mode that a program set?"""
import functools
import hashlib
import http.server
import json
import os
import re
import struct
import subprocess
import threading
import time
import unittest.mock

import cases
from cases import LINUX, ORIEL_ADDRESSES, PORT, TunCase
from linux_test import QuietHandler
from netlab import BIN
from windows_cases import OverTun

BYTES = 64 << 20
AGREE_SECONDS_MAX = 10
# mode: scale in the SYN, first field without SYN, true window it stands for, ceiling
MODES = {"host": (8, 256, 65536, 16776960), "shift-two": (2, 16384, 65536, 262140), "no-scaling": (-1, 65535, 65535, 65535)}


class WindowSeenByLinux(TunCase):
    """The kernel's own view of the connection (ss) beside TcpInfo's."""

    def kernel_view(self, port):
        lines = self.linux.run("ss", "-tinH", "state", "established", "sport", "=", f":{port}").stdout.decode()
        scale = re.search(r"\bwscale:(\d+),", lines)
        window = re.search(r"\bsnd_wnd:(\d+)", lines)
        return int(scale.group(1)) if scale else -1, int(window.group(1)) if window else None, lines

    def check_agreement(self, port, told):
        """The last ACK may still be on its way."""
        deadline = time.monotonic() + AGREE_SECONDS_MAX
        while True:
            scale, window, lines = self.kernel_view(port)
            if (scale, window) == (told["window_scale_sent"], told["rcv_wnd"]) or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        if window is None:
            self.skipTest("this kernel or ss does not tell snd_wnd")
        self.assertEqual((scale, window), (told["window_scale_sent"], told["rcv_wnd"]), lines)

    def test_scale_and_window_at_the_start_and_after_a_download(self):
        for family in (4, 6):
            for mode, (scale, field, start, ceiling) in MODES.items():
                with self.subTest(family=family, mode=mode):
                    listener = self.lab.keep(self.linux.listen(LINUX[family]))
                    port = listener.getsockname()[1]
                    address = LINUX[family] if family == 4 else f"[{LINUX[family]}]"
                    host = self.host("window", f"{address}:{port}", mode, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                    stream = self.lab.keep(listener.accept()[0])
                    stream.settimeout(60)
                    told = json.loads(host.process.stdout.readline())
                    self.assertEqual(told["window_scale_sent"], scale)
                    self.assertEqual(told["first_window_field"], field)
                    self.assertEqual(told["window_bytes_start"], start)
                    self.check_agreement(port, told)
                    sender = threading.Thread(target=stream.sendall, args=(bytes(BYTES),))
                    sender.start()
                    host.process.stdin.write(f"read {BYTES}\n".encode())
                    host.process.stdin.flush()
                    told = json.loads(host.process.stdout.readline())
                    sender.join()
                    self.assertLessEqual(told["rcv_wnd_max"], ceiling)
                    self.check_agreement(port, told)
                    host.process.stdin.close()
                    self.check_exit(host)


def tcp_segments(path):
    """(is from Oriel, flags, window field, {option kind: value}) of each TCP segment over IPv4 in a capture of raw IP."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        captured = struct.unpack_from(order + "I", data, at + 8)[0]
        packet = data[at + 16:at + 16 + captured]
        at += 16 + captured
        if packet[0] >> 4 != 4 or packet[9] != 6:
            continue
        tcp = packet[(packet[0] & 15) * 4:]
        options, i, end = {}, 20, (tcp[12] >> 4) * 4
        while i < end and tcp[i] != 0:
            if tcp[i] == 1:
                i += 1
                continue
            options[tcp[i]] = tcp[i + 2:i + tcp[i + 1]]
            i += tcp[i + 1]
        yield packet[12:16] == bytes([10, 9, 0, 2]), tcp[13], struct.unpack_from(">H", tcp, 14)[0], options


class CompatDownloader(TunCase):
    """The example downloads from Linux; its capture shows the mode that it asked for."""

    SYN, ACK, WSOPT = 2, 16, 3

    def test_capture_shows_scale_two(self):
        folder = self.lab.path("served")
        folder.mkdir()
        content = os.urandom(8 << 20)
        (folder / "file.bin").write_bytes(content)
        with self.linux.entered():
            server = http.server.ThreadingHTTPServer((LINUX[4], 0),
                                                     functools.partial(QuietHandler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(lambda: (server.shutdown(), server.server_close()))
        for name in ("winsock_compat_downloader", "winsock_compat_downloader_cxx"):
            with self.subTest(name=name):
                capture = self.lab.path(f"{name}.pcap")
                run = self.lab.start(self.linux, "oriel", "run", "--link", self.link, "--address", ORIEL_ADDRESSES,
                                     "--pcap", capture, "--", BIN / name, LINUX[4],
                                     server.server_address[1], "/file.bin", stdout=subprocess.PIPE)
                got = run.process.stdout.read()
                self.check_exit(run)
                self.assertEqual(hashlib.sha256(got).hexdigest(), hashlib.sha256(content).hexdigest())
                self.assertEqual(run.error, "")
                ours = [s for s in tcp_segments(capture) if s[0]]
                syn = ours[0]
                self.assertEqual(syn[1], self.SYN)
                self.assertEqual(syn[3][self.WSOPT], b"\x02")
                self.assertLessEqual(syn[2], 65535)
                fields = [field for _, flags, field, _ in ours[1:] if flags & self.ACK and not flags & self.SYN]
                self.assertEqual(fields[0], 16384)
                self.assertLessEqual(max(fields) << 2, 262140)
                self.assertGreater(max(fields), 16384, "and it was tuned")


class SettingsOfARunningProgram(OverTun):
    """What oriel netsh sets while a program runs: its next connections follow, those it has keep theirs."""

    def setUp(self):
        super().setUp()
        self.store, policy = self.lab.path("settings.toml"), self.lab.path("policy.toml")
        policy.write_text("")
        changed = unittest.mock.patch.dict(os.environ, ORIEL_SETTINGS=str(self.store), ORIEL_POLICY=str(policy))
        changed.start()
        self.addCleanup(changed.stop)

    def set_level(self, level):
        subprocess.run([BIN / "oriel", "netsh", "interface", "tcp", "set", "global", f"autotuninglevel={level}"],
                       check=True, stdout=subprocess.DEVNULL, timeout=30)

    def scale_of(self, stream):
        """The factor in the SYN-ACK, as the kernel has it; -1: it said nothing of scaling."""
        here = stream.getsockname()[1]
        lines = self.linux.run("ss", "-tinH", "state", "established", "sport", "=", f":{here}").stdout.decode()
        scale = re.search(r"\bwscale:(\d+),", lines)
        return int(scale.group(1)) if scale else -1

    def scale_of_a_new_one(self, wanted):
        """Connects until the program has heard of the change."""
        deadline = time.monotonic() + AGREE_SECONDS_MAX
        while True:
            with self.connect(4) as stream:
                scale = self.scale_of(stream)
            if scale == wanted or time.monotonic() > deadline:
                return scale
            time.sleep(0.05)

    def test_new_connections_follow_and_old_ones_keep_theirs(self):
        self.serve("winsock_select_server", PORT)
        first = self.lab.keep(self.connect(4))
        self.assertEqual(self.scale_of(first), 8)
        for level, scale in (("highlyrestricted", 2), ("disabled", -1), ("experimental", 14), ("normal", 8)):
            self.set_level(level)
            self.assertEqual(self.scale_of_a_new_one(scale), scale, level)
            self.assertEqual(self.scale_of(first), 8)


if __name__ == "__main__":
    cases.main()
