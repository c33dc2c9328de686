#!/usr/bin/env python3
"""Each rule of the linter against a small tree that breaks it, and against one that does not."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lint"))
import lint  # noqa: E402
import shape  # noqa: E402
import tree  # noqa: E402

TOP = "// Answers a question.\n"
HEADER = TOP + "#pragma once\n"


class LintTest(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return lint.run(pathlib.Path(folder))

    def expect_error(self, files, rule):
        report = self.run_on(files)
        self.assertEqual(1, len(report.errors), report.errors)
        self.assertIn(f": {rule}: ", report.errors[0])

    def expect_clean(self, files):
        self.assertEqual([], self.run_on(files).errors)

    def test_include_upwards_is_an_error(self):
        self.expect_error({"src/wire/a.cc": TOP + '#include "tcp/connection.h"\n'}, "layers")

    def test_include_sideways_is_an_error(self):
        self.expect_error({"src/udp/a.cc": TOP + '#include "tcp/connection.h"\n'}, "layers")

    def test_include_downwards_is_clean(self):
        self.expect_clean({"src/tcp/a.cc": TOP + '#include "wire/checksum.h"\n#include "oriel/time.h"\n'})

    def test_loopback_sees_one_file_of_socket(self):
        self.expect_clean({"src/loopback/a.cc": TOP + '#include "socket/transport.h"\n'})
        self.expect_error({"src/loopback/a.cc": TOP + '#include "socket/listener.h"\n'}, "layers")

    def test_low_layer_may_not_see_the_whole_api(self):
        self.expect_error({"src/tcp/a.cc": TOP + '#include "oriel/host.h"\n'}, "layers")

    def test_tool_may_not_see_src(self):
        self.expect_error({"tools/oriel/a.cc": TOP + '#include "base/bytes.h"\n'}, "layers")

    def test_include_in_a_comment_does_not_count(self):
        self.expect_clean({"src/wire/a.cc": TOP + '// #include "tcp/connection.h"\n'})

    def test_unknown_folder_is_an_error(self):
        self.expect_error({"src/extra/a.cc": TOP}, "layers")

    def test_posix_network_header_only_in_sources_of_its_layers(self):
        self.expect_clean({"src/link/tun.cc": TOP + "#include <sys/socket.h>\n"})
        self.expect_error({"src/link/tun.h": HEADER + "#include <sys/socket.h>\n"}, "posix")
        self.expect_error({"src/stack/a.cc": TOP + "#include <netinet/in.h>\n"}, "posix")

    def test_pure_layer_sees_no_system(self):
        self.expect_error({"src/tcp/a.cc": TOP + "#include <mutex>\n"}, "pure")

    def test_windows_word_in_the_core_is_an_error(self):
        self.expect_error({"src/socket/a.cc": TOP + "DWORD x;\n"}, "windows-words")

    def test_windows_word_in_comment_or_string_is_clean(self):
        self.expect_clean({"src/socket/a.cc": TOP + '// a DWORD\nconst char* k = "DWORD";\n'})

    def test_clock_outside_runtime_is_an_error(self):
        line = "auto t = std::chrono::steady_clock::now();\n"
        self.expect_error({"src/stack/a.cc": TOP + line}, "clocks")
        self.expect_clean({"src/runtime/a.cc": TOP + line})

    def test_thread_outside_runtime_is_an_error(self):
        self.expect_error({"src/socket/a.cc": TOP + "std::mutex m;\n"}, "threads")
        self.expect_clean({"src/stack/runner.cc": TOP + "std::thread t;\n"})

    def test_a_reason_excuses_a_line_from_one_rule(self):
        excuse = "// lint: allow threads: set once before main\n"
        self.expect_clean({"src/socket/a.cc": TOP + excuse + "std::once_flag f;\n"})
        self.expect_error({"src/socket/a.cc": TOP + excuse + "DWORD f;\n"}, "windows-words")

    def test_empty_names_are_refused(self):
        self.expect_error({"src/base/string_util.cc": TOP}, "names")
        self.expect_error({"src/tcp/a.cc": TOP + "int rwnd = 0;\n"}, "names")

    def test_first_line_is_a_comment(self):
        self.expect_error({"src/base/a.cc": "int x;\n"}, "header")

    def test_long_function_and_wide_class_are_warnings(self):
        long_body = "  step();\n" * 80
        members = "".join(f"  int m{i}_ = 0;\n" for i in range(13))
        report = self.run_on({
            "src/base/a.cc": TOP + "void walk() {\n" + long_body + "}\n",
            "src/base/a.h": HEADER + "class Wide {\n private:\n" + members + "};\n"})
        self.assertEqual([], report.errors)
        self.assertEqual(2, len(report.warnings), report.warnings)
        self.assertIn("walk has 82 lines", report.warnings[0])
        self.assertIn("Wide has 13 members", report.warnings[1])

    def test_methods_and_nested_functions_are_measured_once(self):
        code = "class A {\n  void f() {\n    if (x) {\n    }\n  }\n  int a_;\n};\n"
        found = [(b.kind, b.name) for b, _ in shape.blocks(tree.blanked(code)) if b.kind != "inner"]
        self.assertEqual([("function", "f"), ("class", "A")], found)

    def requirement_tree(self, test):
        return {"docs/spec/requirements.txt": "RFC9293-MUST-1 required\n",
                "src/tcp/a_test.cc": TOP + test}

    def test_required_without_test_is_an_error(self):
        report = self.run_on(self.requirement_tree("TEST(A, B) {}\n"))
        self.assertEqual(1, len(report.errors))
        self.assertIn("RFC9293-MUST-1 is required and has no test", report.errors[0])

    def test_required_with_macro_or_comment_is_clean(self):
        self.expect_clean(self.requirement_tree('TEST(A, B) { REQ("RFC9293-MUST-1"); }\n'))
        self.expect_clean(self.requirement_tree("// REQ RFC9293-MUST-1\nTEST(A, B) {}\n"))

    def test_code_alone_does_not_prove(self):
        files = self.requirement_tree("TEST(A, B) {}\n")
        files["src/tcp/a.cc"] = TOP + "// REQ RFC9293-MUST-1\n"
        self.assertEqual(1, len(self.run_on(files).errors))

    def test_unknown_identifier_is_an_error(self):
        files = self.requirement_tree('TEST(A, B) { REQ("RFC9293-MUST-1"); REQ("RFC9293-MUST-99"); }\n')
        report = self.run_on(files)
        self.assertEqual(1, len(report.errors))
        self.assertIn("RFC9293-MUST-99", report.errors[0])


if __name__ == "__main__":
    unittest.main()
