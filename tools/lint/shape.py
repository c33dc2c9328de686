"""Sizes, as warnings, and the comment at the top of a file, as an error."""
import re

SOURCE_LINES_MAX = 500
HEADER_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
MEMBERS_MAX = 12

MEMBER = re.compile(r"^[\w:<>,\s*&\[\]()]*?[\w>\]*&]\s+\**(\w+_)\s*(\[[^\]]*\])*\s*(=.*|\{.*)?$", re.DOTALL)
CLASS = re.compile(r"\b(?:class|struct|union)\s+(?:ORIEL_API\s+|alignas\([^)]*\)\s+)*(\w+)")


class Block:
    def __init__(self, kind, name, line):
        self.kind, self.name, self.line, self.members = kind, name, line, 0


def kind_of(head, outer):
    """What a `{` opens, from the text before it: container, class, function or inner."""
    head = head.strip()
    if outer in ("function", "inner"):
        return "inner", ""
    if re.search(r"\bnamespace\b[\w:\s]*$", head) or head.endswith('extern'):
        return "container", ""
    if re.match(r"^extern\s*$", head):
        return "container", ""
    named = CLASS.search(head)
    if named and not head.endswith(")") and "(" not in head.replace("alignas(", ""):
        return "class", named.group(1)
    if re.search(r"\benum\b", head) or head.endswith("=") or head.endswith(",") or "(" not in head:
        return "inner", ""
    name = re.search(r"([\w~:]+)\s*\(", head)
    return "function", name.group(1) if name else "?"


def blocks(code):
    """Every finished block of `code` with its first and last line, classes with their members counted."""
    stack, head, line, depth = [Block("container", "", 1)], "", 1, 0
    finished = []
    for char in code:
        if char == "\n":
            line += 1
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        if char == "{":
            kind, name = kind_of(head, stack[-1].kind)
            lead = len(head) - len(head.lstrip())
            stack.append(Block(kind, name, line - head[lead:].count("\n")))
            if kind != "inner":
                head = ""
            else:
                head += "{"
        elif char == "}":
            block = stack.pop() if len(stack) > 1 else stack[0]
            finished.append((block, line))
            head = head + "}" if block.kind == "inner" else ""
        elif char == ";" and depth == 0:
            if stack[-1].kind == "class":
                statement = re.sub(r"\b(public|private|protected)\s*:", "", head).strip()
                if MEMBER.match(statement) and not re.match(r"(static|using|friend|typedef)\b", statement):
                    stack[-1].members += 1
            head = ""
        else:
            head += char
        if stack[-1].kind in ("function", "inner") and char in ";\n":
            head = ""
    return finished


def without_preprocessor(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", code, flags=re.MULTILINE)


def check_sizes(source, report):
    lines = len(source.lines) - 1
    limit = HEADER_LINES_MAX if source.is_header else SOURCE_LINES_MAX
    if lines > limit:
        report.warning(source, 1, "size", f"{lines} lines; look hard beyond {limit}")
    for block, last in blocks(without_preprocessor(source.code)):
        length = last - block.line + 1
        if block.kind == "function" and length > FUNCTION_LINES_MAX:
            report.warning(source, block.line, "size",
                           f"{block.name} has {length} lines; look hard beyond {FUNCTION_LINES_MAX}")
        if block.kind == "class" and block.members > MEMBERS_MAX:
            report.warning(source, block.line, "size",
                           f"{block.name} has {block.members} members; look hard beyond {MEMBERS_MAX}")


def check(all_sources, report):
    headers = {source.path for source in all_sources if source.is_header}
    for source in all_sources:
        # A test, and a source with a header of its name, have been introduced elsewhere.
        is_introduced = source.is_unit_test or source.path.rpartition(".")[0] + ".h" in headers
        if not source.lines[0].startswith("//") and not is_introduced:
            report.error(source, 1, "header", "the first line says which question this file answers")
        if source.is_header and source.path.startswith(("src/", "include/oriel")):
            if "#pragma once" not in source.text:
                report.error(source, 1, "header", "#pragma once is missing")
        check_sizes(source, report)
