#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets: make_corpus.py FOLDER writes FOLDER/zip, FOLDER/pickle, ...

The seeds are the golden and hostile checkpoints and ONNX files of the tests. In zip files the checksum of data.pkl
is set to 0, which the reader takes as "none", so that a changed pickle is still read.
"""
import pathlib
import struct
import sys
import zipfile
import zlib

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
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
    (out / "onnx").mkdir(exist_ok=True)
    for path in sorted(TESTS.glob("golden/runtime/*.onnx")):
        (out / "onnx" / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
