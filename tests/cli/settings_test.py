"""oriel settings, netsh and reg: what they print, what they leave in the file, and what they refuse.

`settings_test.py --update` writes the schema's table into docs/guide/settings.md.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(os.environ.get("ORIEL_BIN", "build/dev/bin"))
GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/guide/settings.md"
TABLE = re.compile(r"^\| setting \|.*?(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
ROOT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
NOBODY = 65534


class SettingsCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = self.folder / "settings.toml"
        self.policy = self.folder / "policy.toml"
        self.policy.write_text("")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ORIEL_")}
        self.environment.update(ORIEL_SETTINGS=str(self.store), ORIEL_POLICY=str(self.policy))

    def start(self, *words, **more):
        return subprocess.Popen([BIN / "oriel", *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment, **more)

    def run_oriel(self, *words, **more):
        """(exit code, output, errors), with the folder's name left out."""
        program = self.start(*words, **more)
        out, errors = program.communicate(timeout=60)
        return program.returncode, out.replace(f"{self.folder}/", ""), errors.replace(f"{self.folder}/", "")

    def good(self, *words):
        code, out, errors = self.run_oriel(*words)
        self.assertEqual((code, errors), (0, ""))
        return out

    def refused(self, *words, code=2):
        before = self.store.read_bytes() if self.store.exists() else None
        got, out, errors = self.run_oriel(*words)
        self.assertEqual((got, out), (code, ""))
        self.assertEqual(before, self.store.read_bytes() if self.store.exists() else None)
        return errors


class Netsh(SettingsCase):
    def test_show_global(self):
        self.assertEqual(self.good("netsh", "interface", "tcp", "show", "global"), """\
TCP Global Parameters
----------------------------------------------
Receive Window Auto-Tuning Level    : normal
RFC 1323 Timestamps                 : disabled
Congestion Control Provider         : cubic
Initial RTO                         : 1000
Max SYN Retransmissions             : 4
""")

    def test_every_level_cut_short_as_windows_takes_it(self):
        for level in ("disabled", "highlyrestricted", "restricted", "experimental", "normal"):
            self.assertEqual(self.good("netsh", "int", "tcp", "set", "gl", f"autotuninglevel={level}"), "Ok.\n")
            self.assertIn(f": {level}\n", self.good("netsh", "INT", "TCP", "sh", "Global"))
        self.assertEqual(self.store.read_text(), '[tcp]\nautotuning_level = "normal"\n')
        self.good("netsh", "int", "tcp", "set", "global", "autotuninglevel=default")
        self.assertEqual(self.store.read_text(), "[tcp]\n")

    def test_several_at_once_all_or_none(self):
        self.good("netsh", "int", "tcp", "set", "global", "timestamps=enabled", "initialrto=2000",
                  "congestionprovider=newreno")
        self.assertEqual(self.store.read_text(),
                         '[tcp]\ntimestamps = true\nrto_initial = "2s"\ncongestion_algorithm = "newreno"\n')
        self.assertEqual(self.refused("netsh", "int", "tcp", "set", "global", "timestamps=disabled", "initialrto=1"),
                         "oriel netsh: initialrto: '1' is wrong: write 300 to 65535 milliseconds, or default\n")

    def test_winsock(self):
        self.assertEqual(self.good("netsh", "winsock", "show", "autotuning"), "Winsock send autotuning: on\n")
        self.assertEqual(self.good("netsh", "winsock", "set", "autotuning", "off"), "Ok.\n")
        self.assertEqual(self.good("netsh", "winsock", "show", "autotuning"), "Winsock send autotuning: off\n")
        self.assertEqual(self.refused("netsh", "winsock", "set", "autotuning", "maybe"),
                         "oriel netsh: autotuning: 'maybe' is wrong: write on or off, or default\n")

    def test_a_policy_is_said(self):
        self.policy.write_text('[tcp]\nautotuning_level = "disabled"\n')
        code, out, errors = self.run_oriel("netsh", "int", "tcp", "set", "global", "autotuninglevel=experimental")
        said = "policy.toml, line 2 says disabled, which goes before the store"
        self.assertEqual((code, out, errors), (0, "Ok.\n", f"oriel netsh: tcp.autotuning_level: {said}\n"))
        out = self.good("netsh", "int", "tcp", "show", "global")
        self.assertIn("Receive Window Auto-Tuning Level    : disabled *\n", out)
        self.assertIn(f"\n* autotuninglevel: {said}\n", out)

    def test_what_is_wrong(self):
        self.assertEqual(self.refused("netsh", "interface", "tcp", "set", "global", "autotuninglevel=off"),
                         "oriel netsh: autotuninglevel: 'off' is wrong: write one of disabled, highlyrestricted, "
                         "restricted, normal, experimental, or default\n")
        self.assertIn("write one of autotuninglevel, timestamps, congestionprovider, initialrto",
                      self.refused("netsh", "int", "tcp", "set", "global", "rss=enabled"))
        self.assertIn("write NAME=VALUE", self.refused("netsh", "int", "tcp", "set", "global"))
        self.assertIn("'disabled' sets nothing", self.refused("netsh", "int", "tcp", "set", "global", "disabled"))
        self.assertIn("write one of interface tcp show global;", self.refused("netsh", "interface", "ip", "show"))
        self.assertIn("there is no such command", self.refused("netsh"))
        self.assertIn("one letter more", self.refused("netsh", "i", "t", "s", "g"))
        self.assertIn("means nothing", self.refused("netsh", "int", "tcp", "show", "global", "x"))


