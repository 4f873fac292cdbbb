#!/usr/bin/env python3
"""Writes tests/golden/image/: small images of every kind that is read, and beside each, as PPM, the
pixels that PIL reads from it (ImageOps.exif_transpose, then convert("RGB")); and broken ones.

Needs Debian's python3-pil. Run without arguments; the products are committed.
"""
import pathlib
import struct
import zlib

from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "image"
ORIENTATION = 0x0112


def photo(width=40, height=24):
    """Smooth colours, different in every corner, so that a wrong rotation cannot go unseen."""
    image = Image.new("RGB", (width, height))
    image.putdata([(255 * x // (width - 1), 255 * y // (height - 1), (7 * x + 3 * y) % 160)
                   for y in range(height) for x in range(width)])
    return image


def exif(orientation):
    notes = Image.Exif()
    notes[ORIENTATION] = orientation
    return notes.tobytes()


def write_ppm(name, image):
    (OUT / f"{name}.ppm").write_bytes(b"P6 %d %d 255\n" % image.size + image.tobytes())


def save(name, image, **options):
    image.save(OUT / name, **options)
    expect(name)


def expect(name):
    with Image.open(OUT / name) as image:
        write_ppm(name, ImageOps.exif_transpose(image).convert("RGB"))


def jpegs():
    for orientation in range(1, 9):
        save(f"exif_{orientation}.jpg", photo(), quality=90, exif=exif(orientation))
    with Image.open(OUT / "exif_6.jpg") as image:
        write_ppm("exif_6.jpg.stored", image.convert("RGB"))
    save("exif_nonsense.jpg", photo(), exif=exif(77))
    save("grey.jpg", photo().convert("L"), quality=90)
    save("cmyk.jpg", cmyk(), quality=90)
    save("progressive.jpg", photo(), quality=90, progressive=True)
    save("full_chroma.jpg", photo(), quality=90, subsampling=0)


def cmyk():
    """All four inks in use, unlike what convert("CMYK") makes."""
    red, green, blue = photo().split()
    return Image.merge("CMYK", (red, green, blue, blue.point(lambda v: v // 2)))


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, depth, colour, rows, **header):
    """A PNG byte by byte, for kinds that PIL cannot write."""
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                                         header.get("interlace", 0)))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pngs():
    save("colour.png", photo())
    save("grey.png", photo().convert("L"))
    save("bilevel.png", photo().convert("1"))
    save("palette.png", photo().quantize(16))
    save("palette_alpha.png", photo().quantize(16), transparency=3)
    faded = photo()
    faded.putalpha(photo().convert("L"))
    save("alpha.png", faded)
    save("exif.png", photo(), exif=exif(6))
    rows = b"".join(b"\0" + b"".join(struct.pack(">HHH", 1640 * x, 2849 * y, 37 * x * y)
                                     for x in range(40)) for y in range(24))
    (OUT / "colour16.png").write_bytes(png(40, 24, 16, 2, rows))
    expect("colour16.png")
    rows = b"".join(b"\0" + b"".join(struct.pack(">H", 1640 * x + y) for x in range(40))
                    for y in range(24))
    (OUT / "grey16.png").write_bytes(png(40, 24, 16, 0, rows))
    high = Image.new("L", (40, 24))  # PIL itself clips at 255
    high.putdata([(1640 * x + y) >> 8 for y in range(24) for x in range(40)])
    write_ppm("grey16.png", high.convert("RGB"))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    rows = b""
    for left, top, dx, dy in passes:
        for y in range(top, 24, dy):
            rows += b"\0" + b"".join(bytes(photo().getpixel((x, y))) for x in range(left, 40, dx))
    (OUT / "interlaced.png").write_bytes(png(40, 24, 8, 2, rows, interlace=1))
    expect("interlaced.png")


def webps():
    save("lossy.webp", photo(), quality=90)
    faded = photo()
    faded.putalpha(photo().convert("L"))
    save("lossless_alpha.webp", faded, lossless=True, exact=True)
    save("exif.webp", photo(), lossless=True, exif=b"Exif\0\0" + exif(8).removeprefix(b"Exif\0\0"))


def bmps():
    save("colour.bmp", photo())
    save("palette.bmp", photo().quantize(32))
    save("grey.bmp", photo().convert("L"))
    save("bilevel.bmp", photo().convert("1"))
    data = bytearray((OUT / "colour.bmp").read_bytes())
    data[22:26] = struct.pack("<i", -24)
    (OUT / "top_down.bmp").write_bytes(data)
    expect("top_down.bmp")
    pixels = b"".join(struct.pack("<BBBB", *reversed(photo().getpixel((x, y))), 0)
                      for y in range(23, -1, -1) for x in range(40))
    header = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 54 + len(pixels), 0, 0, 54, 40, 40, 24, 1, 32,
                         0, len(pixels), 0, 0, 0, 0)
    (OUT / "colour32.bmp").write_bytes(header + pixels)
    expect("colour32.bmp")
    data[30:34] = struct.pack("<I", 1)  # run-length coding
    (OUT / "run_length.bmp").write_bytes(data)


def cut(source, name, keep):
    data = (OUT / source).read_bytes()
    (OUT / name).write_bytes(data[:int(len(data) * keep)])


def broken():
    cut("full_chroma.jpg", "truncated.jpg", 0.7)
    cut("progressive.jpg", "truncated_progressive.jpg", 0.9)
    cut("colour.png", "truncated.png", 0.7)
    cut("lossy.webp", "truncated.webp", 0.7)
    cut("colour.bmp", "truncated.bmp", 0.7)
    (OUT / "no_end_marker.jpg").write_bytes((OUT / "full_chroma.jpg").read_bytes()[:-2])
    data = bytearray((OUT / "colour.png").read_bytes())
    data[-13] ^= 0xFF  # of the pixels; the end chunk has 12 bytes
    (OUT / "bad_checksum.png").write_bytes(data)
    rows = b"\0" * 1000
    (OUT / "huge.png").write_bytes(png(60000, 60000, 8, 2, rows))
    (OUT / "no_pixels.png").write_bytes(png(0, 24, 8, 2, rows))
    data = bytearray((OUT / "grey.jpg").read_bytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5:frame + 9] = struct.pack(">HH", 65500, 65500)
    (OUT / "huge.jpg").write_bytes(data)
    (OUT / "text.jpg").write_text("This is no picture.\n")
    (OUT / "empty.jpg").write_bytes(b"")
    frames = [photo(), photo().rotate(180)]
    frames[0].save(OUT / "animated.webp", save_all=True, append_images=frames[1:])
    photo().save(OUT / "picture.gif")


def check():
    """What the broken ones are to PIL."""
    for name in ("truncated.jpg", "truncated_progressive.jpg", "truncated.png", "truncated.webp",
                 "truncated.bmp", "no_end_marker.jpg", "bad_checksum.png"):
        try:
            Image.open(OUT / name).load()
        except (OSError, SyntaxError) as error:
            print(f"{name}: {error}")
        else:
            print(f"{name}: PIL reads it")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    jpegs()
    pngs()
    webps()
    bmps()
    broken()
    check()


if __name__ == "__main__":
    main()
