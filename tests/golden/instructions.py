#!/usr/bin/env python3
"""Has a segment or a connection become dearer? Instructions counted by callgrind against instructions.json.

usage: instructions.py FOLDER BUILD [--update]    (FOLDER: where the programs lie)

BUILD names compiler and optimisation ("GNU-12-O1"): counts differ between them, so each has its own figures. More than
5% above is a failure; more than 5% below asks for new figures (--update writes them), so that what was
won stays won. Cells with `like` must also cost at most 1.1 times what that other cell costs: a long run, a large window
or a second connection may not make a segment dearer. Exit 77: callgrind or figures for this build are missing.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FIGURES = pathlib.Path(__file__).with_name("instructions.json")
# The C library copies bytes in ways that depend on the processor, some as one instruction for each byte: choose for it.
PLAIN_COPY = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM:glibc.cpu.x86_rep_movsb_threshold=1000000000"
TOLERANCE = 0.05
GROWTH_MAX = 1.1
SKIPPED = 77

# cell: (program, its cell, less work, more work, the cell that it must be like)
CELLS = {
    "segment": ("instructions_work", "segment", 4_000, 12_000, None),
    "segment_long_run": ("instructions_work", "segment", 12_000, 60_000, "segment"),
    "super_segment": ("instructions_work", "super_segment", 200, 1_000, None),
    "connection": ("instructions_work", "connection", 200, 1_200, None),
    "path_segment": ("path_work", "path_segment", 2_000, 3_000, None),
    "path_segment_long_run": ("path_work", "path_segment", 3_000, 6_000, "path_segment"),
    "path_segment_large_window": ("path_work", "path_segment_large_window", 2_000, 3_000, "path_segment"),
    "path_segment_many_flows": ("path_work", "path_segment_many_flows", 2_000, 3_000, "path_segment"),
}


def count(folder, program, name, amount):
    """Instructions and units of one run."""
    with tempfile.TemporaryDirectory(prefix="oriel-callgrind-") as out:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}/out", f"{folder}/{program}", name, str(amount)],
            capture_output=True, text=True, env=dict(os.environ, GLIBC_TUNABLES=PLAIN_COPY))
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected:
        raise RuntimeError(f"{name} {amount}: {done.stderr.strip()[-400:]}")
    return int(collected.group(1)), int(done.stdout)


def measure(folder):
    runs = sorted({(program, name, amount) for program, name, less, more, _ in CELLS.values() for amount in (less, more)})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(runs, pool.map(lambda run: count(folder, *run), runs)))
    figures = {}
    for cell, (program, name, less, more, _) in CELLS.items():
        (low, low_units), (high, high_units) = counts[program, name, less], counts[program, name, more]
        figures[cell] = round((high - low) / (high_units - low_units), 1)
    return figures


def complaints(figures, expected):
    for cell, value in figures.items():
        like = CELLS[cell][4]
        if like and value > GROWTH_MAX * figures[like]:
            yield f"{cell} costs {value} instructions, {like} only {figures[like]}: it grows"
        if cell not in expected:
            yield f"{cell} has no figure yet; --update writes it"
        elif value > expected[cell] * (1 + TOLERANCE):
            yield f"{cell} costs {value} instructions, {expected[cell]} expected: {value / expected[cell] - 1:+.1%}"
        elif value < expected[cell] * (1 - TOLERANCE):
            yield f"{cell} costs only {value} instructions, {expected[cell]} expected; --update keeps what was won"


def main(arguments):
    if len(arguments) not in (2, 3):
        print(__doc__.splitlines()[2], file=sys.stderr)
        return 2
    folder, build = arguments[:2]
    if subprocess.run(["which", "valgrind"], capture_output=True).returncode != 0:
        print("skipped: valgrind is not installed")
        return SKIPPED
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    is_update = "--update" in arguments
    if build not in known and not is_update:
        print(f"skipped: {FIGURES.name} has no figures for {build}; --update writes them")
        return SKIPPED
    figures = measure(folder)
    for cell, value in figures.items():
        print(f"{cell:<24} {value:>10.1f} instructions")
    if is_update:
        known[build] = figures
        FIGURES.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
        return 0
    wrong = list(complaints(figures, known[build]))
    for sentence in wrong:
        print(f"instructions: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