class Reg(SettingsCase):
    def test_add_query_delete(self):
        key = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
        self.assertEqual(self.good("reg", "add", key, "/v", "Tcp1323Opts", "/t", "REG_DWORD", "/d", "3", "/f"), "Done.\n")
        self.good("reg", "add", ROOT.replace("CurrentControlSet", "Current Control Set").upper(), "/V", "tcpwindowsize",
                  "/T", "reg_dword", "/D", "0x40000", "/F")
        self.good("reg", "add", ROOT + r"\Interface\{10.0.0.2}", "/v", "TCPWindowSize", "/d", "17520")
        self.assertEqual(self.good("reg", "query", key), f"""\
{ROOT}
    TCPWindowSize    REG_DWORD    0x40000
    Tcp1323Opts    REG_DWORD    0x3
{ROOT}\\Interfaces\\10.0.0.2
""")
        self.assertEqual(self.good("reg", "query", ROOT + r"\Interfaces\10.0.0.2", "/v", "TcpWindowSize"),
                         f"{ROOT}\\Interfaces\\10.0.0.2\n    TCPWindowSize    REG_DWORD    0x4470\n")
        self.assertEqual(self.store.read_text(), """\
[tcp]
rfc1323_options = 3
window_bytes = 262144

[interface."10.0.0.2".tcp]
window_bytes = 17520
""")
        self.assertEqual(self.good("reg", "delete", key, "/v", "TCPWindowSize", "/f"), "Done.\n")
        self.good("reg", "delete", key, "/va", "/f")
        self.assertEqual(self.good("reg", "query", key), f"{ROOT}\n{ROOT}\\Interfaces\\10.0.0.2\n")

    def test_the_profile_that_ignores_it_is_said(self):
        code, out, errors = self.run_oriel("reg", "add", ROOT, "/v", "TCPWindowSize", "/d", "65535")
        self.assertEqual((code, out, errors), (0, "Done.\n", "oriel reg: tcp.window_bytes: no effect with profile 11: "
                                               "it is for 2003 and earlier\n"))

    def good(self, *words):
        """A value that the present profile does not know is still one: only the errors' text may differ."""
        code, out, errors = self.run_oriel(*words)
        self.assertEqual(code, 0, errors)
        return out

    def test_what_is_wrong(self):
        def add(name, data, key=ROOT):
            return self.refused("reg", "add", key, "/v", name, "/t", "REG_DWORD", "/d", data, "/f")
        self.assertEqual(add("TCPWindowSize", "65536"),
                         "oriel reg: tcp.window_bytes: '65536' needs window scaling: write 1 to 65535, or set "
                         "tcp.rfc1323_options (Tcp1323Opts) to 1 or 3 first, which allows 1073741823\n")
        self.good("reg", "add", ROOT, "/v", "Tcp1323Opts", "/d", "1")
        self.good("reg", "add", ROOT, "/v", "TCPWindowSize", "/d", "1073741823")
        self.assertIn("write 1 to 1073741823 bytes", add("TCPWindowSize", "0x40000000"))
        self.assertIn("write 0 to 3", add("Tcp1323Opts", "4"))
        self.assertIn("write 0 to 4294967295, or 0x0 to 0xffffffff", add("Tcp1323Opts", "-1"))
        self.assertIn("write 0 to 4294967295", add("Tcp1323Opts", "4294967296"))
        self.assertIn("there is no value 'MaxUserPort'", add("MaxUserPort", "1"))
        self.assertIn("there is no value 'SackOpts'", add("SackOpts", "1", ROOT + r"\Interfaces\oriel0"))
        self.assertIn("in single quotes for the shell", add("SackOpts", "1", ROOT.replace("\\", "")))
        self.assertIn("write /v TCPWindowSize", add("SackOpts", "1", ROOT + r"\TCPWindowSize"))
        said = self.refused("reg", "add", ROOT, "/v", "SackOpts", "/t", "REG_SZ", "/d", "1")
        self.assertIn("/t: REG_SZ", said)
        self.assertIn("REG_DWORD", said)
        self.assertIn("reg foo: write one of: query add delete", self.refused("reg", "foo", ROOT))
        self.assertIn("write /f to overwrite", self.refused("reg", "add", ROOT, "/v", "Tcp1323Opts", "/d", "0", code=1))
        self.assertIn("write /f", self.refused("reg", "delete", ROOT, "/v", "Tcp1323Opts"))
        self.assertIn("write /v NAME, or /va", self.refused("reg", "delete", ROOT, "/f"))
        self.assertIn("the store has no value 'SackOpts'", self.refused("reg", "query", ROOT, "/v", "SackOpts", code=1))
        self.assertIn("the store has no key", self.refused("reg", "query", ROOT + r"\Interfaces\oriel9", code=1))
        _, _, said = self.run_oriel("reg", "delete", ROOT, "/v", "Tcp1323Opts", "/f")
        self.assertIn("tcp.window_bytes of 1073741823 counts as 65535 without window scaling", said)
        self.good("reg", "delete", ROOT, "/va", "/f")  # of what no longer counts nothing need be said


