"""A PNG file as rows of bytes, with nothing but the standard library: 8 bits a channel, not interlaced."""
import itertools
import struct
import zlib

CHANNELS = {2: 3, 6: 4}  # colour types: RGB, RGBA


def _paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def _unfilter(kind, row, above, channels):
    """One row, as PNG's chapter on filters says."""
    if kind == 1:
        for c in range(channels):
            row[c::channels] = bytes(itertools.accumulate(row[c::channels], lambda a, b: (a + b) & 255))
    elif kind == 2:
        row[:] = bytes((x + y) & 255 for x, y in zip(row, above))
    elif kind in (3, 4):
        for i in range(len(row)):
            left = row[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            row[i] = (row[i] + ((left + above[i]) // 2 if kind == 3 else _paeth(left, above[i], corner))) & 255


class Picture:
    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG file"
        at, packed = 8, b""
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                assert bits == 8 and colours in CHANNELS and not interlaced, "a form of PNG that is not read here"
                self.channels = CHANNELS[colours]
            elif kind == b"IDAT":
                packed += body
            at += 12 + length
        self.rows = self._rows(zlib.decompress(packed))

    def _rows(self, raw):
        size = self.width * self.channels
        above, rows = bytearray(size), []
        for at in range(0, len(raw), size + 1):
            row = bytearray(raw[at + 1:at + 1 + size])
            _unfilter(raw[at], row, above, self.channels)
            rows.append(row)
            above = row
        return rows

    def colours(self, left, top, width, height):
        """How often each (r, g, b) stands in a box."""
        counts = {}
        for row in self.rows[top:top + height]:
            part = row[left * self.channels:(left + width) * self.channels]
            for pixel in zip(part[0::self.channels], part[1::self.channels], part[2::self.channels]):
                counts[pixel] = counts.get(pixel, 0) + 1
        return counts
