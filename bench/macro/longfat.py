#!/usr/bin/env python3
"""`./dev bench longfat`: long fat networks, on virtual time and in real time beside Linux (TARGETS D).

Virtual time (`oriel lab longfat`): the same figures on every machine. Real time: `oriel wire` is the path, 1 Gbit/s and
100 ms with a queue of 6 MB; Linux to Linux over two TUN devices is the rival of Oriel to Linux and of Linux to Oriel,
with the same seed of losses. Linux has CUBIC (chosen by the program for its socket) and buffers of up to 128 MB, since its default ones cannot
fill such a path; what it reaches with those stands beside. Lossy cells are slow on any stack that takes loss for
congestion: they run side by side, and 100 MB at 0.1% and more, or 1 GB, only with --full.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from namespaces import BIN, Namespace  # noqa: E402
from report import Report  # noqa: E402

PEER, HOST = "bench_wire_peer", "bench_wire_host"
PATH = ("--delay", "50ms", "--rate", "1gbit", "--queue", "6mb")
LEFT, RIGHT, PORT = "10.7.0.1", "10.7.0.2", 7000
LINK_PAYLOAD_BPS = 1e9 * 1460 / 1500
MB = 1_000_000
TUNED = ("net.ipv4.tcp_rmem=4096 131072 134217728", "net.ipv4.tcp_wmem=4096 131072 134217728")


def lab(*options):
    done = subprocess.run([BIN / "oriel", "lab", "longfat", "--json", "-", *options], capture_output=True, text=True,
                          check=True)
    return {run["mode"]: run for run in json.loads(done.stdout)["runs"]}


def measure_virtual(report):
    for mode, run in lab("--rate", "10gbit", "--rtt", "100ms", "--queue", "60mb", "--seconds", "10").items():
        report.add(f"virtual_10gbit_{mode}", "Mbit/s", run["goodput_bps"] / 1e6)
        report.add(f"virtual_10gbit_{mode}_share_of_limit", "", run["share"], goal="0.97")
    marks = ("--rate", "1gbit", "--rtt", "100ms", "--queue", "6mb", "--seconds", "12", "--modes", "normal")
    for name, loss, goals in (("marks", "0", ("0.91", "309")), ("marks_100ppm", "0.01%", (None, None))):
        run = lab(*marks, "--loss", loss)["normal"]
        report.add(f"virtual_{name}_share_from_syn", "of link", run["goodput_from_syn_bps"] / LINK_PAYLOAD_BPS, goal=goals[0])
        report.add(f"virtual_{name}_retransmits", "segments", run["retransmits"], goal=goals[1])
        cell = f"virtual_{name}_time_to_90"
        if run["time_to_90_ms"] < 0:
            report.not_measured(cell, "90% of the limit was never reached")
        else:
            report.add(cell, "RTT", run["time_to_90_ms"] / 100, goal="14" if loss == "0" else None)
    for _ in range(5):
        begin = time.monotonic()
        lab("--rate", "1gbit", "--rtt", "100ms", "--seconds", "10", "--modes", "normal")
        report.add("virtual_10s_of_1gbit_takes", "s", time.monotonic() - begin, goal="2")


class Path:
    """`oriel wire` between two ends; each is "linux" in a namespace of its own, or "oriel" on a Unix socket."""

    def __init__(self, left, right, options, is_tuned=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="oriel-longfat-"))
        self.middle = Namespace()
        self.spaces = [self.middle]
        self.kinds = (left, right)
        self.wire = subprocess.Popen(
            self.words("oriel", "wire", "--a", self.device(0), "--b", self.device(1), *options), text=True,
            stderr=subprocess.PIPE)
        said = self.wire.stderr.readline()
        if "ready" not in said:
            self.remove()
            raise RuntimeError(f"oriel wire did not start: {said}")
        self.ends = [self.settle(i, is_tuned) for i in (0, 1)]

    def words(self, program, *words):
        return ["ip", "netns", "exec", self.middle.name, str(BIN / program), *map(str, words)]

    def device(self, i):
        return f"tun:end{i}" if self.kinds[i] == "linux" else f"unix:{self.folder}/end{i}"

    def settle(self, i, is_tuned):
        if self.kinds[i] == "oriel":
            return self.middle
        space = Namespace()
        self.spaces.append(space)
        self.middle.ip(f"link set end{i} netns {space.name}")
        space.ip(f"addr add {(LEFT, RIGHT)[i]}/24 dev end{i}")
        space.ip(f"link set end{i} up")
        if is_tuned:
            for setting in TUNED:
                space.run("sysctl", "-qw", setting)
        return space

    def start(self, i, *job):
        if self.kinds[i] == "linux":
            return self.ends[i].start(PEER, *job)
        return self.ends[i].start(HOST, self.device(i), f"{(LEFT, RIGHT)[i]}/24", *job)

    def remove(self):
        self.wire.terminate()
        self.wire.communicate()
        for space in self.spaces:
            space.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def completion_seconds(left, right, size, loss, seed, is_tuned=True):
    """Left sends to right."""
    path = Path(left, right, (*PATH, "--loss", loss, "--seed", str(seed)), is_tuned)
    try:
        receiver = path.start(1, "receive", PORT).wait_until_ready()
        seconds = path.start(0, "transfer", RIGHT, PORT, size).result(timeout=3600)["seconds"]
        receiver.result(timeout=60)
        return seconds
    finally:
        path.remove()


PAIRS = (("linux", "linux"), ("oriel", "linux"), ("linux", "oriel"))


def transfers(is_full):
    """(size, loss, how many run side by side)"""
    yield from ((1 * MB, loss, 1 if loss == "0" else 3) for loss in ("0", "0.01%", "0.1%", "1%"))
    yield 100 * MB, "0", 1
    yield 100 * MB, "0.01%", 3
    if not is_full:
        yield from ((10 * MB, "0.1%", 9), (10 * MB, "1%", 15))
        return
    yield from ((100 * MB, "0.1%", 9), (100 * MB, "1%", 15), (1000 * MB, "0", 1), (1000 * MB, "0.01%", 3))


def cell_name(left, right, size, loss):
    return f"{left}_to_{right}_{size // MB}mb_loss_{loss.rstrip('%')}"


def measure_completion(report, repetitions, is_full):
    failures = 0
    for size, loss, side_by_side in transfers(is_full):
        print(f"{size // MB} MB, loss {loss}", file=sys.stderr)
        jobs = [(left, right, seed) for seed in range(1, repetitions + 1) for left, right in PAIRS]
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            runs = [(job, pool.submit(completion_seconds, job[0], job[1], size, loss, job[2])) for job in jobs]
            for (left, right, _), run in runs:
                cell = cell_name(left, right, size, loss)
                rival = None if (left, right) == PAIRS[0] else cell_name(*PAIRS[0], size, loss)
                try:
                    report.add(cell, "s", run.result(), rival, "1.0" if rival else None)
                except (RuntimeError, subprocess.SubprocessError, ValueError) as error:
                    print(f"bench longfat: {cell}: {error}", file=sys.stderr)
                    failures += 1
    for seed in range(1, repetitions + 1):
        report.add("linux_to_linux_100mb_default_buffers", "s",
                   completion_seconds("linux", "linux", 100 * MB, "0", seed, is_tuned=False),
                   cell_name("linux", "linux", 100 * MB, "0"))
    return failures


def fair_share(seed):
    """Oriel's share of 100 Mbit/s and 20 ms beside one flow of Linux: both leave through the same router."""
    path = Path("linux", "linux", ("--delay", "10ms", "--rate", "100mbit", "--queue", "250kb", "--seed", str(seed)))
    router, far = path.ends
    try:
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        router.ip("tuntap add dev oriel0 mode tun")
        router.ip("addr add 10.9.0.1/24 dev oriel0")
        router.ip("link set oriel0 up")
        far.ip(f"route add 10.9.0.0/24 via {LEFT}")
        receivers = [far.start(PEER, "receive", PORT + i).wait_until_ready() for i in (0, 1)]
        senders = [router.start(PEER, "send", RIGHT, PORT, 20),
                   router.start(HOST, "tun:oriel0", "10.9.0.2/24,10.9.0.1", "send", RIGHT, PORT + 1, 20)]
        for sender in senders:
            sender.result(timeout=60)
        linux, oriel = (receiver.result(timeout=60)["gbps"] for receiver in receivers)
        return oriel / (oriel + linux)
    finally:
        path.remove()


