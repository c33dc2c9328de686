#!/usr/bin/env python3
"""Writes the seed corpora of the wire fuzz targets to corpus/NAME beside this file.

Every file is a packet put together by hand here; running it again writes the same bytes.
"""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent / "corpus"
MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
V4_A, V4_B = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
V6_A = bytes.fromhex("fd00") + bytes(13) + b"\x01"
V6_B = bytes.fromhex("fd00") + bytes(13) + b"\x02"


def fold(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def check(data):
    return ~fold(data) & 0xFFFF


def ipv4(payload, proto=6, flags=0x4000, options=b"", ttl=64):
    ihl = 5 + len(options) // 4
    head = struct.pack(">BBHHHBBH4s4s", 0x40 | ihl, 0, ihl * 4 + len(payload), 1, flags, ttl,
                       proto, 0, V4_A, V4_B) + options
    return head[:10] + struct.pack(">H", check(head)) + head[12:] + payload


def ipv6(payload, next_header=6, size=None):
    return struct.pack(">IHBB", 0x60000000, len(payload) if size is None else size, next_header,
                       64) + V6_A + V6_B + payload


def tcp(options=b"", payload=b"", flags=0x10):
    offset = 5 + len(options) // 4
    return struct.pack(">HHIIBBHHH", 40000, 80, 0xFFFFFFF0, 1, offset << 4, flags, 8192, 0,
                       0) + options + payload


def udp(payload, check_field=0):
    return struct.pack(">HHHH", 5000, 53, 8 + len(payload), check_field) + payload


def dns(kind, records, flags=0x8180, count=None):
    head = struct.pack(">HHHHHH", 0x1234, flags, 1, len(records) if count is None else count, 0, 0)
    return head + b"\x02ab\x01c\0" + struct.pack(">HH", kind, 1) + b"".join(records)


def record(kind, data, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", kind, 1, 9, len(data)) + data


def icmp(kind, code, rest, body=b""):
    return struct.pack(">BBHI", kind, code, 0, rest) + body


SLLA, TLLA = b"\x01\x01" + MAC_A, b"\x02\x01" + MAC_B
MTU = b"\x05\x01\0\0" + struct.pack(">I", 1500)
PREFIX = b"\x03\x04\x40\xc0" + struct.pack(">III", 86400, 14400, 0) + V6_A
TS = b"\x01\x01\x08\x0a" + struct.pack(">II", 1000, 2000)
SACK2 = b"\x01\x01\x05\x12" + struct.pack(">IIII", 0xFFFFFF00, 16, 100, 200)
SYN = b"\x02\x04\x05\xb4\x01\x03\x03\x08\x01\x01\x04\x02"
HOP = b"\x3c\x00\x05\x02\x00\x00\x01\x00"      # router alert, then destination options
DEST = b"\x2b\x00\x01\x04\x00\x00\x00\x00"     # PadN, then routing
ROUTE = b"\x2c\x00\x00\x00\x00\x00\x00\x00"    # nothing left, then fragment
FRAG0 = b"\x06\x00\x00\x00\x00\x00\x00\x07"    # atomic
FRAG1 = b"\x06\x00\x00\x09\x00\x00\x00\x07"    # offset 8, more
BAD_OPTION = b"\x06\x00\xc2\x04\x00\x00\x00\x00"

def call(kind, n=0):
    return struct.pack("<BH", kind, n)


def scribble(word, near, selector, wild=b""):
    return call(0) + struct.pack("<bB", near, selector) + wild + bytes([word])


def ring(kind, fd, slot, generation, other=0, verdict=8, names=0):
    """A message about rings: kinds file, offer, answer, news, life; descriptors none, good, small, unsealed, other."""
    return bytes([1, kind, fd, verdict, slot, generation, other, other, names])


LOOK, ACCEPT, CLOSE = bytes([8, 1]), bytes([5]), bytes([7, 0])


def write(slot, word, how, *value):
    """Words: written, urgent end, state, consumed, window; how: small, generation and state, about a ring, wild."""
    return bytes([4, slot, word, how, *value])


def use(which, how):
    return bytes([6, which, how])


OFFERED = ring(0, 1, 0, 0) + write(0, 2, 1, 1, 0) + write(0, 4, 2, 0) + ring(1, 0, 0, 1) + LOOK + ACCEPT + LOOK

CORPUS = {
    "arp": {
        "request": struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + MAC_A + V4_A + bytes(6) + V4_B,
        "reply_padded": struct.pack(">HHBBH", 1, 0x800, 6, 4, 2) + MAC_B + V4_B + MAC_A + V4_A
        + bytes(18),
        "bad_operation": struct.pack(">HHBBH", 1, 0x800, 6, 4, 9) + bytes(20),
    },
    "ethernet": {
        "ipv4": MAC_A + MAC_B + b"\x08\x00" + ipv4(tcp()),
        "vlan": MAC_A + MAC_B + b"\x81\x00\x20\x05\x86\xdd" + ipv6(tcp()),
        "two_tags": MAC_A + MAC_B + b"\x88\xa8\x00\x01\x81\x00\x00\x02\x08\x06",
        "three_tags": MAC_A + MAC_B + b"\x81\x00\x00\x01" * 3 + b"\x08\x00",
        "cut_tag": MAC_A + MAC_B + b"\x81\x00\x00",
    },
    "ipv4": {
        "tcp": ipv4(tcp(payload=b"hello")),
        "options": ipv4(b"x" * 8, options=b"\x94\x04\x00\x00"),
        "first_fragment": ipv4(b"y" * 16, proto=17, flags=0x2000),
        "last_fragment": ipv4(b"z" * 3, proto=17, flags=0x0002),
        "padded": ipv4(b"a") + bytes(25),
        "full_options": ipv4(b"", options=b"\x01" * 40),
    },
    "ipv6": {
        "tcp": ipv6(tcp()),
        "chain": ipv6(HOP + DEST + ROUTE + FRAG0 + tcp(), next_header=0),
        "fragment": ipv6(FRAG1 + b"q" * 16, next_header=44),
        "bad_option": ipv6(BAD_OPTION + tcp(), next_header=60),
        "late_hop_by_hop": ipv6(b"\x00" + DEST[1:] + HOP + tcp(), next_header=60),
        "segments_left": ipv6(b"\x06\x00\x04\x01" + bytes(4), next_header=43),
        "cut": ipv6(HOP[:4], next_header=0, size=8),
        "no_next": ipv6(b"", next_header=59),
    },
    "icmp": {
        "echo": icmp(8, 0, 0x00010002, b"ping"),
        "echo_odd": icmp(128, 0, 0x00010002, b"pings"),
        "unreachable_mtu": icmp(3, 4, 1400, ipv4(tcp())[:28]),
        "too_big": icmp(2, 0, 1280, ipv6(tcp(TS))),
        "too_big_chain": icmp(2, 0, 1280, ipv6(HOP + DEST + ROUTE + FRAG0 + tcp(), next_header=0)),
        "empty": icmp(11, 0, 0),
    },
    "ndp": {
        "solicitation": icmp(135, 0, 0, V6_B + SLLA),
        "advertisement": icmp(136, 0, 0x60000000, V6_B + TLLA),
        "router_solicitation": icmp(133, 0, 0, SLLA),
        "router_advertisement": icmp(134, 0, 0x40C00708,
                                     struct.pack(">II", 30000, 1000) + SLLA + MTU + PREFIX),
        "redirect": icmp(137, 0, 0, V6_A + V6_B + TLLA + b"\x04\x02" + bytes(6) + b"quoted.."),
        "zero_length_option": icmp(135, 0, 0, V6_B + b"\x01\x00" + MAC_A),
        "five_prefixes": icmp(134, 0, 0, bytes(8) + PREFIX * 5),
    },
    "dns_message": {
        "a": dns(1, [record(1, V4_A)]),
        "aaaa": dns(28, [record(28, V6_A), record(28, V6_B)]),
        "alias": dns(1, [record(5, b"\x01d\0"), record(1, V4_A, b"\x01d\0")]),
        "alias_loop": dns(1, [record(5, b"\xc0\x0c")]),
        "cut": dns(1, [record(1, V4_A), b"\xc0"], 0x8380),
        "no_name": dns(1, [], 0x8183),
        "pointer_loop": dns(12, [record(12, b"\xc0\x22")]),
        "ptr": dns(12, [record(12, b"\x01x\x03org\0")]),
    },
    "loopback_peer": {
        # words: 0 written, 1 urgent end, 2 state, 3 consumed, 4 window
        "bytes_then_end": scribble(0, 100, 0) + call(11) + call(5, 20) + scribble(2, 1, 3) + call(11),
        "full_ring": call(4, 0xFFFF) + call(11) + scribble(3, 100, 0) + call(11) + call(4, 9),
        "written_back": scribble(0, 100, 0) + call(11) + scribble(0, 99, 0) + call(11) + call(5, 9),
        "written_far": scribble(0, 0, 4, b"\xff" * 8) + call(11) + call(5, 100),
        "consumed_far": call(4, 10) + scribble(3, 1, 1) + call(4, 0xFFFF),
        "urgent": scribble(1, 50, 0) + scribble(0, 60, 0) + call(11) + call(6, 30) + call(7),
        "borrowed": call(8, 0xFFFF) + call(9) + scribble(3, 0, 1) + call(11) + scribble(2, 3, 3),
        "closed": scribble(0, 9, 0) + call(250) + call(11) + scribble(2, 2, 3) + call(11),
    },
    "ring_messages": {
        "bytes_then_end": OFFERED + write(0, 0, 0, 100) + LOOK + use(0, 20) + write(0, 2, 1, 1, 1) + LOOK + use(0, 20),
        "full_ring": OFFERED + use(0, 201) + use(0, 201) + LOOK + write(0, 3, 2, 0) + ring(3, 0, 0, 0) + LOOK + use(0, 31),
        "written_far": OFFERED + write(0, 0, 3, 255, 255, 255, 255, 255, 1) + LOOK + use(0, 20) + LOOK,
        "written_back": OFFERED + write(0, 0, 0, 100) + LOOK + write(0, 0, 0, 99) + LOOK + use(0, 2),
        "twice_offered": OFFERED + ring(1, 0, 0, 1) + ring(1, 0, 1, 1, names=1) + LOOK + ACCEPT + LOOK,
        "wrong_files": ring(0, 0, 0, 0) + ring(0, 2, 0, 0) + ring(0, 3, 0, 0) + ring(0, 4, 0, 0) + ring(0, 1, 1, 0)
        + ring(1, 0, 0, 1) + LOOK,
        "lives": ring(4, 0, 0, 0) + ring(4, 2, 0, 0) + ring(4, 3, 0, 0) + ring(4, 4, 0, 0) + ring(4, 1, 0, 0)
        + ring(4, 1, 1, 1) + OFFERED + use(0, 20) + LOOK,
        "strange_answers": ring(2, 0, 0, 1) + ring(2, 1, 3, 4, 2, verdict=200) + ring(3, 0, 0, 0, 4) + LOOK,
        "elsewhere": ring(0, 1, 0, 0) + ring(1, 0, 0, 1, names=212) + ring(1, 0, 0, 1, names=245) + LOOK,
        "news_and_bytes": OFFERED + ring(3, 0, 0, 0) + bytes([0, 3, 2, 0, 9]) + bytes([0, 1, 2]) + LOOK + CLOSE + LOOK,
        "packets": bytes([3]) + bytes(8) + bytes([20]) + tcp(flags=2) + LOOK + bytes([3, 1, 1, 0, 9, 0, 20, 16, 40, 20])
        + tcp(flags=2) + LOOK,
        "closed": OFFERED + CLOSE + LOOK + write(0, 2, 1, 1, 3) + ring(3, 0, 0, 0) + LOOK + ring(1, 0, 0, 1) + LOOK,
    },
    "settings_file": {
        "comments": b'# top\n\n[tcp]   # its\n  sack = true # on\n\n[ip]\nhop_limit = 9\n',
        "dotted": b"tcp.sack = true\ntcp.rto_min = \"1s\"",
        "inline": b'tcp = { sack = true, rto_min = "1s" }\n',
        "interface": b'[interface."10.0.0.2".tcp]\nwindow_bytes = 17520\n',
        "letters": "# gr\u00f6\u00dfe\n[tcp]\nsack = true # \u00fc\n".encode(),
        "line_ends": b'[tcp]\r\nsack = true\r\n',
        "nested": b"a = [[[[{ b = [1, 2, { c = 1 }] }]]]]\n",
        "tables": b"[[tcp]]\nsack = true\n[tcp.x]\n",
        "wrong": b"[tcp]\nsack = \n",
    },
    "udp": {
        "dns": udp(b"query"),
        "empty": udp(b""),
        "padded": udp(b"abc", 0x1234) + bytes(10),
        "short_length": struct.pack(">HHHH", 1, 2, 7, 0),
        "even": udp(b"abcdefgh", 0xFFFF),
    },
    "tcp_segment": {
        "ack": tcp(),
        "syn": tcp(SYN, flags=2),
        "timestamps": tcp(TS, b"data", 0x18),
        "sack": tcp(TS + SACK2),
        "unknown_option": tcp(b"\xfd\x06\x00\x01\x02\x03\x00\x00"),
        "bad_offset": tcp()[:12] + b"\x40" + tcp()[13:],
    },
    "tcp_options": {
        "syn": SYN,
        "syn_timestamps": b"\x02\x04\x05\xb4\x01\x03\x03\x08\x04\x02\x08\x0a" + bytes(8),
        "timestamps": TS,
        "sack": TS + SACK2,
        "four_blocks": b"\x01\x01\x05\x22" + bytes(range(32)),
        "end": b"\x02\x04\x05\xb4\x00\x02\x03",
        "zero_length": b"\x02\x00\x05\xb4",
        "past_end": b"\x08\x0a\x00\x00",
        "wide_scale": b"\x03\x03\xc8\x01",
        "everything": b"\x02\x04\x05\xb4\x03\x03\x08\x04\x02\x08\x0a" + bytes(8) + b"\x05\x0a"
        + bytes(8),
    },
    "checksum": {
        "zeros": bytes(20),
        "ones": b"\xff" * 300,
        "odd": bytes(range(131)),
        "strides": bytes(i * 7 & 0xFF for i in range(1460)),
        "pieces": bytes([3, 15, 30, 1, 1, 45, 5, 0]) + bytes(i * 31 & 0xFF for i in range(203)),
    },
}

for name, seeds in CORPUS.items():
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    for seed, data in seeds.items():
        (folder / seed).write_bytes(data)
