#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets: make_corpus.py FOLDER [EXPORTED] writes FOLDER/zip, FOLDER/pickle, ...

The seeds are the golden and hostile checkpoints, ONNX files, references, pictures and logs of the tests, and what
doctor_seeds.py makes, and what earlier campaigns kept in fuzz/corpus. In zip files checksums are set to 0, which the reader takes as "none", so that a changed pickle
is still read. The doctor also gets the files of the folder EXPORTED, which torch.onnx.export made, without their
weights.
"""
import json
import pathlib
import struct
import sys
import tarfile
import zipfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
import doctor_seeds
from support import protobuf

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
KEPT = ROOT / "fuzz" / "corpus"
GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9  # fields of ModelProto, GraphProto, TensorProto
PREFIXES = {"zip": "zip", "legacy": "legacy", "tar": "tar", "pickle": "pickle",
            "safe": "safetensors", "script": "zip", "export": "zip"}


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
        for path in sorted(TESTS.glob("hostile/onnx/*.onnx")):
            (out / target / path.name).write_bytes(path.read_bytes())
    for name, content in doctor_seeds.seeds():
        (out / "doctor" / f"{name}.onnx").write_bytes(content)
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


def packed_in(path):
    """The compressed bytes of a zip file's entries."""
    data = path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if e.compress_type == zipfile.ZIP_DEFLATED]
    except BROKEN:
        return []
    starts = [(e.header_offset + 30 + sum(struct.unpack_from("<HH", data, e.header_offset + 26)), e.compress_size)
              for e in entries]
    return [data[start:start + size] for start, size in starts]


def inflate_seeds(out):
    (out / "inflate").mkdir(exist_ok=True)
    for path in sorted(TESTS.glob("golden/checkpoint/*.pt")) + sorted(TESTS.glob("hostile/script_*")):
        for k, content in enumerate(packed_in(path)):
            (out / "inflate" / f"{path.stem}_{k}").write_bytes(content[:50_000])
    for level in (0, 1, 9):
        (out / "inflate" / f"level_{level}").write_bytes(zlib.compress(bytes(range(256)) * 3, level)[2:-4])


def reference(tensors, **metadata):
    """A safetensors file of (name, type, shape, bytes)."""
    header, body = {"__metadata__": metadata}, b""
    for name, dtype, shape, content in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(content)]}
        body += content
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def reference_seeds(out):
    """Two detections with all that detectors give, of which a reference has a part."""
    (out / "reference").mkdir(exist_ok=True)
    reals = lambda *numbers: struct.pack(f"<{len(numbers)}f", *numbers)
    found = [("boxes", "F32", [2, 4], reals(0, 1, 5, 6, 2, 2, 8, 7)), ("labels", "I64", [2], struct.pack("<2q", 1, 2)),
             ("scores", "F32", [2], reals(0.9, 0.6))]
    masks = ("masks", "F32", [2, 3, 3], reals(*[0.7] * 18))
    pasted = ("pasted_masks", "F32", [2, 8, 8], reals(*[0.7] * 128))
    keypoints = [("keypoints", "F32", [2, 3, 3], reals(*[2.0] * 18)), ("keypoints_scores", "F32", [2, 3], reals(*[1.0] * 6))]
    image = ("a/input", "U8", [1, 8, 8, 3], bytes(range(192)))
    below = lambda before, tensors: [(before + name, *rest) for name, *rest in tensors]
    for name, tensors in (("boxes", found), ("masks", [*found, masks]), ("pasted", [*found, pasted]),
                          ("keypoints", found + keypoints), ("tied", found + below("tied/", found)),
                          ("incomplete", found[:2]), ("hostile", [("boxes", "F32", [1, 4], reals(-3e38, 0, 3e38, 1e30)),
                                                                  ("labels", "I64", [1], bytes(8)),
                                                                  ("scores", "F32", [1], reals(float("nan"))),
                                                                  ("masks", "F32", [1, 3, 3], reals(*[0.7] * 9))])):
        content = reference([image, *below("a/0/", tensors)], cases='["a", "b"]', torch="2.6", settings='{"min_size": 8}')
        (out / "reference" / f"{name}.safetensors").write_bytes(content)
    fake = TESTS / "golden" / "verify" / "fake.safetensors"
    (out / "reference" / fake.name).write_bytes(fake.read_bytes())


def text_seeds(out):
    """JSON of settings and annotations, lines of logs."""
    settings = [*doctor_seeds.CONFIGS, "[[1, 2.5], null, true]", '"text"', "1e400", "-9223372036854775809",
                '{"image_mean": 0.5, "image_std": [0.2, 0.2, 0.2], "anchor_sizes": [[32], [64]], "topk_candidates": 9}',
                '{"score_thresh": 0.1, "nms_thresh": "x", "min_size": [600, 800], "max_size": null, "boxes": [{"a": {}}]}']
    image = lambda number, name: {"id": number, "file_name": name}
    annotations = [json.dumps({"images": images}) for images in (
        [image(1, "039.jpg"), image(2, "x/000000000139.jpg")], [image(7.9, "039.jpg")], [image(1e300, "039.jpg")],
        [image(1, "039.jpg")] * 2, [{"id": 3}], [], {}, [image("5", None)])]
    rows = (TESTS / "doctor" / "log_messages.tsv").read_text().splitlines()
    lines = [row.split("\t")[0] for row in rows if not row.startswith("#")]
    for target, texts in (("settings", settings), ("annotations", annotations), ("log", lines)):
        (out / target).mkdir(exist_ok=True)
        for k, text in enumerate(texts):
            (out / target / f"{k}.txt").write_bytes(text.encode())


