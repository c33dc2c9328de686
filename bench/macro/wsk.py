#!/usr/bin/env python3
"""`./dev bench wsk`: what WSK's calls cost beside Winsock's.

First within one process (`bench_wsk`): a send and a receive on the fast path, and receiving over the ordinary loopback.
Then from Linux over TUN, one flow, MTU 1500 with offloads: Winsock's recv, WskReceive, and WskReceiveEvent, which shows
the bytes where they arrived and so makes one copy less. Linux sends from core 0, Oriel is pinned to core 1; `cores` are
those that Oriel's process used, system time included.
"""
import argparse
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from namespaces import BIN, Running, tun  # noqa: E402
from report import Report, cells_of  # noqa: E402

PEER, RECEIVER, CALLS = "bench_wire_peer", "bench_wsk_receiver", "bench_wsk"
ADDRESS = "10.9.0.2"
WAYS = ("winsock", "wsk", "indications")
GOALS = {"indications": "at least 1"}


def add_calls(report):
    """The cells of the program that needs no network; false: it failed."""
    try:
        cells = cells_of(BIN / CALLS)
    except subprocess.SubprocessError as error:
        print(f"bench wsk: {error}", file=sys.stderr)
        return False
    for cell in cells:
        way, _, what = cell["cell"].partition("_")
        is_pair = what.startswith("pair")
        rival = None if way != "wsk" else f"winsock_{what}" if is_pair else "winsock_receive"
        for value in cell["repetitions"]:
            report.add(cell["cell"], cell["unit"], value, rival, "at most 1.1" if is_pair and rival else None)
    return True


def measure(namespace, way, port, seconds):
    receiver = namespace.start("oriel", "run", "--link", "tun:oriel0", "--address", f"{ADDRESS}/24", "--",
                               BIN / RECEIVER, way, port, core=1).wait_until_ready()
    namespace.start(PEER, "send", ADDRESS, port, seconds, core=0).result(timeout=seconds + 30)
    return receiver.result()


def main():
    parser = argparse.ArgumentParser(prog="dev bench wsk", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5, help="of the cells over TUN")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement over TUN")
    parser.add_argument("--quick", action="store_true", help="one short repetition over TUN alone, to see that it works")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench wsk: making network namespaces needs root", file=sys.stderr)
        return 2
    seconds, repetitions = (0.4, 1) if arguments.quick else (arguments.seconds, arguments.repetitions)
    report, failures, port = Report("wsk"), 0, 5000
    if not arguments.quick and not add_calls(report):
        failures += 1
    namespace = tun()
    try:
        for _ in range(repetitions):
            for way in WAYS:
                port += 1
                cell = f"tun_{way}"
                try:
                    got = measure(namespace, way, port, seconds)
                except (RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
                    print(f"bench wsk: {cell}: {error}", file=sys.stderr)
                    report.not_measured(cell, str(error))
                    failures += 1
                    Running.end_all()
                    continue
                report.add(cell, "Gbit/s", got["gbps"], way != "winsock" and "tun_winsock", GOALS.get(way))
                report.add(f"{cell}_cores", "cores", got["cores"])
    finally:
        namespace.remove()
    return report.end(arguments.json, failures)


if __name__ == "__main__":
    sys.exit(main())
