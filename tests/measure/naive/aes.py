"""AES-128 and GCM (FIPS 197, NIST SP 800-38D), plainly: slow, and enough for a
few Initial packets."""
# SPDX-License-Identifier: GPL-2.0-or-later


def _xtime(a):
    return ((a << 1) ^ 0x11B) & 0xFF if a & 0x80 else a << 1


def _multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = _xtime(a), b >> 1
    return product


def _make_sbox():
    box = [0x63] * 256
    for a in range(1, 256):
        inverse = next(b for b in range(1, 256) if _multiply(a, b) == 1)
        s = 0
        for turn in range(5):
            s ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        box[a] = s ^ 0x63
    return box


SBOX = _make_sbox()


def _expand(key):
    words = [list(key[i : i + 4]) for i in range(0, 16, 4)]
    constant = 1
    for i in range(4, 44):
        word = list(words[i - 1])
        if i % 4 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _xtime(constant)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    return [sum(words[i : i + 4], []) for i in range(0, 44, 4)]


def _mix(column):
    a, b, c, d = column
    every = a ^ b ^ c ^ d
    return [
        x ^ every ^ _xtime(x ^ y) for x, y in ((a, b), (b, c), (c, d), (d, a))
    ]


class Aes128:
    def __init__(self, key):
        self.keys = _expand(key)

    def encrypt(self, block):
        """One block of 16 bytes."""
        state = [a ^ b for a, b in zip(block, self.keys[0])]
        for turn, key in enumerate(self.keys[1:], 1):
            state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if turn < 10:
                state = sum((_mix(state[i : i + 4]) for i in range(0, 16, 4)), [])
            state = [a ^ b for a, b in zip(state, key)]
        return bytes(state)


def _ghash(h, data):
    y = 0
    for i in range(0, len(data), 16):
        x = y ^ int.from_bytes(data[i : i + 16].ljust(16, b"\0"), "big")
        y, v = 0, h
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                y ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
    return y


def _padded(data):
    return data + bytes(-len(data) % 16)


def gcm_open(key, nonce, header, sealed):
    """The plaintext of |sealed|, or None where its tag is wrong."""
    aes = Aes128(key)
    text, tag = sealed[:-16], sealed[-16:]
    h = int.from_bytes(aes.encrypt(bytes(16)), "big")
    lengths = (8 * len(header)).to_bytes(8, "big") + (8 * len(text)).to_bytes(8, "big")
    s = _ghash(h, _padded(header) + _padded(text) + lengths)
    mask = int.from_bytes(aes.encrypt(nonce + b"\0\0\0\1"), "big")
    if (s ^ mask).to_bytes(16, "big") != tag:
        return None
    plain = bytearray()
    for i in range(0, len(text), 16):
        stream = aes.encrypt(nonce + (2 + i // 16).to_bytes(4, "big"))
        plain += bytes(a ^ b for a, b in zip(text[i : i + 16], stream))
    return bytes(plain)
