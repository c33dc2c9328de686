#!/usr/bin/env python3
"""Do files arrive whole between Oriel and Linux, in both directions and both families, near and over bad paths?"""
import cases
from cases import LINUX, ORIEL, PORT, Content, Tally, Task, TunCase, WireCase
from netlab import IS_FULL

DIRECT_BYTES = 1 << 30
PATH_BYTES = (256 if IS_FULL else 16) << 20


class DirectFiles(TunCase):
    """1 GiB over an offloaded TUN device."""

    @classmethod
    def setUpClass(cls):
        cls.content = Content(DIRECT_BYTES)

    def test_oriel_sends_over_ipv4(self):
        self.oriel_sends(self.content, 4)

    def test_oriel_sends_over_ipv6(self):
        self.oriel_sends(self.content, 6)

    def test_linux_sends_over_ipv4(self):
        self.linux_sends(self.content, 4)

    def test_linux_sends_over_ipv6(self):
        self.linux_sends(self.content, 6)


class PlainFiles(TunCase):
    """A TUN device without offload: every segment is one packet, every checksum is computed."""

    def setUp(self):
        super().setUp()
        self.content = Content(PATH_BYTES * 4)

    def check_oriel_sends(self, family):
        path = self.content.write_to(self.lab.path("sent"))
        listener = self.lab.keep(self.linux.listen(LINUX[family]))
        host = self.host("send", f"[{LINUX[family]}]:{listener.getsockname()[1]}" if family == 6 else
                         f"{LINUX[family]}:{listener.getsockname()[1]}", path, link="plain:oriel0")
        stream = self.lab.keep(listener.accept()[0])
        tally = Tally().drain(stream)
        stream.close()
        self.check_exit(host)
        self.check_tally(tally, self.content)

    def check_linux_sends(self, family):
        path = self.lab.path("received")
        host = self.host("receive", PORT, path, link="plain:oriel0")
        stream = self.lab.keep(self.linux.connect(ORIEL[family], PORT))
        self.content.send_by(stream)
        stream.close()
        self.check_exit(host)
        self.check_tally(Tally.of_file(path), self.content)

    def test_oriel_sends_over_ipv4(self):
        self.check_oriel_sends(4)

    def test_oriel_sends_over_ipv6(self):
        self.check_oriel_sends(6)

    def test_linux_sends_over_ipv4(self):
        self.check_linux_sends(4)

    def test_linux_sends_over_ipv6(self):
        self.check_linux_sends(6)


class BadPaths(WireCase):
    """Loss, reordering, duplication, corruption and small packets in between."""

    def setUp(self):
        TunCase.setUp(self)
        self.content = Content(PATH_BYTES)

    def check_both(self, family, *options, size=None):
        if size:
            self.content = Content(size)
        self.through("--delay", "2ms", "--rate", "400mbit", "--queue", "500kb", "--seed", "7", *options)
        self.oriel_sends(self.content, family)
        self.linux_sends(self.content, family)
        both = self.lab.wire_statistics(self.wire)
        return {name: both["a_to_b"][name] + both["b_to_a"][name] for name in both["a_to_b"]}

    def test_loss_of_one_in_a_hundred(self):
        self.assertGreater(self.check_both(4, "--loss", "1%")["lost"], 100)

    def test_loss_over_ipv6(self):
        self.assertGreater(self.check_both(6, "--loss", "0.5%")["lost"], 50)

    def test_loss_in_bursts(self):
        self.assertGreater(self.check_both(4, "--burst-loss", "0.1%", "--burst-length", "6")["lost"], 20)

    def test_reordering(self):
        self.assertGreater(self.check_both(4, "--reorder", "2%", "--reorder-delay", "1ms")["reordered"], 100)

    def test_duplication(self):
        self.assertGreater(self.check_both(4, "--duplicate", "2%")["duplicated"], 100)

    def test_flipped_bits(self):
        self.assertGreater(self.check_both(4, "--corrupt", "0.2%")["corrupted"], 20)

    def test_small_packets_over_ipv4(self):
        self.assertGreater(self.check_both(4, "--mtu", "600", size=PATH_BYTES // 2)["too_big"], 0)

    def test_small_packets_over_ipv6(self):
        self.assertGreater(self.check_both(6, "--mtu", "1280", size=PATH_BYTES // 2)["too_big"], 0)

    def test_everything_at_once(self):
        self.check_both(6, "--loss", "0.5%", "--reorder", "1%", "--duplicate", "1%", "--corrupt", "0.1%", "--mtu",
                        "1300", "--jitter", "1ms", size=PATH_BYTES // 4)


class UnixLink(cases.InteropCase):
    """Two Oriel hosts and the wire between them, all without any right."""

    def test_a_file_between_two_hosts(self):
        content = Content(PATH_BYTES)
        path = content.write_to(self.lab.path("sent"))
        self.lab.open_to_everybody()
        ends = [f"unix:{self.lab.path(name)}" for name in ("a.sock", "b.sock")]
        wire = self.lab.start_as_nobody("oriel", "wire", "--a", ends[0], "--b", ends[1], "--delay", "1ms")
        wire.wait_to_say("ready")
        receiver = self.lab.start_as_nobody("oriel", "nc", "--link", ends[0], "--address", "10.9.0.1/24,fd09::1/64",
                                            "--listen", PORT, "--receive", self.lab.path("received"))
        for _ in range(100):  # until the other end listens
            sender = self.lab.start_as_nobody("oriel", "nc", "--link", ends[1], "--address", "10.9.0.2/24,fd09::2/64",
                                              LINUX[6], PORT, "--send", path)
            if sender.wait() == 0 or "connection refused" not in sender.error:
                break
        self.check_exit(sender)
        self.check_exit(receiver)
        self.check_tally(Tally.of_file(self.lab.path("received")), content)


if __name__ == "__main__":
    cases.main()
