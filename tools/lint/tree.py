"""The sources as the rules see them: which files there are, and their text with comments and strings blanked.

Blanking keeps line numbers and columns, so that every finding can name a line. A line may excuse itself from
one rule by a comment on it or on the line above: `// lint: allow RULE: reason`.
"""
import pathlib
import re

FOLDERS = ("include", "src", "tools", "tests", "examples", "bench")
SUFFIXES = (".cc", ".h", ".c")
BLANK = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])\'',
    re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ALLOW = re.compile(r"//\s*lint: allow ([a-z-]+): \S+")


def blanked(text):
    """`text` with every comment and literal turned into spaces, line breaks kept."""
    return BLANK.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


class Source:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.split("\n")
        self.code = blanked(self.text)
        self.code_lines = self.code.split("\n")
        self.is_header = path.suffix == ".h"
        self.is_unit_test = path.name.endswith("_test.cc")
        parts = self.path.split("/")
        self.top = parts[0]
        self.layer = parts[1] if parts[0] == "src" and len(parts) > 2 else None
        self.parts = parts

    def includes(self):
        """(line number, '<' or '"', what is included)"""
        for number, line in enumerate(self.lines, 1):
            found = INCLUDE.match(line)
            if found and self.code_lines[number - 1].lstrip().startswith("#"):
                yield number, found.group(1), found.group(2)

    def is_allowed(self, number, rule):
        for line in self.lines[max(0, number - 2):number]:
            found = ALLOW.search(line)
            if found and found.group(1) == rule:
                return True
        return False


class Report:
    """Collects findings; a rule calls error or warning with a place and a sentence."""

    def __init__(self):
        self.errors = []
        self.warnings = []

    def error(self, source, number, rule, sentence):
        if not source.is_allowed(number, rule):
            self.errors.append(f"{source.path}:{number}: {rule}: {sentence}")

    def warning(self, source, number, rule, sentence):
        if not source.is_allowed(number, rule):
            self.warnings.append(f"{source.path}:{number}: {rule}: {sentence}")


def sources(root):
    root = pathlib.Path(root)
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                found.append(Source(root, path))
    return found
