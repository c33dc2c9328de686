"""Programs on a network inside their process, against this machine's own sockets. No rights are needed."""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

BIN = os.environ["ORIEL_BIN"]
FAMILIES = {4: (socket.AF_INET, "127.0.0.1", "10.0.2.2"), 6: (socket.AF_INET6, "::1", "fec0::2")}


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UserCase(unittest.TestCase):
    def setUp(self):
        self.families = [4, 6] if has_ipv6() else [4]

    def listen(self, family):
        kind, address, gateway = FAMILIES[family]
        listener = socket.create_server((address, 0), family=kind)
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        return listener, f"{gateway}:{port}" if family == 4 else f"[{gateway}]:{port}"

    def start(self, *words, **variables):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ORIEL_")}
        environment["ORIEL_HOST"] = "none"  # each program is a machine of its own
        program = subprocess.Popen([os.path.join(BIN, words[0]), *map(str, words[1:])], text=True,
                                   env=dict(environment, **variables), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def serve(self, *words, **variables):
        program = self.start(*words, **variables)
        self.assertEqual(program.stderr.readline(), "ready\n")
        return program


class Outbound(UserCase):
    def accept_all(self, listener):
        stream = listener.accept()[0]
        stream.settimeout(30)
        return stream

    def read_to_end(self, stream):
        """How many bytes came and how it ended."""
        count = 0
        try:
            while piece := stream.recv(65536):
                count += len(piece)
        except ConnectionResetError:
            return count, "reset"
        return count, "end"

    def end(self, family, how, size, ask=True):
        listener, endpoint = self.listen(family)
        program = self.start("process_program", "send", endpoint, size, how)
        stream = self.accept_all(listener)
        with stream:
            if not ask:
                return self.read_to_end(stream), program.wait(30)
            got = 0
            while got < size:
                got += len(stream.recv(65536))
            stream.sendall(b"g")
            return self.read_to_end(stream), program.wait(30)

    def test_what_was_closed_arrives_whole_before_the_process_ends(self):
        for family in self.families:
            with self.subTest(family=family):
                self.assertEqual(self.end(family, "close", 3_000_000, ask=False), ((3_000_000, "end"), 0))

    def test_what_was_never_closed_is_reset(self):
        for family in self.families:
            with self.subTest(family=family):
                self.assertEqual(self.end(family, "return", 1000), ((0, "reset"), 0))

    def test__exit_and_kill_are_resets(self):
        self.assertEqual(self.end(4, "_exit", 1000), ((0, "reset"), 0))
        self.assertEqual(self.end(4, "kill", 1000), ((0, "reset"), -9))

    def test_a_server_of_this_machine_answers_nc(self):
        for family in self.families:
            with self.subTest(family=family):
                listener, _ = self.listen(family)
                thread = threading.Thread(target=self.answer_once, args=(listener,))
                thread.start()
                nc = subprocess.run([os.path.join(BIN, "oriel"), "nc", "--link", "user", FAMILIES[family][2],
                                     str(listener.getsockname()[1])], input=b"hello", capture_output=True, timeout=30)
                thread.join()
                self.assertEqual((nc.returncode, nc.stdout), (0, b"hello back"), nc.stderr)

    @staticmethod
    def answer_once(listener):
        stream = listener.accept()[0]
        with stream:
            stream.sendall(stream.recv(100) + b" back")

    def test_a_closed_port_refuses(self):
        program = self.start("process_program", "send", f"10.0.2.2:{free_port()}", 1, "close")
        self.assertEqual(program.wait(30), 1)
        self.assertIn("connection refused", program.stderr.read())


class Published(UserCase):
    def ask(self, family, address, port):
        with socket.create_connection((address, port), timeout=30) as stream:
            stream.sendall(b"echo")
            self.assertEqual(stream.recv(100), b"echo")

    def test_a_published_port_leads_in(self):
        port = free_port()
        self.serve("oriel", "run", "--publish", f"{port}:7", "--", os.path.join(BIN, "process_program"), "echo", 7)
        for family in self.families:
            with self.subTest(family=family):
                self.ask(family, FAMILIES[family][1], port)

    def test_one_address_only(self):
        port = free_port()
        self.serve("process_program", "echo", 7, ORIEL_PUBLISH=f"127.0.0.1:{port}:7")
        self.ask(4, "127.0.0.1", port)
        if 6 in self.families:
            with self.assertRaises(ConnectionRefusedError):
                self.ask(6, "::1", port)

    def test_datagrams(self):
        port = free_port(socket.SOCK_DGRAM)
        self.serve("process_program", "udp_echo", 7, ORIEL_PUBLISH=f"udp/{port}:7")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(30)
            asker.sendto(b"datagram", ("127.0.0.1", port))
            self.assertEqual(asker.recv(100), b"datagram")

    def test_a_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            program = self.start("process_program", "echo", 7, ORIEL_PUBLISH=f"127.0.0.1:{port}:7")
            self.assertEqual(program.wait(30), 1)
            self.assertIn(f"another program on this machine has TCP port {port}", program.stderr.read())

    def test_a_capture_outlives_a_kill(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.pcap")
            program = self.serve("process_program", "echo", 7, ORIEL_PUBLISH=f"127.0.0.1:{port}:7", ORIEL_PCAP=path)
            self.ask(4, "127.0.0.1", port)
            program.kill()
            program.wait()
            with open(path, "rb") as file:
                data = file.read()
        self.assertEqual(struct.unpack_from("<I", data)[0], 0xa1b23c4d)
        at, frames = 24, []
        while at < len(data):  # whole records to the end
            kept = struct.unpack_from("<4I", data, at)[2]
            frames.append(data[at + 16:at + 16 + kept])
            self.assertEqual(len(frames[-1]), kept)
            at += 16 + kept
        self.assertTrue(any(frame.endswith(b"echo") for frame in frames))


class RunVerb(UserCase):
    def check_refused(self, sentence, *words):
        run = subprocess.run([os.path.join(BIN, "oriel"), "run", *words], capture_output=True, text=True, timeout=30)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn(sentence, run.stderr)

    def test_bad_words(self):
        program = os.path.join(BIN, "process_program")
        self.check_refused("no program: write oriel run [OPTIONS] -- PROGRAM ARGUMENTS")
        self.check_refused("there is no program 'no-such-program'", "--", "no-such-program")
        self.check_refused("'/tmp' may not be run", "--", "/tmp")
        self.check_refused("ORIEL_LINK: 'eth0' is not a link", "--link", "eth0", "--", program)
        self.check_refused("ORIEL_ADDRESS is missing", "--link", "tun:x", "--", program)
        self.check_refused("ORIEL_PUBLISH: '80' does not publish a port", "--publish", "80", "--", program)
        self.check_refused("ORIEL_END_WAIT: 'soon' is not a time", "--end-wait", "soon", "--", program)
        self.check_refused("there is no file", "--config", "/nowhere/stack.toml", "--", program)
        self.check_refused("not expected", "--no-such-option", "--", program)

    def test_a_program_without_oriel_is_warned_of_and_runs(self):
        run = subprocess.run([os.path.join(BIN, "oriel"), "run", "--", "true"], capture_output=True, text=True, timeout=30)
        self.assertEqual(run.returncode, 0)
        self.assertIn("does not look linked with Oriel", run.stderr)

    def test_the_environment_and_the_files_words_reach_the_program(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('link = "user"\nend_wait = "1s"\n')
            file.flush()
            run = subprocess.run([os.path.join(BIN, "oriel"), "run", "--config", file.name, "--publish", "8080:80",
                                  "--publish", "udp/53:53", "--", "env"], capture_output=True, text=True, timeout=30)
        self.assertIn("ORIEL_PUBLISH=8080:80,udp/53:53\n", run.stdout)
        self.assertIn(f"ORIEL_CONFIG={file.name}\n", run.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[1:])
