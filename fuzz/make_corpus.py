#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets: make_corpus.py FOLDER [EXPORTED] writes FOLDER/zip, FOLDER/pickle, ...

The seeds are the golden and hostile checkpoints, ONNX files and pictures of the tests. In zip files the checksum of
data.pkl is set to 0, which the reader takes as "none", so that a changed pickle is still read. The doctor also gets
the files of the folder EXPORTED, which torch.onnx.export made, without their weights.
"""
import pathlib
import struct
import sys
import zipfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from support import protobuf

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9  # fields of ModelProto, GraphProto, TensorProto
PREFIXES = {"zip": "zip", "legacy": "legacy", "tar": "tar", "pickle": "pickle",
            "safe": "safetensors"}


# What Python's zipfile throws at the hostile archives.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError,
          ValueError, OSError, EOFError)


def without_checksum(path):
    data = bytearray(path.read_bytes())
    try:
        with zipfile.ZipFile(path) as archive:
            directory = archive.start_dir
    except BROKEN:
        return bytes(data)
    at = data.find(b"PK\1\2", directory)
    while at >= 0:
        data[at + 16:at + 20] = bytes(4)
        at = data.find(b"PK\1\2", at + 46)
    return bytes(data)


def pickles_of(path):
    try:
        with zipfile.ZipFile(path) as archive:
            return [archive.read(n) for n in archive.namelist() if n.endswith("data.pkl")]
    except BROKEN:
        return []


def changed(message, field, change):
    """A protobuf message with all its fields of this number and of bytes put through `change`."""
    return b"".join(
        raw if content is None or number != field else protobuf.encoded(number, change(content))
        for number, content, raw in protobuf.fields(message))


def without_weights(model, most=64):
    shorten = lambda data: data if len(data) <= most else b""
    strip = lambda tensor: changed(tensor, RAW_DATA, shorten)
    return changed(model, GRAPH, lambda graph: changed(graph, INITIALIZER, strip))


def onnx_seeds(out, exported):
    goldens = sorted(TESTS.glob("golden/runtime/*.onnx")) + sorted(TESTS.glob("golden/run/*.onnx"))
    for target in ("onnx", "doctor"):
        (out / target).mkdir(exist_ok=True)
        for path in goldens:
            (out / target / path.name).write_bytes(path.read_bytes())
    for path in sorted(pathlib.Path(exported).glob("*.onnx")) if exported else []:
        (out / "doctor" / path.name).write_bytes(without_weights(path.read_bytes()))


def image_seeds(out):
    """Of photos only what stands before the pixels, so that EXIF data are most of a seed."""
    most = {".bmp": 100_000, ".jpg": 600, ".png": 600, ".webp": 100_000}
    for path in sorted(TESTS.glob("golden/image/*")):
        if path.suffix in most:
            folder = out / ("bmp" if path.suffix == ".bmp" else "exif")
            folder.mkdir(exist_ok=True)
            (folder / path.name).write_bytes(path.read_bytes()[:most[path.suffix]])


def main():
    out = pathlib.Path(sys.argv[1])
    for target in PREFIXES.values():
        (out / target).mkdir(parents=True, exist_ok=True)
    for path in sorted(TESTS.glob("golden/checkpoint/*")) + sorted(TESTS.glob("hostile/*")):
        target = PREFIXES.get(path.name.split("_")[0].split(".")[0])
        if target is None or path.stat().st_size > 100_000:
            continue
        content = without_checksum(path) if target == "zip" else path.read_bytes()
        (out / target / path.name).write_bytes(content)
        for k, content in enumerate(pickles_of(path) if target == "zip" else []):
            (out / "pickle" / f"{path.stem}_{k}.pkl").write_bytes(content)
    onnx_seeds(out, sys.argv[2] if len(sys.argv) > 2 else None)
    image_seeds(out)


if __name__ == "__main__":
    main()
