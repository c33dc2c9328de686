#!/usr/bin/env python3
"""docs/coverage.md: every function, socket option, control code and table member that the Windows headers name, whether it is
there, and which tests speak of it.

coverage.py           writes the table
coverage.py --check   ends with 1 when the table is not what the sources say

Done: defined in src (a function) or a row of the tables (an option, a code), with no remark. Partial: the same, and
tools/lint/coverage_notes.toml says what is missing. Absent: declared only. A note for something absent says why; a
note for something that no header names is an error.
"""
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
DECLARED = re.compile(r"\bORIEL_WIN(?:_NORETURN)?\((\w+)\)")
DEFINED = re.compile(r"\b(?:WINAPI|WSAAPI|APIENTRY|PASCAL|WSPAPI|CALLBACK|__cdecl|NTAPI)\s+(\w+)\s*\(")
CDECL_DEFINED = re.compile(r"^(?:extern \"C\" )?[\w:*&<> ]+?[ *](\w+)\(", re.MULTILINE)
OPTION = re.compile(r"^#define ((?:SO|TCP|UDP|IP|IPV6)_[A-Z0-9_]+)\s+\(?(?:int\)\()?[~(]*[0-9A-Z]", re.MULTILINE)
CODE = re.compile(r"^#define ((?:SIO|FIO)[A-Z0-9_]+)\s+_(?:WSA)?IO", re.MULTILINE)
OPTION_HEADERS = ("winsock2.h", "ws2def.h", "ws2ipdef.h", "ws2tcpip.h", "mswsock.h", "mswsockdef.h")
TESTS = ("tests/api_winsock", "tests/api_wsk", "src/win32", "src/winsock", "src/wdm", "src/wsk", "tests/interop")
TESTS_SHOWN = 3
WSK_MEMBER = re.compile(r"^ +PFN_WSK_\w+ (Wsk\w+);", re.MULTILINE)
WSK_CODE = re.compile(r"^#define ((?:S[IO]O?_WSK|WSK_(?:TRANSPORT|CACHE|RELEASE|TDI|SET))_[A-Z_]+) ", re.MULTILINE)
# Values that look like options or functions and are none: defaults, limits, data, aliases of a symbol.
NOT_CALLED = re.compile(r"(?:\w+_(?:DEFAULT|UNSPECIFIED|NO_PREFERENCE|NOT_PREFERRED|PREFERRED|RESERVED)(?:_\w+)?"
                        r"|TCP_INITIAL_RTO_\w+|in6addr_\w+|PsThreadType|NPI_WSK_INTERFACE_ID|FreeAddrInfoEx"
                        r"|IPV?6?_(?:DEFAULT|UNSPECIFIED)_\w+|WSK_TDI_BEHAVIOR_BYPASS_TDI)")


def read(pattern, folder):
    return {p: p.read_text() for p in sorted((ROOT / folder).glob(pattern))}


def ends_in_body(text, start):
    """Whether the parenthesis that opens at `start` closes before a body."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return bool(re.match(r"\)\s*(?:noexcept\s*)?\{", text[at:]))
    return False


def defined_functions():
    names = set()
    for folder in ("src/win32", "src/winsock", "src/wfp", "src/wdm", "src/wsk"):
        for path, text in read("*.cc", folder).items():
            if path.stem.endswith("_test"):
                continue
            for pattern in (DEFINED, CDECL_DEFINED):
                names.update(m.group(1) for m in pattern.finditer(text) if ends_in_body(text, m.end() - 1))
    return names


def words_of(files):
    return {path: set(re.findall(r"\w+", text)) for path, text in files.items()}


class Coverage:
    def __init__(self):
        self.notes = tomllib.loads((ROOT / "tools/lint/coverage_notes.toml").read_text())
        tests = {}
        for folder in TESTS:
            for path, text in read("**/*.c*", folder).items():
                if folder.startswith("tests") or path.stem.endswith("_test"):
                    tests[path] = text
        self.tests = words_of(tests)
        self.used_notes = set()

    def tests_of(self, name):
        found = sorted({path.stem for path, words in self.tests.items() if name in words})
        more = f" and {len(found) - TESTS_SHOWN} more" if len(found) > TESTS_SHOWN else ""
        return ", ".join(found[:TESTS_SHOWN]) + more

    def row(self, name, is_there):
        note = self.notes.get(name, "")
        if note:
            self.used_notes.add(name)
        state = ("partial" if note else "done") if is_there else "absent"
        return name, state, note, self.tests_of(name)

    def functions(self):
        defined = defined_functions()
        for path, text in read("*.h", "include/win32").items():
            names = sorted(n for n in set(DECLARED.findall(text)) - {"F"} if not NOT_CALLED.fullmatch(n))
            if names:
                yield path.name, [self.row(name, name in defined) for name in names]

    def table(self, pattern, files, title):
        there = set()
        for words in words_of(read(files, "src/winsock")).values():
            there |= words
        names = set()
        for header in OPTION_HEADERS + ("mstcpip.h",):
            path = ROOT / "include/win32" / header
            if path.exists():
                names.update(pattern.findall(path.read_text()))
        yield title, [self.row(name, name in there) for name in sorted(names)
                      if not NOT_CALLED.fullmatch(name)]

    def wsk(self):
        """Members of WSK's dispatch tables (those of the provider in snake_case) and its codes, in src/wsk."""
        there = set().union(*words_of(read("*.cc", "src/wsk")).values())
        headers = {path.name: text for path, text in read("*w*sk*.h", "include/win32").items()}
        members, codes = set(), set()
        for text in headers.values():
            members |= set(WSK_MEMBER.findall(text))
            codes |= {name for name in WSK_CODE.findall(text) if not NOT_CALLED.fullmatch(name)}
        yield "WSK: calls and events", [self.row(n, n in there or snake(n) in there) for n in sorted(members)]
        yield "WSK: options and control codes", [self.row(n, n in there) for n in sorted(codes)]


def snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def render(sections):
    yield "# What of Winsock, kernel32, wdm.h and WSK is there"
    yield ""
    yield "Generated by `tools/lint/coverage.py` from the headers, the sources, the tests and its notes: do not edit."
    yield "`./dev docs` fails when it is out of date."
    counts = {"done": 0, "partial": 0, "absent": 0}
    body = []
    for title, rows in sections:
        body += ["", f"## {title}", "", "| name | state | what is missing | tests |", "|---|---|---|---|"]
        for name, state, note, tests in rows:
            counts[state] += 1
            body.append(f"| `{name}` | {state} | {note} | {tests} |")
    yield ""
    yield f"{counts['done']} done, {counts['partial']} partial, {counts['absent']} absent. An absent function is declared only; an"
    yield "absent option is refused with WSAENOPROTOOPT, an absent control code with WSAEOPNOTSUPP, by WSK with STATUS_NOT_SUPPORTED."
    yield from body


def main():
    coverage = Coverage()
    sections = [*coverage.functions(), *coverage.table(OPTION, "option*.cc", "Socket options"),
                *coverage.table(CODE, "ioctl*.cc", "Control codes"), *coverage.wsk()]
    text = "\n".join(render(sections)) + "\n"
    unknown = set(coverage.notes) - coverage.used_notes
    if unknown:
        print(f"coverage_notes.toml speaks of what no header names: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    target = ROOT / "docs/coverage.md"
    if "--check" not in sys.argv[1:]:
        target.write_text(text)
        return 0
    if not target.exists() or target.read_text() != text:
        print("docs/coverage.md is out of date: run tools/lint/coverage.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
