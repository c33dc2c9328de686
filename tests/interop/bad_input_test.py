#!/usr/bin/env python3
"""Does the command line answer what cannot work with one sentence and exit code 2?"""
import cases
from cases import ORIEL_ADDRESSES, PORT, TunCase

ADDRESS = ("--address", ORIEL_ADDRESSES)


class BadInput(TunCase):
    def check_refused(self, *words, namespace=True, says="."):
        program = self.lab.start(self.linux if namespace else None, "oriel", *words)
        self.check_sentence(program, says)

    def check_sentence(self, program, says):
        self.check_exit(program, 2, timeout=10)
        lines = [line for line in program.error.splitlines() if not line.startswith("Try ")]
        self.assertEqual(len(lines), 1, program.error)
        self.assertRegex(lines[0], r"^oriel( \w+)?: .")
        self.assertRegex(lines[0], says)

    def test_a_device_that_the_kernel_cannot_make(self):
        self.check_refused("nc", "--link", "tun:a/b", *ADDRESS, "--listen", PORT)

    def test_a_kind_of_device_that_does_not_exist(self):
        self.check_refused("nc", "--link", "radio:oriel0", *ADDRESS, "--listen", PORT, says="tun:")

    def test_a_device_that_is_not_there(self):
        self.check_refused("nc", "--link", "tun:nosuch0", *ADDRESS, "--listen", PORT, says="nosuch0")

    def test_a_unix_path_that_another_program_listens_on(self):
        ends = [f"unix:{self.lab.path(name)}" for name in ("a.sock", "b.sock", "c.sock")]
        self.lab.wire(self.linux, ends[0], ends[1])
        self.check_refused("wire", "--a", ends[2], "--b", ends[0], says="a.sock")

    def test_a_unix_path_where_nobody_listens(self):
        self.check_refused("nc", "--link", "unix:/nowhere/at.sock", *ADDRESS, "--listen", PORT)

    def test_a_device_that_another_program_holds(self):
        self.host("idle")
        self.check_refused("nc", "--link", "tun:oriel0", *ADDRESS, "--listen", PORT, says="oriel0")

    def test_missing_rights(self):
        self.lab.open_to_everybody()
        program = self.lab.start_as_nobody("oriel", "nc", "--link", "tun:oriel1", *ADDRESS, "--listen", PORT)
        self.check_sentence(program, "right|permi|root")

    def test_a_malformed_address(self):
        for address in ("10.0.0.256/24", "10.0.0.2/33", "fd00::1/129", "here", ""):
            with self.subTest(address=address):
                self.check_refused("nc", "--link", "tun:oriel0", "--address", address, "--listen", PORT)

    def test_a_malformed_peer(self):
        self.check_refused("nc", "--link", "tun:oriel0", *ADDRESS, "10.0.0.1.1", PORT, says="10.0.0.1.1")
        self.check_refused("nc", "--link", "tun:oriel0", *ADDRESS, "10.0.0.1", "70000", says="70000")

    def test_a_file_that_is_not_there(self):
        self.check_refused("nc", "--link", "tun:oriel0", *ADDRESS, cases.LINUX[4], PORT, "--send", "/nowhere/at/all")

    def test_a_rate_of_zero(self):
        self.check_refused("wire", "--a", "unix:/tmp/a", "--b", "unix:/tmp/b", "--rate", "0", says="rate")
        self.check_refused("lab", "longfat", "--rate", "0mbit", says="rate")

    def test_a_group_of_measurements_that_does_not_exist(self):
        for groups in ("nonsense", "plain,nonsense", ","):
            self.check_refused("bench", "loopback", "--only", groups, says="plain, think, together, grid, marks")
        self.check_refused("bench", "loopback", "--quick", "--only", "marks", says="excludes")

    def test_a_word_that_it_does_not_know(self):
        self.check_refused("nc", "--frobnicate")
        self.check_refused("surf")


if __name__ == "__main__":
    cases.main()