SMALL = (("0", 323), ("1%", 220), ("2%", 167), ("5%", 77), ("10%", 38), ("20%", 6))  # kB/s that smoltcp reaches


def small_buffers(loss, seconds):
    """kB/s between two Oriel hosts with buffers of 32 KiB over 100 ms."""
    path = Path("oriel", "oriel", ("--delay", "50ms", "--loss", loss, "--seed", "1"))
    try:
        receiver = path.start(1, "buffers=32768", "receive", PORT).wait_until_ready()
        path.start(0, "buffers=32768", "send", RIGHT, PORT, seconds).result(timeout=seconds + 600)
        return receiver.result(timeout=600)["gbps"] * 1e6 / 8
    finally:
        path.remove()


def measure_small_buffers(report, seconds):
    with concurrent.futures.ThreadPoolExecutor(len(SMALL)) as pool:
        for (loss, mark), rate in zip(SMALL, pool.map(lambda cell: small_buffers(cell[0], seconds), SMALL)):
            report.add(f"small_buffers_loss_{loss.rstrip('%')}", "kB/s", rate, goal=str(mark))


def main():
    parser = argparse.ArgumentParser(prog="dev bench longfat", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--full", action="store_true", help="with 1 GB, and 100 MB at every loss (hours)")
    parser.add_argument("--only", default="virtual,completion,fair,small", help="groups, with commas")
    arguments = parser.parse_args()
    groups = arguments.only.split(",")
    report, failures = Report("longfat"), 0
    if "virtual" in groups:
        measure_virtual(report)
    if os.geteuid() != 0:
        print("bench longfat: the part in real time needs root for network namespaces", file=sys.stderr)
        groups = []
    if "completion" in groups:
        failures += measure_completion(report, arguments.repetitions, arguments.full)
    if "fair" in groups:
        for seed in range(1, arguments.repetitions + 1):
            report.add("fair_share_beside_linux", "of both", fair_share(seed), goal="0.4 to 0.6")
    if "small" in groups:
        measure_small_buffers(report, 60)
    return report.end(arguments.json, failures)


if __name__ == "__main__":
    sys.exit(main())
