"""ONNX messages written byte by byte, wrong ones too. Needs nothing but Python."""
import struct

FLOAT, INT64, STRING, BOOL = 1, 7, 8, 9


def varint(number):
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def put(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def shape(dims):
    return b"".join(put(1, put(1, d) if isinstance(d, int) else put(2, d)) for d in dims)


def port(name, dims=(1, 3, "h", "w"), kind=FLOAT):
    return put(1, name) + put(2, put(1, put(1, kind) + put(2, shape(dims))))


def tensor(name, dims, kind, *fields):
    return b"".join(put(1, d) for d in dims) + put(2, kind) + put(8, name) + b"".join(fields)


def integers(name, *numbers):
    return tensor(name, [len(numbers)], INT64, put(9, struct.pack(f"<{len(numbers)}q", *numbers)))


def floats(name, dims, *numbers):
    return tensor(name, dims, FLOAT, put(9, struct.pack(f"<{len(numbers)}f", *numbers)))


def external(name, dims=(1,), kind=FLOAT, **entries):
    place = b"".join(put(13, put(1, key) + put(2, value)) for key, value in entries.items())
    return tensor(name, dims, kind, place, put(14, 1))


def number(name, value):
    return put(1, name) + put(3, value) + put(20, 2)


def nested(name, content):
    return put(1, name) + put(6, content) + put(20, 5)


def node(op, inputs=(), outputs=(), *attributes, name="", domain=""):
    return (b"".join(put(1, i) for i in inputs) + b"".join(put(2, o) for o in outputs) + put(3, name) +
            put(4, op) + b"".join(put(5, a) for a in attributes) + (put(7, domain) if domain else b""))


def graph(nodes, weights=(), inputs=(), outputs=(), name="g", values=()):
    return (b"".join(put(1, n) for n in nodes) + put(2, name) + b"".join(put(5, w) for w in weights) +
            b"".join(put(11, i) for i in inputs) + b"".join(put(12, o) for o in outputs) +
            b"".join(put(13, v) for v in values))


def branch(*nodes, outputs=None):
    return graph(nodes, outputs=[port("q", [])] if outputs is None else outputs)
