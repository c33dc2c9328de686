#!/usr/bin/env python3
"""`./dev bench wire`: one flow, small messages and many connections between Oriel and Linux over TUN, beside
Linux to Linux over veth in the same run (TARGETS B).

Every repetition visits every cell, so that what the machine does meanwhile hits rival and Oriel alike. The kernel's
program is pinned to core 0, the other end (Oriel, or the second kernel program) to core 1. `cores` are those that Oriel's
process used, system time included; what the device costs in its own system calls is in it.
"""
import argparse
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from namespaces import BIN, Namespace, Running, tun, veth_pair  # noqa: E402
from report import Report  # noqa: E402

PEER, HOST, LWIP = "bench_wire_peer", "bench_wire_host", "bench_wire_lwip"
ORIEL_WORDS = ("10.9.0.2/24",)
MANY = 10_000
IDLE = 100_000


class Veth:
    """Linux at both ends: 10.8.0.1 listens, 10.8.0.2 is in Oriel's place."""

    def __init__(self, name, **options):
        self.name = name
        self.left, self.right = veth_pair(**options)
        self.address, self.other = "10.8.0.1", "10.8.0.2"

    def remove(self):
        self.left.remove()
        self.right.remove()

    def peer(self, *words, core=0):
        return self.left.start(PEER, *words, core=core)

    def end(self, *words, core=1):
        return self.right.start(PEER, *words, core=core)


class Tun:
    """Linux is 10.9.0.1, Oriel 10.9.0.2 on `link`."""

    def __init__(self, name, link, mtu=1500):
        self.name, self.link = name, link
        self.namespace = tun(mtu)
        self.address, self.other = "10.9.0.1", "10.9.0.2"

    def remove(self):
        self.namespace.remove()

    def peer(self, *words, core=0):
        return self.namespace.start(PEER, *words, core=core)

    def end(self, *words, core=1):
        return self.namespace.start(HOST, self.link, *ORIEL_WORDS, *words, core=core)


class Lwip(Tun):
    """The same with Debian's lwIP in Oriel's place; it has threads of its own and may use both cores."""

    def __init__(self):
        super().__init__("lwip_1500_plain", "oriel0")

    def end(self, *words, core=None):
        return self.namespace.start(LWIP, self.link, self.other, self.address, *words, core=None)


class Ports:
    """A new port for every run: nothing waits for an old connection to go."""

    def __init__(self):
        self.last = 5000

    def next(self):
        self.last += 1
        return self.last


def measure_to_end(path, port, seconds):
    """The peer sends, the end receives: Gbit/s at the receiver, cores of the end."""
    receiver = path.end("receive", port).wait_until_ready()
    sender = path.peer("send", path.other, port, seconds)
    sender.result()
    return receiver.result()


def measure_from_end(path, port, seconds):
    receiver = path.peer("receive", port).wait_until_ready()
    sent = path.end("send", path.address, port, seconds).result()
    received = receiver.result()
    return {"gbps": received["gbps"], "cores": sent["cores"]}


def with_server(path, server, client, port, seconds, core=1):
    """Runs the job `client` at the end, on `core`, against `server` at the peer."""
    running = path.peer(server, port).wait_until_ready()
    try:
        return path.end(client, path.address, port, seconds, core=core).result()
    finally:
        running.end()


