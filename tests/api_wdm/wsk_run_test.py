"""oriel wsk-run: what it says and how it ends, with drivers that are none, that fail and that err."""
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

BIN = pathlib.Path(os.environ.get("ORIEL_BIN", "build/dev/bin"))
SECONDS_MAX = 60


class WskRun(unittest.TestCase):
    def setUp(self):
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ORIEL_")}
        self.environment.update(ORIEL_SETTINGS="/dev/null", ORIEL_POLICY="/dev/null", ORIEL_HOST="none")

    def run_driver(self, *words):
        done = subprocess.run([BIN / "oriel", "wsk-run", *map(str, words)], capture_output=True, text=True,
                              timeout=SECONDS_MAX, env=self.environment)
        self.assertEqual(done.stdout, "")
        return done

    def check(self, code, sentence, *words):
        done = self.run_driver(*words)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(sentence, done.stderr)
        return done.stderr

    def misbehave(self, mode, *words):
        return BIN / "misbehaving_driver.so", "--parameter", f"Mode={mode}", "--seconds", "50ms", *words

    def test_what_is_no_driver(self):
        self.check(2, "there is no driver '/nowhere/echo.so' to read", "/nowhere/echo.so")
        with tempfile.NamedTemporaryFile(suffix=".so") as text:
            text.write(b"not a shared object")
            text.flush()
            self.check(2, "cannot be loaded", text.name)
        self.check(2, "it exports no DriverEntry", BIN / ".." / "liboriel.so")
        self.check(2, "undefined symbol: KeCallThatNobodyHas", BIN / "incomplete_driver.so")

    def test_bad_words(self):
        self.check(2, "DRIVER", )
        self.check(2, "a parameter is written NAME=VALUE", *self.misbehave(0), "--parameter", "Port")
        self.check(2, "ORIEL_LINK", *self.misbehave(0), "--link", "carrier-pigeon")
        self.check(2, "--seconds", BIN / "misbehaving_driver.so", "--seconds", "soon")

    def test_a_driver_that_behaves(self):
        said = self.check(0, "unloaded", *self.misbehave(0, "--verifier"))
        self.assertIn("misbehaving_driver.so runs", said)

    def test_an_interrupt_unloads(self):
        program = subprocess.Popen([BIN / "oriel", "wsk-run", BIN / "misbehaving_driver.so"], stderr=subprocess.PIPE,
                                   text=True, env=self.environment)
        self.assertIn("runs", program.stderr.readline())
        program.send_signal(signal.SIGINT)
        self.assertIn("unloaded", program.communicate(timeout=SECONDS_MAX)[1])
        self.assertEqual(program.returncode, 0)

    def test_a_driver_entry_that_fails(self):
        self.check(1, "failed with 0xC00000A3", *self.misbehave(1))

    def test_pool_that_is_left(self):
        sentence = "the driver left 100 bytes of pool in 1 blocks behind"
        self.check(0, sentence, *self.misbehave(2))
        self.check(1, sentence, *self.misbehave(2, "--verifier"))

    def test_a_wait_at_dispatch_level_is_named(self):
        self.check(-signal.SIGABRT, "oriel: KeWaitForSingleObject: called at DISPATCH_LEVEL",
                   *self.misbehave(3, "--verifier"))

    def test_a_driver_without_an_end(self):
        self.check(0, "the driver has no DriverUnload", *self.misbehave(4))


if __name__ == "__main__":
    unittest.main()
