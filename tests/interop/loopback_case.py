"""Programs that meet over the loopback between processes, each started by `oriel run` in a group of the test's own."""
import json
import os
import shutil
import subprocess
import time

from cases import InteropCase
from netlab import BIN, START_SECONDS_MAX


class LoopbackCase(InteropCase):
    def setUp(self):
        super().setUp()
        self.domain = f"{type(self).__name__[-12:]}-{os.getpid()}-{self._testMethodName[-12:]}"

    def start(self, *words, **options):
        return self.lab.start(None, shutil.which("stdbuf"), "-oL", BIN / "oriel", "run", "--host", self.domain, "--",
                              BIN / words[0], *words[1:], **options)

    def stat(self, is_wanted):
        """The first line of `oriel stat` that is wanted, once there is one."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            done = subprocess.run([BIN / "oriel", "stat", "--host", self.domain, "--json"], capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            for process in json.loads(done.stdout)["processes"]:
                for line in process.get("connections", ()):
                    if is_wanted(line):
                        return line
            time.sleep(0.05)
        self.fail("oriel stat never showed it")

    def serve(self, *words):
        """Starts a server whose last word, but for `fast`, is its port, and waits until it listens there."""
        server = self.start(*words)
        port = str(words[-1] if words[-1] != "fast" else words[-2])
        self.stat(lambda line: line["state"] == "LISTEN" and line["local"].endswith(":" + port))
        return server
