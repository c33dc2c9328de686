"""Headless Chromium on one local file: its DOM once scripts have run, what they complained of, and a picture.

No network, no rights, nothing left behind: a profile folder of its own, thrown away.
"""
import pathlib
import shutil
import subprocess
import tempfile

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage",
         "--hide-scrollbars", "--force-device-scale-factor=1", "--enable-logging=stderr", "--log-level=0"]
SECONDS_MAX = 120


def program():
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


class Browser:
    def __init__(self, page, width):
        self.url = pathlib.Path(page).resolve().as_uri()
        self.width = width

    def _run(self, height, *flags):
        with tempfile.TemporaryDirectory(prefix="oriel-browser-") as folder:
            done = subprocess.run(
                [program(), *FLAGS, f"--user-data-dir={folder}/profile", f"--window-size={self.width},{height}", *flags,
                 self.url], capture_output=True, timeout=SECONDS_MAX, cwd=folder)
        error = done.stderr.decode(errors="replace")
        if done.returncode != 0:
            raise RuntimeError(f"chromium ended with {done.returncode}: {error[-2000:]}")
        self.complaints = [line for line in error.splitlines() if "CONSOLE" in line]
        return done.stdout.decode(errors="replace")

    def dom(self):
        """The page as HTML after its scripts; `complaints` has what the console said."""
        return self._run(1000, "--dump-dom")

    def screenshot(self, path, height):
        self._run(height, f"--screenshot={pathlib.Path(path).resolve()}")
