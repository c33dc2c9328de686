#!/usr/bin/env python3
"""Checks the documents: every relative link leads to a file, every anchor to a heading, every file that is
named in `code` form under a known folder exists, and every public name has its `///`. Ends with `N errors`.
"""
import pathlib
import re
import sys

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:src|include|tests|tools|docs|cmake|examples|bench|\.ci)/[\w./-]*\w\.\w+)`")
PUBLIC = re.compile(r"^(?:class|struct|enum class)\s+(?:ORIEL_API\s+)?(\w+)[^;]*$|^ORIEL_API .*?\b(\w+)\(")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchor(heading):
    text = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return text.replace(" ", "-")


def anchors(path):
    return {anchor(m.group(1)) for m in re.finditer(r"^#+ (.*)$", path.read_text(), re.MULTILINE)}


def check_document(root, path, errors):
    text = FENCE.sub("", path.read_text())
    name = path.relative_to(root)
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file_part, _, fragment = target.partition("#")
        wanted = (path.parent / file_part).resolve() if file_part else path
        if not wanted.exists():
            errors.append(f"{name}: the link {target} leads nowhere")
        elif fragment and wanted.suffix == ".md" and fragment not in anchors(wanted):
            errors.append(f"{name}: {target} names no heading")
    for wanted in PATH.findall(text):
        if not (root / wanted).exists():
            errors.append(f"{name}: there is no file {wanted}")


def check_header(root, path, errors):
    lines = path.read_text().split("\n")
    for i, line in enumerate(lines):
        found = PUBLIC.match(line)
        if not found or line.rstrip().endswith(";") and line.startswith("class"):
            continue
        above = i - 1
        while above >= 0 and (lines[above].startswith(("template", "struct SocketHandle"))):
            above -= 1
        is_described = above >= 0 and lines[above].lstrip().startswith("///") or "//" in line
        is_described = is_described or follows_options(lines, i) or is_first_name(lines, i)
        if not is_described:
            errors.append(f"{path.relative_to(root)}:{i + 1}: {found.group(1) or found.group(2)} has no ///")


def is_first_name(lines, i):
    """A file about one class describes it in the comment at its top."""
    return not any(PUBLIC.match(line) for line in lines[:i])


def follows_options(lines, i):
    """A function right behind the struct of its options shares that struct's description."""
    return lines[i - 1] == "};"


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    errors = []
    documents = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    for path in sorted(documents):
        check_document(root, path, errors)
    headers = sorted((root / "include/oriel").glob("*.h"))
    for path in headers:
        check_header(root, path, errors)
    for sentence in errors:
        print(f"error: {sentence}")
    print(f"{len(documents)} documents, {len(headers)} headers: {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
