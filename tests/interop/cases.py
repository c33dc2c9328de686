"""What the interop tests share: the two ends, how to attach Oriel to the one across, and how a file of tests runs.

Linux has 10.9.0.1 and fd09::1 in a namespace of its own; Oriel has 10.9.0.2 and fd09::2. Exit 77 with a reason
when the rights are missing, which ctest reports as skipped.
"""
import json
import sys
import unittest

from bytes_and_sums import Content, Tally, Task
from netlab import Lab, missing_program, missing_right

LINUX = {4: "10.9.0.1", 6: "fd09::1"}
ORIEL = {4: "10.9.0.2", 6: "fd09::2"}
ORIEL_ADDRESSES = "10.9.0.2/24,fd09::2/64"
PORT = 9000
SKIPPED = 77


class InteropCase(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)

    def check_tally(self, tally, content):
        self.assertEqual((tally.size, tally.sum), (content.size, content.sum), "bytes and checksum that arrived")

    def check_exit(self, program, code=0, timeout=60):
        self.assertEqual(program.wait(timeout), code, program.error)


class TunCase(InteropCase):
    """Linux and Oriel at the two ends of one TUN device."""

    def setUp(self):
        super().setUp()
        self.linux = self.lab.namespace()
        self.linux.add_tun("oriel0", "10.9.0.1/24", "fd09::1/64")
        self.link = "tun:oriel0"

    def nc(self, *words, **options):
        return self.lab.start(self.linux, "oriel", "nc", "--link", self.link, "--address", ORIEL_ADDRESSES, *words,
                              **options)

    def host(self, verb, *words, link=None, **options):
        """Starts the test program `interop_host` and waits until its host stands."""
        program = self.lab.start(self.linux, "interop_host", verb, link or self.link, ORIEL_ADDRESSES, *words,
                                 **options)
        program.wait_to_say("ready")
        return program

    def oriel_sends(self, content, family, **options):
        path = content.write_to(self.lab.path("sent"))
        listener = self.lab.keep(self.linux.listen(LINUX[family]))
        nc = self.nc(LINUX[family], listener.getsockname()[1], "--send", path, "--info", "--json", **options)
        stream = self.lab.keep(listener.accept()[0])
        stream.settimeout(60)
        tally = Tally().drain(stream)
        stream.close()
        self.check_exit(nc)
        self.check_tally(tally, content)
        return json.loads(nc.error)

    def linux_sends(self, content, family, **options):
        path = self.lab.path("received")
        nc = self.nc("--listen", PORT, "--receive", path, "--info", "--json", **options)
        stream = self.lab.keep(self.linux.connect(ORIEL[family], PORT))
        content.send_by(stream)
        stream.close()
        self.check_exit(nc)
        self.check_tally(Tally.of_file(path), content)
        return json.loads(nc.error)


class WireCase(TunCase):
    """The same with `oriel wire` between: Oriel's end is a Unix socket."""

    path_options = ()

    def setUp(self):
        super().setUp()
        self.through(*self.path_options)

    def through(self, *options):
        unix = f"unix:{self.lab.path('oriel.sock')}"
        self.wire = self.lab.wire(self.linux, unix, "tun:oriel0", *options)
        self.link = unix


def main():
    if reason := missing_program():
        sys.exit(reason)
    reason = missing_right()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)


__all__ = ["Content", "InteropCase", "LINUX", "ORIEL", "ORIEL_ADDRESSES", "PORT", "Tally", "Task", "TunCase", "WireCase",
           "main"]
