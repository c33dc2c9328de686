"""Contents for transfers, and the Linux ends that send or receive them and keep a checksum.

A content is one random block again and again, each time behind its own number, so that pieces that are lost,
doubled or swapped change the sum. CRC-32 because it keeps up with the link; every other kind of error here would
have to be wrong in just the way that hides it.
"""
import random
import struct
import threading
import zlib

BLOCK_BYTES = 1 << 20


class Content:
    def __init__(self, size, seed=1):
        self.size = size
        self._block = random.Random(seed).randbytes(BLOCK_BYTES - 8)
        self.sum = 0
        for piece in self.pieces():
            self.sum = zlib.crc32(piece, self.sum)

    def pieces(self):
        left = self.size
        number = 0
        while left > 0:
            piece = (struct.pack("<Q", number) + self._block)[:left]
            yield piece
            left -= len(piece)
            number += 1

    def write_to(self, path):
        with open(path, "wb") as file:
            for piece in self.pieces():
                file.write(piece)
        return path

    def send_by(self, stream):
        for piece in self.pieces():
            stream.sendall(piece)


class Tally:
    """Length and checksum of what came."""

    def __init__(self):
        self.size = 0
        self.sum = 0

    def add(self, piece):
        self.size += len(piece)
        self.sum = zlib.crc32(piece, self.sum)

    def drain(self, stream):
        """Everything until the peer closes."""
        buffer = bytearray(BLOCK_BYTES)
        view = memoryview(buffer)
        while n := stream.recv_into(buffer):
            self.add(view[:n])
        return self

    @classmethod
    def of_file(cls, path):
        tally = cls()
        with open(path, "rb") as file:
            while piece := file.read(BLOCK_BYTES):
                tally.add(piece)
        return tally


class Task(threading.Thread):
    """Runs `work` beside the test; `result` gives what it returned, or raises what it raised."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self._work, self._value, self._error = work, None, None
        self.start()

    def run(self):
        try:
            self._value = self._work()
        except BaseException as error:  # handed to whoever asks for the result
            self._error = error

    def result(self, timeout=60):
        self.join(timeout)
        if self.is_alive():
            raise TimeoutError("the Linux end is still busy")
        if self._error:
            raise self._error
        return self._value
