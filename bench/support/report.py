"""The same report as report.h writes, for benchmarks that are scripts: cells with raw repetitions, a table, JSON.

A cell may name the cell it is compared to; its ratio then stands beside it.
"""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile


def machine():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return f"{line.partition(':')[2].strip()}, {os.cpu_count()} cores, Linux {platform.release()}"
    return platform.platform()


def cells_of(program):
    """The cells that a benchmark of C++ measures (report.h); errors of subprocess where it fails or takes too long."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([program, "--json", file.name], stdout=subprocess.DEVNULL, timeout=300, check=True)
        return json.load(file)["cells"]


class Report:
    def __init__(self, name):
        self.name = name
        self.cells = {}

    def add(self, cell, unit, value, ratio_to=None, goal=None):
        """One repetition of a cell."""
        made = self.cells.setdefault(cell, {"cell": cell, "unit": unit, "repetitions": []})
        made["repetitions"].append(value)
        if ratio_to:
            made["ratio_to"] = ratio_to
        if goal:
            made["goal"] = goal

    def not_measured(self, cell, why):
        self.cells[cell] = {"cell": cell, "unit": "", "repetitions": [], "not_measured": why}

    def finish(self):
        for cell in self.cells.values():
            if cell["repetitions"]:
                cell["median"] = statistics.median(cell["repetitions"])
                cell["min"], cell["max"] = min(cell["repetitions"]), max(cell["repetitions"])
        for cell in self.cells.values():
            other = self.cells.get(cell.get("ratio_to"))
            if other and other.get("median") and "median" in cell:
                cell["ratio"] = round(cell["median"] / other["median"], 4)

    def print(self):
        self.finish()
        print(f"{'cell':<44} {'median':>12} {'min':>11} {'max':>11} {'unit':<10} ratio")
        for cell in self.cells.values():
            if "median" not in cell:
                print(f"{cell['cell']:<44} not measured: {cell.get('not_measured', '')}")
                continue
            ratio = f"{cell['ratio']:.2f} of {cell['ratio_to']}" if "ratio" in cell else ""
            goal = f"  (goal {cell['goal']})" if "goal" in cell else ""
            print(f"{cell['cell']:<44} {cell['median']:>12.4g} {cell['min']:>11.4g} {cell['max']:>11.4g} "
                  f"{cell['unit']:<10} {ratio}{goal}")

    def end(self, path, failures=0):
        """Prints it, writes it to `path` if there is one; the program's exit code."""
        self.print()
        if path:
            self.write(path)
        return 1 if failures else 0

    def write(self, path):
        self.finish()
        text = json.dumps({"bench": self.name, "machine": machine(), "cells": list(self.cells.values())}, indent=1)
        pathlib.Path(path).write_text(text + "\n")
