#!/usr/bin/env python3
"""The rules of the house that a machine can check. Ends with `N errors, N warnings`; 1 if there are errors.

usage: lint.py [ROOT]     (ROOT: another tree, for the linter's own tests)
"""
import pathlib
import sys

import layers
import requirements
import shape
import tree
import words


def run(root):
    report = tree.Report()
    all_sources = tree.sources(root)
    layers.check(all_sources, report)
    words.check(all_sources, report)
    shape.check(all_sources, report)
    requirements.check(all_sources, report, root)
    return report


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[2])
    if not root.is_dir():
        print(f"lint: {root} is no directory", file=sys.stderr)
        return 2
    report = run(root.resolve())
    for finding in report.warnings:
        print(f"warning: {finding}")
    for finding in report.errors:
        print(f"error: {finding}")
    print(f"{len(report.errors)} errors, {len(report.warnings)} warnings")
    return 1 if report.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