class Native(SettingsCase):
    def test_why(self):
        self.store.write_text('# mine\n[tcp]\nautotuning_level = "restricted"\n')
        self.policy.write_text('[tcp]\nautotuning_level = "disabled"\n')
        self.environment["ORIEL_SET"] = "tcp.autotuning_level=experimental"
        self.assertEqual(self.good("settings", "get", "tcp.autotuning_level", "--why"), """\
tcp.autotuning_level = disabled
  built-in  normal
  profile   -
  store     restricted        settings.toml, line 3
  run       experimental      ORIEL_SET
> policy    disabled          policy.toml, line 2
  socket    asks for itself by SO_RCVBUF, SIO_SET_COMPATIBILITY_MODE
a change reaches new connections
""")
        self.assertEqual(self.good("settings", "get", "tcp.autotuning_level"), "disabled\n")
        self.assertEqual(self.good("settings", "get", "tcp.window_bytes@10.0.0.2", "--why"), """\
tcp.window_bytes@10.0.0.2 = -
  built-in  -
  profile   -
  store     -
  run       -
  policy    -
  socket    asks for itself by SO_RCVBUF
nobody says anything: the stack works it out
no effect with profile 11: it is for 2003 and earlier
a change reaches new connections
""")

    def test_list_names_the_layer_of_each(self):
        self.store.write_text('oriel.profile = "xp"\n[interface.oriel0.tcp]\nwindow_bytes = 8760\n')
        out = self.good("settings", "list")
        self.assertIn("oriel.profile                xp                store\n", out)
        self.assertIn("tcp.window_bytes@oriel0      8760              store\n", out)
        self.assertIn("tcp.rto_initial              3s                profile\n", out)
        self.assertIn("tcp.sack                     true              built-in\n", out)
        self.assertTrue(out.endswith("\nstore:  settings.toml\npolicy: policy.toml\n"), out)
        self.assertIn("tcp.rto_initial = 3s\n  built-in  -\n> profile   3s\n", self.good("settings", "list", "--why"))

    def test_a_change_keeps_what_a_person_wrote(self):
        self.store.write_text("# top\n\n[tcp]   # tcp's\n  sack = true # on\n\n[ip]\nhop_limit = 9\n")
        self.store.chmod(0o640)
        self.good("settings", "set", "tcp.sack", "false")
        self.good("settings", "set", "tcp.time_wait", "30s")
        self.good("settings", "unset", "ip.hop_limit")
        self.assertEqual(self.store.read_text(),
                         '# top\n\n[tcp]   # tcp\'s\n  sack = false # on\n  time_wait = "30s"\n\n[ip]\n')
        self.assertEqual(self.store.stat().st_mode & 0o7777, 0o640)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["policy.toml", "settings.toml"])

    def test_bad_lines(self):
        self.store.write_text('[tcp]\nsack = true\nautotuning_level = "of"\n')
        said = ("settings.toml, line 3: tcp.autotuning_level: 'of' is not one of its words: write one of disabled, "
                "highlyrestricted, restricted, normal, experimental\n")
        self.assertEqual(self.refused("settings", "list"), "oriel settings: " + said)
        self.assertEqual(self.refused("settings", "set", "tcp.sack", "false"), "oriel settings: " + said)
        self.assertEqual(self.refused("netsh", "int", "tcp", "show", "global"), "oriel netsh: " + said)
        self.assertEqual(self.refused("reg", "query", ROOT), "oriel reg: " + said)
        code, _, errors = self.run_oriel("run", "--", str(BIN / "oriel"), "--version")
        self.assertEqual(code, 2)
        self.assertIn("oriel run: " + said, errors)
        self.store.write_text("[tcp]\nsack = \n")
        self.assertIn("settings.toml, line 2: ", self.refused("settings", "list"))

    def test_words_of_one_run(self):
        code, _, errors = self.run_oriel("run", "--set", "tcp.sack=maybe", "--", str(BIN / "oriel"), "--version")
        self.assertEqual(code, 2)
        self.assertIn("ORIEL_SET: tcp.sack: 'maybe' is neither true nor false: write true or false", errors)
        code, out, _ = self.run_oriel("run", "--profile", "xp", "--set", "tcp.sack=false", "--set", "ip.hop_limit=9",
                                      "--", str(BIN / "oriel"), "settings", "list")
        self.assertEqual(code, 0)
        for line in ("oriel.profile                xp                run\n", "tcp.sack                     false             run\n",
                     "ip.hop_limit                 9                 run\n"):
            self.assertIn(line, out)

    def test_a_directory_that_may_not_be_written(self):
        more = {}
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            more = {"user": NOBODY, "group": NOBODY}
        else:
            self.folder.chmod(0o555)
            self.addCleanup(self.folder.chmod, 0o755)
        code, out, errors = self.run_oriel("settings", "set", "tcp.sack", "false", **more)
        self.assertEqual((code, out, errors),
                         (2, "", "oriel settings: the file 'settings.toml' cannot be written: Permission denied\n"))

    def test_writers_at_once_lose_nothing(self):
        names = [f"tcp.window_bytes@link{i}" for i in range(16)]
        writers = [self.start("settings", "set", name, str(1000 + i)) for i, name in enumerate(names)]
        for writer in writers:
            writer.communicate(timeout=60)
            self.assertEqual(writer.returncode, 0)
        for i, name in enumerate(names):
            self.assertEqual(self.good("settings", "get", name), f"{1000 + i}\n")

    def test_the_guides_table_is_the_schema(self):
        self.assertEqual(TABLE.search(GUIDE.read_text()).group(0), self.good("settings", "schema").strip(),
                         "run tests/cli/settings_test.py --update")


def update():
    table = subprocess.run([BIN / "oriel", "settings", "schema"], text=True, capture_output=True, check=True).stdout
    GUIDE.write_text(TABLE.sub(lambda _: table.strip(), GUIDE.read_text(), count=1))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main()
