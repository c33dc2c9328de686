#!/usr/bin/env python3
"""`./dev bench winsock`: an echo server around a completion port on Oriel over TUN, beside one around epoll on the
kernel's TCP over veth, under the same load of 1, 100 and 10,000 connections.

The server is pinned to core 1, the load to core 0. `_cpu` is what the server's process used, system time included, for
each echo; the kernel's work for the rival that runs in the load's system calls is not in it, and what TUN costs
in the server's system calls is. `_both_cpu` is what server and load used together. Then the machinery alone, through
the same calls (`bench_winsock_calls`): completion ports, overlapped calls on the fast path, polls of thousands of
sockets, a thousand blocked threads.
"""
import argparse
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from namespaces import BIN, Running, tun, veth_pair  # noqa: E402
from report import Report, cells_of  # noqa: E402

PEER, SERVER = "bench_winsock_peer", "winsock_iocp_server"
MACHINERY = "bench_winsock_calls"
GOALS = {
    "port, one thread": "at least 5",
    "port, across two threads": "at least 2",
    "overlapped pair, fast path": "at most 0.5",
}
COUNTS = (1, 100, 10_000)
TICKS = os.sysconf("SC_CLK_TCK")


class Epoll:
    name = "epoll_veth"

    def __init__(self):
        self.left, self.right = veth_pair()
        self.address = "10.8.0.1"

    def serve(self, port):
        return self.left.start(PEER, "echo", port, core=1)

    def load(self, *words):
        return self.right.start(PEER, "load", *words, core=0)

    def remove(self):
        self.left.remove()
        self.right.remove()


class CompletionPort:
    name = "iocp_tun"

    def __init__(self):
        self.namespace = tun()
        self.address = "10.9.0.2"

    def serve(self, port):
        return self.namespace.start("oriel", "run", "--link", "tun:oriel0", "--address", "10.9.0.2/24", "--",
                                    BIN / SERVER, port, 0, 1, core=1)

    def load(self, *words):
        return self.namespace.start(PEER, "load", *words, core=0)

    def remove(self):
        self.namespace.remove()


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(path, port, seconds, count):
    server = path.serve(port)
    try:
        load = path.load(path.address, port, seconds, count)
        load.wait_until_ready()
        before = cpu_seconds(server.process)
        done = load.result(timeout=seconds + 30)
        used = cpu_seconds(server.process) - before
        return done["per_second"], used / done["echoes"] * 1e6, (used + done["cpu_seconds"]) / done["echoes"] * 1e6
    finally:
        server.end()


def add_machinery(report):
    """The cells of the program that needs no network; false: it failed."""
    try:
        cells = cells_of(BIN / MACHINERY)
    except subprocess.SubprocessError as error:
        print(f"bench winsock: {error}", file=sys.stderr)
        return False
    for cell in cells:
        for value in cell["repetitions"]:
            report.add(cell["cell"], cell["unit"], value, goal=GOALS.get(cell["cell"]))
    return True


def main():
    parser = argparse.ArgumentParser(prog="dev bench winsock", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="one short repetition, to see that it works")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench winsock: making network namespaces needs root", file=sys.stderr)
        return 2
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for the 10,000
    seconds, repetitions = (0.5, 1) if arguments.quick else (arguments.seconds, arguments.repetitions)
    report, failures, port = Report("winsock"), 0, 5000
    paths = [Epoll(), CompletionPort()]
    try:
        for _ in range(repetitions):
            for count in COUNTS:
                for path in paths:
                    port += 1
                    cell, rival = f"{path.name}_{count}", f"{paths[0].name}_{count}"
                    to = rival if path is not paths[0] else None
                    try:
                        rate, cpu, both = measure(path, port, seconds, count)
                    except (RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
                        print(f"bench winsock: {cell}: {error}", file=sys.stderr)
                        report.not_measured(cell, str(error))
                        failures += 1
                        Running.end_all()
                        continue
                    report.add(cell, "echoes/s", rate, to)
                    report.add(f"{cell}_cpu", "us/echo", cpu, to and f"{rival}_cpu", to and "at most 1.3 of epoll")
                    report.add(f"{cell}_both_cpu", "us/echo", both, to and f"{rival}_both_cpu")
    finally:
        for path in paths:
            path.remove()
    if not add_machinery(report):
        failures += 1
    return report.end(arguments.json, failures)


if __name__ == "__main__":
    sys.exit(main())
