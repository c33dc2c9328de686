#!/usr/bin/env python3
"""Joins the requirements with the code and the tests that carry their identifiers.

docs/spec/requirements.txt lists them, one a line: `ID required|tracked|excepted`. Code carries `// REQ ID`,
tests carry `REQ("ID")` or `// REQ ID`. A required one without a test is an error; so is an identifier of a
listed family that the list does not know. Run alone it prints who proves what; `--update` writes the proofs
into the tables of docs/spec/*.md.
"""
import pathlib
import re
import sys

LIST = "docs/spec/requirements.txt"
COMMENT = re.compile(r"//.*?\bREQ[ :]+((?:[A-Z][A-Z0-9]*-[A-Z0-9.-]*[0-9](?:,\s*|\s+)?)+)")
MACRO = re.compile(r'\bREQ\(\s*"([^"]+)"\s*\)')
IDENTIFIER = re.compile(r"[A-Z][A-Z0-9]*-[A-Z0-9.-]*[0-9]")
TEST = re.compile(r"\b(?:TEST(?:_[FP])?|WIN_CASE)\(\s*(\w+)\s*,\s*(\w+)\s*\)")
STATES = ("required", "tracked", "excepted")


def listed(root):
    """{identifier: state}, and the sentences about lines that cannot be read."""
    found, bad = {}, []
    path = pathlib.Path(root) / LIST
    if not path.exists():
        return found, bad
    for number, line in enumerate(path.read_text().split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or words[1] not in STATES or words[0] in found:
            bad.append(f"{LIST}:{number}: requirements: write `ID {'|'.join(STATES)}`, each ID once")
        else:
            found[words[0]] = words[1]
    return found, bad


def is_test(source):
    return source.is_unit_test or source.top == "tests"


def mentions(source):
    """(line number, identifier, name of the test around or below it)"""
    tests = [(n, f"{m.group(1)}.{m.group(2)}") for n, line in enumerate(source.lines, 1)
             for m in [TEST.search(line)] if m]
    for number, line in enumerate(source.lines, 1):
        found = [i for m in COMMENT.finditer(line) for i in IDENTIFIER.findall(m.group(1))]
        found += [m.group(1) for m in MACRO.finditer(line)]
        for identifier in found:
            above = [name for n, name in tests if n <= number]
            below = [name for n, name in tests if n > number]
            is_outside = not line.startswith(" ") and below
            yield number, identifier, below[0] if is_outside else (above or below or [source.path])[-1 if above else 0]


def join(all_sources):
    """({identifier: [tests]}, {identifier: [places in the code]}, [every mention])"""
    tests, code, every = {}, {}, []
    for source in all_sources:
        if source.top not in ("src", "include", "tests", "tools"):
            continue
        for number, identifier, name in mentions(source):
            every.append((source, number, identifier))
            if is_test(source):
                tests.setdefault(identifier, [])
                if name not in tests[identifier]:
                    tests[identifier].append(name)
            else:
                code.setdefault(identifier, []).append(source.path)
    return tests, code, every


def check(all_sources, report, root):
    wanted, bad = listed(root)
    report.errors.extend(bad)
    tests, _, every = join(all_sources)
    families = {identifier.rpartition("-")[0] for identifier in wanted}
    for source, number, identifier in every:
        if identifier not in wanted and identifier.rpartition("-")[0] in families:
            report.error(source, number, "requirements", f"{identifier} is not in {LIST}")
    untested = [i for i, state in wanted.items() if state == "tracked" and i not in tests]
    for identifier, state in wanted.items():
        if state == "required" and identifier not in tests:
            report.errors.append(f"{LIST}: requirements: {identifier} is required and has no test")
    if untested:
        report.warnings.append(f"{LIST}: requirements: {len(untested)} tracked without a test, such as "
                               f"{untested[0]}; tools/lint/requirements.py lists them")


def update(root, tests):
    """Writes the proof, the last cell, of every row `| ID | ... | proof |` that is not an exception."""
    for path in sorted((pathlib.Path(root) / "docs/spec").glob("*.md")):
        lines = path.read_text().split("\n")
        for i, line in enumerate(lines):
            cells = line.split(" | ")
            identifier = cells[0].lstrip("| ")
            if len(cells) < 3 or not IDENTIFIER.fullmatch(identifier) or "exception:" in cells[-1]:
                continue
            names = tests.get(identifier, [])
            proof = ", ".join(f"`{n}`" for n in names[:2]) or "no test yet"
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            lines[i] = " | ".join(cells[:-1] + [proof + more + " |"])
        path.write_text("\n".join(lines))


def main():
    import tree
    root = pathlib.Path(__file__).resolve().parents[2]
    tests, code, _ = join(tree.sources(root))
    wanted, _ = listed(root)
    if "--update" in sys.argv[1:]:
        update(root, tests)
    for identifier, state in wanted.items():
        print(f"{identifier:18} {state:9} code {len(code.get(identifier, []))}  "
              f"tests {', '.join(tests.get(identifier, [])) or '-'}")
    proven = sum(1 for i in wanted if i in tests)
    print(f"{len(wanted)} requirements, {proven} with a test")


if __name__ == "__main__":
    main()
