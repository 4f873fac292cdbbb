"""Protobuf messages taken apart, without knowing their types."""


def varint(data, place):
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, place


def as_varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def fields(message):
    """Number, content and encoding of each field; the content of numbers is None."""
    place = 0
    while place < len(message):
        start = place
        key, place = varint(message, place)
        kind, content = key & 7, None
        if kind == 2:
            size, place = varint(message, place)
            content = message[place:place + size]
            place += size
        elif kind == 0:
            place = varint(message, place)[1]
        else:
            place += 8 if kind == 1 else 4
        yield key >> 3, content, message[start:place]


def encoded(number, content):
    """A field of bytes."""
    return as_varint(number << 3 | 2) + as_varint(len(content)) + content
