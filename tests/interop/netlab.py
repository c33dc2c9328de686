"""Network namespaces, Linux sockets in them, and Oriel's programs beside them, for one test at a time.

A Linux socket belongs for its life to the namespace where it was made, so the tests enter a namespace, make the
socket and leave again; no second process is needed for the Linux end. Everything that a Lab made is
gone after `close`: processes first, then namespaces (their devices go with them), then files.
"""
import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = pathlib.Path(os.environ.get("ORIEL_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/dev/bin"))
IS_FULL = os.environ.get("ORIEL_INTEROP_FULL") == "1"
START_SECONDS_MAX = 10  # for a program to say that it is ready, on a busy machine

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


def missing_program():
    return "" if (BIN / "oriel").exists() else f"{BIN}/oriel is not built, or ORIEL_BIN names another folder"


def missing_right():
    """Why this machine or user cannot run the tests, in a sentence; empty if it can."""
    if os.geteuid() != 0:
        return "making network namespaces needs root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "there is no /dev/net/tun to open"
    for program in ("ip", "ping", "curl", "setpriv"):
        if not shutil.which(program):
            return f"the program {program} is not installed"
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode != 0:
        return "network namespaces are not allowed here"
    return ""


class Namespace:
    def __init__(self):
        self.name = f"oriel-{os.getpid()}-{next(_numbers)}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.ip("link set lo up")

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)

    def ip(self, words):
        return subprocess.run(["ip", "-n", self.name, *words.split()], check=True, capture_output=True, text=True).stdout

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *map(str, words)]

    def run(self, *words, timeout=60, **options):
        return subprocess.run(self.command(*words), capture_output=True, timeout=timeout, **options)

    @contextlib.contextmanager
    def entered(self):
        """Sockets made inside belong to this namespace."""
        with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{self.name}") as away:
            self._enter(away)
            try:
                yield
            finally:
                self._enter(home)

    @staticmethod
    def _enter(file):
        if _libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def listen(self, address, backlog=128):
        """A listening socket on a free port of `address`."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.entered():
            listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind((address, 0))
        listener.listen(backlog)
        listener.settimeout(START_SECONDS_MAX)
        return listener

    def udp(self, address):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.entered():
            s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        s.bind((address, 0))
        s.settimeout(20)
        return s

    def connect(self, address, port):
        """Connects as soon as somebody listens there."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            with self.entered():
                s = socket.socket(family, socket.SOCK_STREAM)
            s.settimeout(60)
            try:
                s.connect((address, port))
                return s
            except OSError:
                s.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def add_tun(self, name, *addresses, mtu=1500):
        """A persistent TUN device whose kernel end has `addresses`; whoever attaches is the other end."""
        self.ip(f"tuntap add dev {name} mode tun")
        for address in addresses:
            self.ip(f"addr add {address} dev {name}" + (" nodad" if ":" in address else ""))
        self.ip(f"link set {name} mtu {mtu} up")

    def wait_for_carrier(self, name):
        """Returns once a program is attached to TUN device `name`."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if "LOWER_UP" in self.ip(f"link show {name}"):
                return
            time.sleep(0.01)
        raise TimeoutError(f"nobody attached to {name}")


def end_with_parent():
    """No program outlives a test that was killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """A program of ours that runs beside the test; its standard error goes to a file that can be read any time."""

    def __init__(self, command, error_path, **options):
        self.error_path = error_path
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.DEVNULL)
        with open(error_path, "wb") as error:
            self.process = subprocess.Popen(command, stderr=error, preexec_fn=end_with_parent, **options)

    @property
    def error(self):
        return pathlib.Path(self.error_path).read_text(errors="replace")

    def wait(self, timeout=60):
        return self.process.wait(timeout)

    def wait_to_say(self, words):
        deadline = time.monotonic() + START_SECONDS_MAX
        while words not in self.error:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.process.args}: did not say '{words}' but: {self.error}")
            time.sleep(0.01)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


class Lab:
    """What one test needs; `close` undoes all of it."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        base = "/dev/shm" if shutil.disk_usage("/dev/shm").free > 3 << 30 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-interop-", dir=base))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._numbers = itertools.count(1)

    def close(self):
        self._stack.close()

    def keep(self, thing):
        """Closes `thing` at the end."""
        self._stack.callback(thing.close)
        return thing

    def namespace(self):
        made = Namespace()
        self._stack.callback(made.remove)
        return made

    def start(self, namespace, *words, **options):
        """Starts a program, inside `namespace` if it is not None."""
        words = [str(w) for w in words]
        if "/" not in words[0]:
            words[0] = str(BIN / words[0])
        command = namespace.command(*words) if namespace else words
        program = Program(command, self.folder / f"error-{next(self._numbers)}", **options)
        self._stack.callback(program.end)
        return program

    def path(self, name):
        return self.folder / name

    def open_to_everybody(self):
        """Lets a user without rights use the Lab's folder, and run our command wherever the tree lies."""
        self.folder.chmod(0o777)
        for path in self.folder.iterdir():
            path.chmod(path.stat().st_mode | 0o444)
        self.everybodys_bin = pathlib.Path(tempfile.mkdtemp(prefix="oriel-interop-"))
        self._stack.callback(shutil.rmtree, self.everybodys_bin, ignore_errors=True)
        self.everybodys_bin.chmod(0o755)
        shutil.copy(BIN / "oriel", self.everybodys_bin)

    def start_as_nobody(self, program, *words, **options):
        return self.start(None, shutil.which("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups",
                          "--no-new-privs", self.everybodys_bin / program, *words, **options)

    def wire(self, namespace, a, b, *options):
        program = self.start(namespace, "oriel", "wire", "--a", a, "--b", b, "--json", self.path("wire.json"), *options)
        program.wait_to_say("ready")
        return program

    def wire_statistics(self, wire):
        """Ends `wire` and gives what it counted."""
        wire.end()
        return json.loads(self.path("wire.json").read_text())
