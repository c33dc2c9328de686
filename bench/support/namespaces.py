"""Network namespaces for a benchmark, the programs pinned in them, and what those print about themselves."""
import ctypes
import json
import os
import pathlib
import select
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("ORIEL_BIN", ROOT / "build/release/bin"))


PR_SET_PDEATHSIG = 1
START_SECONDS_MAX = 10
TUN_PACKETS = 20_000
_libc = ctypes.CDLL(None)


def end_with_parent():
    """No program outlives a benchmark that was killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Namespace:
    _made = 0

    def __init__(self):
        Namespace._made += 1
        self.name = f"oriel-bench-{os.getpid()}-{Namespace._made}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.ip("link set lo up")

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)

    def ip(self, words):
        subprocess.run(["ip", "-n", self.name, *words.split()], check=True)

    def run(self, *words):
        subprocess.run(["ip", "netns", "exec", self.name, *map(str, words)], check=True, capture_output=True)

    def start(self, program, *words, core=None):
        return Running(self, program, words, core)


class Running:
    """A program of ours in a namespace, on one core if it is pinned."""

    _all = []

    @classmethod
    def end_all(cls):
        """After a failure: nobody may hold a device that the next measurement needs."""
        for running in cls._all:
            running.end()
        cls._all.clear()

    def __init__(self, namespace, program, words, core):
        pin = ["taskset", "-c", str(core)] if core is not None else []
        self.words = [program, *map(str, words)]
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace.name, *pin, str(BIN / program), *map(str, words)], stdout=subprocess.PIPE,
            text=True, preexec_fn=end_with_parent)
        Running._all.append(self)

    def wait_until_ready(self):
        if not select.select([self.process.stdout], [], [], START_SECONDS_MAX)[0]:
            self.end()
            raise RuntimeError(f"{' '.join(self.words)} did not say that it is ready")
        line = self.process.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"{' '.join(self.words)} did not start: {line!r}")
        return self

    def result(self, timeout=20):
        """What its one line of JSON says."""
        try:
            out, _ = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.end()
            raise
        if self.process.returncode != 0:
            raise RuntimeError(f"{' '.join(self.words)} ended with {self.process.returncode}")
        return json.loads(out.strip().splitlines()[-1])

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def veth_pair(mtu=1500, is_offloaded=True):
    """Two namespaces, 10.8.0.1 and 10.8.0.2."""
    left, right = Namespace(), Namespace()
    left.ip(f"link add veth0 type veth peer name veth1 netns {right.name}")
    for namespace, device, address in ((left, "veth0", "10.8.0.1"), (right, "veth1", "10.8.0.2")):
        if not is_offloaded:
            namespace.run("ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off", "tx", "off")
        namespace.ip(f"addr add {address}/24 dev {device}")
        namespace.ip(f"link set {device} mtu {mtu} up")
    return left, right


def tun(mtu=1500):
    """A namespace whose kernel is 10.9.0.1 on the TUN device oriel0."""
    namespace = Namespace()
    namespace.ip("tuntap add dev oriel0 mode tun")
    namespace.ip("addr add 10.9.0.1/24 dev oriel0")
    # The device drops what does not fit; 500 packets are less than one segment of each of thousands of flows.
    namespace.ip(f"link set oriel0 mtu {mtu} txqueuelen {TUN_PACKETS} up")
    return namespace
