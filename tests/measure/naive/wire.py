"""Captures, IP packets, QUIC headers, Initial packets and ClientHellos."""
# SPDX-License-Identifier: GPL-2.0-or-later
import hashlib
import hmac
import ipaddress
import struct

from aes import Aes128, gcm_open

SERVER_PORT = 443
INITIAL, RETRY = 0, 3
PRE_SHARED_KEY = 41


class Packet:
    """An IP packet as it stood on a wire."""

    def __init__(self, t, tap, data):
        self.t, self.tap, self.bytes = t, tap, len(data)
        if data[0] >> 4 == 4:
            start = 4 * (data[0] & 15)
            self.ecn, self.ttl, self.label = data[1] & 3, data[8], 0
            self.proto, source, target = data[9], data[12:16], data[16:20]
            end = struct.unpack_from(">H", data, 2)[0]
        else:
            start = 40
            self.ecn, self.ttl, self.proto = data[1] >> 4 & 3, data[7], data[6]
            self.label = int.from_bytes(data[1:4], "big") & 0xFFFFF
            source, target = data[8:24], data[24:40]
            end = 40 + struct.unpack_from(">H", data, 4)[0]
        sport, dport = struct.unpack_from(">HH", data, start)
        self.up = dport == SERVER_PORT
        if self.up:
            self.client, self.server = (source, sport), (target, dport)
        else:
            self.client, self.server = (target, dport), (source, sport)
        if self.proto == 17:
            self.payload = data[start + 8 : end]
        else:
            self.seq = struct.unpack_from(">I", data, start + 4)[0]
            self.syn = bool(data[start + 13] & 2)
            self.payload = data[start + 4 * (data[start + 12] >> 4) : end]

    def tuple(self):
        return self.client, self.server, self.proto


def endpoint_text(endpoint):
    address = ipaddress.ip_address(endpoint[0])
    form = "%s:%d" if address.version == 4 else "[%s]:%d"
    return form % (address, endpoint[1])


def read_capture(path):
    """The packets of a pcapng file, taps by name, times in ns."""
    with open(path, "rb") as f:
        data = f.read()
    names, packets, at = [], [], 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8 : at + size - 4]
        if kind == 1:
            names.append(_interface(body))
        elif kind == 6:
            tap, high, low, length = struct.unpack_from("<IIII", body)
            ip = body[20 : 20 + length]
            packets.append(Packet(high << 32 | low, names[tap], ip))
        at += size
    return packets


def _interface(body):
    at, name, resolution = 8, "", 6
    while at + 4 <= len(body):
        code, length = struct.unpack_from("<HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == 2:
            name = value.decode()
        elif code == 9:
            resolution = value[0]
        at += 4 + (length + 3) // 4 * 4
    assert resolution == 9, "times are not in nanoseconds"
    return name


# ---- QUIC ----


def _varint(data, at):
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size], "big") & (1 << (8 * size - 2)) - 1
    return value, at + size


class Header:
    """A QUIC packet's header, as far as nobody's keys are needed."""

    def __init__(self, data):
        self.long = bool(data[0] & 0x80)
        self.data = data
        if not self.long:
            self.spin = bool(data[0] & 0x20)
            self.size = len(data)
            return
        at = 5
        self.dcid = data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
        self.scid = data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
        self.type = data[0] >> 4 & 3
        self.token = b""
        if self.type == RETRY or data[1:5] == bytes(4):
            self.size = len(data)
            return
        if self.type == INITIAL:
            length, at = _varint(data, at)
            self.token = data[at : at + length]
            at += length
        length, at = _varint(data, at)
        self.number_at, self.size = at, at + length
        self.data = data[: self.size]


def headers(datagram):
    """The coalesced packets of a datagram (RFC 9000, 12.2)."""
    found, first = [], None
    while datagram and datagram[0] & 0x40:
        header = Header(datagram)
        if header.long and first is not None and header.dcid != first:
            break
        first = header.dcid if header.long and first is None else first
        found.append(header)
        datagram = datagram[header.size :]
    return found


# ---- Initial packets (RFC 9001, 5) ----

SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")


def _expand_label(secret, label, length):
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:length]


def open_initial(header, dcid):
    """The payload of a client's Initial packet under the keys of |dcid|."""
    secret = hmac.new(SALT, dcid, hashlib.sha256).digest()
    secret = _expand_label(secret, b"client in", 32)
    key, iv = _expand_label(secret, b"quic key", 16), _expand_label(secret, b"quic iv", 12)
    mask_key = Aes128(_expand_label(secret, b"quic hp", 16))
    data, at = bytearray(header.data), header.number_at
    mask = mask_key.encrypt(bytes(data[at + 4 : at + 20]))
    data[0] ^= mask[0] & 15
    length = (data[0] & 3) + 1
    for i in range(length):
        data[at + i] ^= mask[1 + i]
    number = int.from_bytes(data[at : at + length], "big")
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    split = at + length
    return gcm_open(key, nonce, bytes(data[:split]), bytes(data[split:]))


def crypto_ranges(payload):
    """The CRYPTO frames of an Initial packet: offset, bytes."""
    ranges, at = [], 0
    while at < len(payload):
        kind, at = _varint(payload, at)
        if kind in (2, 3):
            at = _skip_ack(payload, at, kind == 3)
        elif kind == 6:
            offset, at = _varint(payload, at)
            length, at = _varint(payload, at)
            ranges.append((offset, payload[at : at + length]))
            at += length
        elif kind not in (0, 1):
            break  # CONNECTION_CLOSE
    return ranges


def _skip_ack(payload, at, ecn):
    _, at = _varint(payload, at)
    _, at = _varint(payload, at)
    count, at = _varint(payload, at)
    for _ in range(1 + 2 * count + (3 if ecn else 0)):
        _, at = _varint(payload, at)
    return at


# ---- TLS ----


def tickets(hello):
    """The PSK identities of a ClientHello; None if it is not all there."""
    if len(hello) < 4:
        return None
    if hello[0] != 1:
        return []
    end = 4 + int.from_bytes(hello[1:4], "big")
    if len(hello) < end:
        return None
    at = 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    at += 2
    while at + 4 <= end:
        kind, length = struct.unpack_from(">HH", hello, at)
        if kind == PRE_SHARED_KEY:
            return _identities(hello[at + 4 : at + 4 + length])
        at += 4 + length
    return []


def _identities(body):
    found, at, end = [], 2, 2 + int.from_bytes(body[:2], "big")
    while at < end:
        length = int.from_bytes(body[at : at + 2], "big")
        found.append(body[at + 2 : at + 2 + length])
        at += 2 + length + 4
    return found


def assemble(ranges):
    """The bytes from offset 0 on that are there without a gap."""
    whole = b""
    for offset, data in sorted(ranges):
        if offset > len(whole):
            break
        whole += data[len(whole) - offset :]
    return whole
