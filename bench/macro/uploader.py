#!/usr/bin/env python3
"""`./dev bench uploader`: a Winsock program that follows the ideal send backlog, in real time (spec ISB, TARGETS E).

The example uploader, in each of its styles, through `oriel wire` to a Linux receiver: 1 Gbit/s, 100 ms, a queue of 6 MB. What arrives
in the second half of the time is divided by the path's limit, so that the start does not count.
"""
import argparse
import socket
import subprocess
import sys
import threading
import time

from longfat import BIN, LEFT, LINK_PAYLOAD_BPS, PATH, PORT, RIGHT, Path, Report

STYLES = ("fixed", "query", "change", "change-raise-only", "overlapped", "dynamic")
SECONDS = 16
MEGABYTES_MAX = 100_000  # more than fits in that time


def receive():
    """The receiving end, in its own process: prints the bytes of the second half of the time."""
    counts = [0]
    listener = socket.create_server((RIGHT, PORT))
    print("ready", flush=True)
    stream = listener.accept()[0]
    begun = threading.Event()

    def drain():
        buffer = bytearray(1 << 20)
        while got := stream.recv_into(buffer):
            counts[0] += got
            begun.set()

    threading.Thread(target=drain, daemon=True).start()
    begun.wait()
    time.sleep(SECONDS / 2)
    half = counts[0]
    time.sleep(SECONDS / 2)
    print(counts[0] - half, flush=True)


def goodput(style):
    """bits per second"""
    path = Path("oriel", "linux", PATH)
    programs = []
    try:
        receiver = subprocess.Popen(["ip", "netns", "exec", path.ends[1].name, sys.executable, "-B", __file__, "--receive"],
                                    stdout=subprocess.PIPE, text=True)
        programs.append(receiver)
        receiver.stdout.readline()
        programs.append(subprocess.Popen(
            path.words("oriel", "run", "--link", path.device(0), "--address", f"{LEFT}/24", "--",
                       BIN / "winsock_uploader", style, RIGHT, PORT, MEGABYTES_MAX), stdout=subprocess.DEVNULL))
        return int(receiver.stdout.readline()) * 8 / (SECONDS / 2)
    finally:
        for program in programs:
            program.kill()
            program.communicate()
        path.remove()


def main():
    parser = argparse.ArgumentParser(prog="dev bench uploader", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write cells with their raw repetitions")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.receive:
        receive()
        return 0
    report = Report("uploader")
    for _ in range(arguments.repetitions):
        for style in STYLES:
            bps = goodput(style)
            report.add(style, "Mbit/s", bps / 1e6)
            report.add(f"{style}_share_of_limit", "", bps / LINK_PAYLOAD_BPS,
                       goal=None if style == "fixed" else "0.95")
    return report.end(arguments.json)


if __name__ == "__main__":
    sys.exit(main())