class Bench:
    def __init__(self, arguments):
        self.seconds = 0.4 if arguments.quick else arguments.seconds
        self.repetitions = 1 if arguments.quick else arguments.repetitions
        self.report = Report("wire")
        self.ports = Ports()
        self.paths = []
        self.failures = 0

    def open(self, path):
        self.paths.append(path)
        return path

    def attempt(self, cell, work):
        """A cell that fails is said and counted; the others are still measured."""
        try:
            return work()
        except (RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
            print(f"bench wire: {cell}: {error}", file=sys.stderr)
            self.report.cells.setdefault(cell, {"cell": cell, "unit": "", "repetitions": [], "not_measured": str(error)})
            self.failures += 1
            Running.end_all()
            return None

    def throughput(self, path, rival=None, goals=(None, None)):
        for cell, measure, goal in ((f"{path.name}_in", measure_to_end, goals[0]),
                                    (f"{path.name}_out", measure_from_end, goals[1])):
            got = self.attempt(cell, lambda: measure(path, self.ports.next(), self.seconds))
            if got:
                self.report.add(cell, "Gbit/s", got["gbps"], rival and f"{rival}_{cell.rpartition('_')[2]}", goal)
                self.report.add(f"{cell}_cores", "cores", got["cores"])

    def round_trips(self, path, placement, rival=None):
        goals = ("165k/s", "6.0 us") if isinstance(path, Tun) and not isinstance(path, Lwip) else (None, None)
        core = 0 if placement == "together" else 1
        cell = f"{path.name}_round_trip_{placement}"
        got = self.attempt(cell, lambda: with_server(path, "echo", "ask", self.ports.next(), self.seconds, core))
        if got:
            to = rival and f"{rival}_round_trip_{placement}"
            self.report.add(cell, "1/s", got["per_second"], to, goals[0])
            self.report.add(f"{cell}_p50", "us", got["p50_us"], to and f"{to}_p50", goals[1])
            self.report.add(f"{cell}_p99", "us", got["p99_us"], to and f"{to}_p99")

    def connects(self, path, rival=None):
        cell = f"{path.name}_connect_reset"
        got = self.attempt(cell, lambda: with_server(path, "accept", "connect", self.ports.next(), self.seconds))
        if got:
            self.report.add(cell, "1/s", got["per_second"], rival and f"{rival}_connect_reset", None if path.name in ("veth_1500", "lwip_1500_plain") else "50k/s")

    def many(self, path, count, rival=None):
        """`count` connections at once, both ways, against one."""
        def inward():
            port = self.ports.next()
            receiver = path.end("receive_many", port, count).wait_until_ready()
            path.peer("send_many", path.other, port, self.seconds, count).result(timeout=60)
            return receiver.result(timeout=60)

        def outward():
            port = self.ports.next()
            receiver = path.peer("receive_many", port, count).wait_until_ready()
            path.end("send_many", path.address, port, self.seconds, count).result(timeout=60)
            return receiver.result(timeout=60)

        for direction, work in (("in", inward), ("out", outward)):
            cell = f"{path.name}_{count}_flows_{direction}"
            got = self.attempt(cell, work)
            if got:
                self.report.add(cell, "Gbit/s", got["gbps"], f"{path.name}_{direction}", rival and "0.8 of one flow")
                if rival:
                    self.report.add(f"{cell}_beside_linux", "Gbit/s", got["gbps"], f"{rival}_{count}_flows_{direction}")

    def idle(self):
        done = self.attempt("idle_connection", lambda: Idle().result())
        if done:
            self.report.add("idle_connection", "bytes", done["bytes_per_connection"], goal="800 B")
            self.report.add("idle_100000", "MB", done["megabytes_of_one_side"], goal="120 MB")


class Idle:
    def __init__(self):
        self.namespace = Namespace()

    def result(self):
        try:
            return self.namespace.start(HOST, "idle", IDLE).result(timeout=120)
        finally:
            self.namespace.remove()


def measure(bench, oriel, only):
    rivals = {name: bench.open(Veth(name, **options)) for name, options in (
        ("veth_1500", {}), ("veth_1500_plain", {"is_offloaded": False}), ("veth_9000", {"mtu": 9000}),
        ("veth_65000", {"mtu": 65000}))}
    ours = {}
    lwip = bench.open(Lwip()) if (BIN / LWIP).exists() else None
    if not lwip:
        bench.report.not_measured("lwip_1500_plain_in", "liblwip-dev is not installed")
    if oriel:
        ours = {"tun_1500": bench.open(Tun("tun_1500", "tun:oriel0")),
                "tun_1500_plain": bench.open(Tun("tun_1500_plain", "plain:oriel0")),
                "tun_65000_plain": bench.open(Tun("tun_65000_plain", "plain:oriel0", mtu=65000))}
    goals = {"tun_1500": ("0.8", "0.8"), "tun_1500_plain": ("25", "9"), "tun_65000_plain": ("105", "50")}
    against = {"tun_1500": "veth_1500", "tun_1500_plain": "veth_1500_plain", "tun_65000_plain": "veth_65000"}
    groups = {
        "throughput": lambda: ([bench.throughput(p) for p in rivals.values()],
                               lwip and bench.throughput(lwip, "veth_1500_plain"),
                               [bench.throughput(p, against[n], goals[n]) for n, p in ours.items()]),
        "round_trips": lambda: [lwip and bench.round_trips(lwip, "apart", "veth_1500")] + [(bench.round_trips(rivals["veth_1500"], placement),
                                 [bench.round_trips(ours[n], placement, "veth_1500")
                                  for n in ("tun_1500", "tun_1500_plain") if n in ours])
                                for placement in ("apart", "together")],
        "connects": lambda: (bench.connects(rivals["veth_1500"]), lwip and bench.connects(lwip, "veth_1500"),
                             [bench.connects(ours[n], "veth_1500") for n in ("tun_1500", "tun_1500_plain") if n in ours]),
        "many": lambda: (bench.many(rivals["veth_1500"], MANY), ours and bench.many(ours["tun_1500"], MANY, "veth_1500")),
        "idle": lambda: ours and bench.idle(),
    }
    for repetition in range(bench.repetitions):
        for name, group in groups.items():
            if only and name not in only:
                continue
            print(f"repetition {repetition + 1} of {bench.repetitions}: {name}", file=sys.stderr)
            group()


def main():
    parser = argparse.ArgumentParser(prog="dev bench wire", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="one short repetition, to see that it works")
    parser.add_argument("--rivals-only", action="store_true", help="leave Oriel out")
    parser.add_argument("--only", help="groups, with commas: throughput,round_trips,connects,many,idle")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench wire: making network namespaces needs root", file=sys.stderr)
        return 2
    if not (BIN / PEER).exists():
        print(f"bench wire: {BIN / PEER} is not built; ./dev bench wire builds it", file=sys.stderr)
        return 2
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for the 10,000
    bench = Bench(arguments)
    try:
        measure(bench, not arguments.rivals_only, arguments.only and arguments.only.split(","))
    finally:
        for path in bench.paths:
            path.remove()
    return bench.report.end(arguments.json, bench.failures)


if __name__ == "__main__":
    sys.exit(main())
