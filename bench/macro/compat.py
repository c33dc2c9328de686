#!/usr/bin/env python3
"""`./dev bench compat`: what each mode of the receive window carries at 100 ms, as a share of window per round trip (TARGETS D).

Virtual time (`oriel lab compat`, 10 Gbit/s, clean path): the same figures on every machine. Real time: a Linux sender with
large buffers, `oriel wire` with 50 ms each way, `oriel nc --mode` that reads; the first seconds do not count.
"""
import argparse
import json
import os
import subprocess
import sys
import time

from longfat import BIN, PORT, RIGHT, Path, Report

MODES = {"default": 16_776_960, "level-restricted": 1_048_560, "autotuning-vista": 262_140, "level-disabled": 65_535,
         "xp": 64_240, "xp-tcpwindowsize-17520": 17_520}
RTT = 0.1
WIRE = ("--delay", "50ms", "--rate", "2gbit", "--queue", "50mb")
SECONDS_BEFORE, SECONDS = 3, 6


def measure_virtual(report):
    done = subprocess.run([BIN / "oriel", "lab", "compat", "--modes", ",".join(MODES), "--paths", "clean", "--json", "-"],
                          capture_output=True, text=True, check=True)
    for run in json.loads(done.stdout)["runs"]:
        limit = MODES[run["mode"]] * 8 / RTT
        report.add(f"virtual_{run['mode']}", "Mbit/s", run["goodput_bps"] / 1e6)
        report.add(f"virtual_{run['mode']}_share_of_limit", "", run["goodput_bps"] / limit, goal="0.97")


def read_for(stream, seconds):
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        got = stream.read1(1 << 20)
        if not got:
            raise RuntimeError("the connection ended early")
        count += len(got)
    return count


def goodput(mode):
    """bits per second, from Linux to Oriel."""
    path = Path("linux", "oriel", WIRE)
    receiver = subprocess.Popen(
        path.words("oriel", "nc", "--link", path.device(1), "--address", f"{RIGHT}/24", "--listen", PORT, "--mode", mode,
                   "--receive", "-"), stdout=subprocess.PIPE)
    try:
        time.sleep(0.5)  # until it listens
        path.start(0, "send", RIGHT, PORT, SECONDS_BEFORE + SECONDS + 3)
        read_for(receiver.stdout, SECONDS_BEFORE)
        begin = time.monotonic()
        count = read_for(receiver.stdout, SECONDS)
        return count * 8 / (time.monotonic() - begin)
    finally:
        receiver.kill()
        receiver.communicate()
        path.remove()


def main():
    parser = argparse.ArgumentParser(prog="dev bench compat", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    report = Report("compat")
    measure_virtual(report)
    if os.geteuid() == 0:
        for mode, window in MODES.items():
            for _ in range(arguments.repetitions):
                bps = goodput(mode)
                report.add(f"linux_to_oriel_{mode}", "Mbit/s", bps / 1e6)
                report.add(f"linux_to_oriel_{mode}_share_of_limit", "", bps / (window * 8 / RTT), goal="0.95 to 1.05")
    else:
        print("bench compat: the part in real time needs root for network namespaces", file=sys.stderr)
    return report.end(arguments.json)


if __name__ == "__main__":
    sys.exit(main())
