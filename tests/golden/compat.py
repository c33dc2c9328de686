#!/usr/bin/env python3
"""Has a cell of `oriel lab compat` changed? The whole matrix against compat.json.

usage: compat.py FOLDER [--update]    (FOLDER: where the command lies)

Virtual time gives the same figures on every machine. What stands in packets, and the verdict, must be equal;
goodput may differ by 2%, because congestion control may. --update writes new figures.
"""
import json
import pathlib
import subprocess
import sys

FIGURES = pathlib.Path(__file__).with_name("compat.json")
TOLERANCE = 0.02


def measure(folder):
    text = subprocess.run([f"{folder}/oriel", "lab", "compat", "--json", "-"], check=True, capture_output=True, text=True).stdout
    return json.loads(text)["runs"]


def is_open(run):
    """The window is beyond the path: how far it opened, and how soon, is congestion control's affair."""
    return run["verdict"] == "full speed" and run["window_bytes_max"] > 16_776_960


def differences(was, now):
    loose = {"goodput_bps", "window_bytes_max"} if is_open(was) and is_open(now) else set()
    for name in sorted((was.keys() | now.keys()) - loose):
        before, after = was.get(name), now.get(name)
        if name == "goodput_bps" and abs(after - before) <= TOLERANCE * before:
            continue
        if before != after:
            yield f"{name} was {before}, is {after}"


def main(folder, *words):
    runs = measure(folder)
    if words == ("--update",):
        rows = ",\n".join(json.dumps(run) for run in runs)
        FIGURES.write_text(f"[\n{rows}\n]\n")
        return 0
    figures = json.loads(FIGURES.read_text())
    key = lambda run: (run["path"], run["mode"])
    failed = [key(run) for run in figures] != [key(run) for run in runs]
    if failed:
        print("other modes or paths than in compat.json")
    for was, now in zip(figures, runs):
        for sentence in differences(was, now):
            print(f"{now['mode']} on {now['path']}: {sentence}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