def infer_seeds(out):
    """Requests of the server: two bytes with the length of the JSON, the JSON, tensors."""
    (out / "infer").mkdir(exist_ok=True)
    tensor = lambda name, kind, shape, **more: {"name": name, "datatype": kind, "shape": shape, **more}
    binary = lambda size: {"parameters": {"binary_data_size": size}}
    piece = struct.pack("<I", 3) + b"abc"
    for k, (request, tail) in enumerate((
            ({"id": "1", "inputs": [tensor("x", "FP32", [2, 1], data=[[1], [-2.5e3]])]}, b""),
            ({"inputs": [tensor("x", "UINT8", [2], **binary(2)), tensor("y", "INT64", [1], data=[7])],
              "outputs": [{"name": "o", "parameters": {"binary_data": True}}]}, b"ab"),
            ({"inputs": [tensor("f", "BYTES", [2], **binary(14))],
              "parameters": {"binary_data_output": True}}, piece * 2),
            ({"inputs": [tensor("h", "FP16", [1], data=[0.5]), tensor("b", "BOOL", [1], **binary(1))]}, b"\1"),
            ({"inputs": [tensor("x", "FP32", [2**31 - 1] * 8, data=[])], "outputs": {}}, b""))):
        text = json.dumps(request).encode()
        (out / "infer" / f"{k}").write_bytes(struct.pack("<H", len(text)) + text + tail)


def jobs_seeds(out):
    """run.json, a list, and rows of detectors as `predict --list` writes them."""
    (out / "jobs").mkdir(exist_ok=True)
    run = {"form": 1, "images": 2, "list": "0" * 16, "shards": 2, "part_size": 3}
    box = {"box": [1, 2.5, None, 4e-3], "label": 1, "score": 0.5}
    polygon = {**box, "mask": [[0, 0, 4, 0, 4, 3]], "area": 6}
    lengths = {**box, "mask": {"size": [4, 4], "counts": "52203"}, "area": 6}
    points = {**box, "keypoints": [[1, 2, 1], [None, 0, 0]]}
    failed = {"file": "a.jpg", "error": {"code": "I001", "message": "it is no image"}}
    for k, rows in enumerate((([box], [points]), ([polygon], []), ([lengths, polygon], [box, lengths]), ([], []))):
        lines = [json.dumps({"file": "a.jpg", "detections": found}) for found in rows]
        text = [json.dumps(run), "a.jpg\nb.jpg\n", "\n".join((*lines, json.dumps(failed, separators=(",", ":"))))]
        (out / "jobs" / f"{k}").write_bytes("\0".join(text).encode())
    huge = {**run, "shards": 2**62, "part_size": 2**62}
    (out / "jobs" / "huge").write_bytes((json.dumps(huge) + "\0a.jpg\n\0" + '{"label":1e300,"error":5}').encode())


def unpack_kept(target, folder):
    """What fuzz/campaign --keep has packed for a target."""
    archive = KEPT / f"{target}.tar.xz"
    folder.mkdir(parents=True, exist_ok=True)
    if archive.exists():
        with tarfile.open(archive) as packed:
            for member in packed:
                (folder / member.name).write_bytes(packed.extractfile(member).read())


def main():
    out = pathlib.Path(sys.argv[1])
    for target in (*PREFIXES.values(), "checkpoint"):
        (out / target).mkdir(parents=True, exist_ok=True)
    for path in sorted(TESTS.glob("golden/checkpoint/*")) + sorted(TESTS.glob("hostile/*")):
        target = PREFIXES.get(path.name.split("_")[0].split(".")[0])
        if target is None or path.stat().st_size > 100_000:
            continue
        content = without_checksum(path) if target == "zip" else path.read_bytes()
        (out / target / path.name).write_bytes(content)
        (out / "checkpoint" / path.name).write_bytes(content)
        for k, content in enumerate(pickles_of(path) if target == "zip" else []):
            (out / "pickle" / f"{path.stem}_{k}.pkl").write_bytes(content)
    onnx_seeds(out, sys.argv[2] if len(sys.argv) > 2 else None)
    image_seeds(out)
    inflate_seeds(out)
    reference_seeds(out)
    infer_seeds(out)
    jobs_seeds(out)
    text_seeds(out)
    for archive in sorted(KEPT.glob("*.tar.xz")):
        target = archive.name.removesuffix(".tar.xz")
        unpack_kept(target, out / target)


if __name__ == "__main__":
    main()
