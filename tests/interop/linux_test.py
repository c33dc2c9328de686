#!/usr/bin/env python3
"""Do two Linux stacks agree through `oriel wire`, and does Linux' own curl and http.server with Oriel?"""
import functools
import hashlib
import http.server
import os
import subprocess
import threading

import cases
from cases import LINUX, InteropCase, TunCase


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Http(InteropCase):
    """A file of python3's http.server, asked for by curl."""

    def serve(self, namespace, address):
        (self.lab.path("served")).mkdir()
        self.file = self.lab.path("served") / "file.bin"
        self.file.write_bytes(os.urandom(8 << 20))
        handler = functools.partial(QuietHandler, directory=str(self.file.parent))
        with namespace.entered():
            server = http.server.ThreadingHTTPServer((address, 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(lambda: (server.shutdown(), server.server_close()))
        return server.server_address[1]

    def check_received(self, data):
        self.assertEqual(hashlib.sha256(data).hexdigest(), hashlib.sha256(self.file.read_bytes()).hexdigest())

    def test_two_linux_stacks_through_a_wire(self):
        left, middle, right = (self.lab.namespace() for _ in range(3))
        self.lab.wire(middle, "tun:left0", "tun:right0", "--delay", "5ms", "--rate", "300mbit", "--queue", "1mb", "--loss",
                      "0.2%", "--seed", "3")
        for namespace, name, address in ((left, "left0", "10.9.0.1"), (right, "right0", "10.9.0.2")):
            middle.ip(f"link set {name} netns {namespace.name}")
            namespace.ip(f"addr add {address}/24 dev {name}")
            namespace.ip(f"link set {name} up")
        port = self.serve(left, "10.9.0.1")
        done = right.run("curl", "-sSf", f"http://10.9.0.1:{port}/file.bin")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.check_received(done.stdout)

    def test_oriel_asks_linux(self):
        linux = self.lab.namespace()
        linux.add_tun("oriel0", "10.9.0.1/24")
        port = self.serve(linux, "10.9.0.1")
        nc = self.lab.start(linux, "oriel", "nc", "--link", "tun:oriel0", "--address", cases.ORIEL_ADDRESSES, LINUX[4], port,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        nc.process.stdin.write(b"GET /file.bin HTTP/1.0\r\n\r\n")
        nc.process.stdin.flush()
        answer = nc.process.stdout.read()
        self.check_exit(nc)
        self.check_received(answer.partition(b"\r\n\r\n")[2])


if __name__ == "__main__":
    cases.main()
