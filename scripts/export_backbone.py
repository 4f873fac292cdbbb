#!/usr/bin/env python3
"""Exports the backbone of a torchvision detector, for backbones that tv2onnx does not build.

    export_backbone.py model.pth --trust -o backbone.onnx
    tv2onnx export model.pth --backbone backbone.onnx -o model.onnx

The file must be a whole module (torch.save(model)). From Python, with a model in your hands:

    from export_backbone import export_backbone
    export_backbone(model, "backbone.onnx")

The backbone is traced at three sizes and batches. Where the traces differ, the image decided
something that the file would keep for all others: what differs is named and nothing is written.
Where onnxruntime is installed, the file is run and compared with the module.

Needs Python 3.8 and torch 1.10 or newer; for checkpoints also load_detector.py, read_weights.py,
find_model.py and the files called fit_*.py beside it.
"""
# The metadata "tv2onnx.backbone" is JSON: module (what of the detector this is), maps (name,
# channels, stride; fine to coarse), traced ([height, width] each), changed (nodes that differed: none
# in a file that is written), shapes (images and the maps that they gave), and who wrote it.
import argparse
import contextlib
import copy
import inspect
import io
import json
import math
import os
import sys
import warnings

try:
    import torch
except ImportError as missing:
    if __name__ != "__main__":
        raise
    print(f"export_backbone.py: error: {missing} in {sys.executable}: this runs your model in "
          "PyTorch", file=sys.stderr)
    sys.exit(4)

# Height and width, small, odd and large, rounded up to what the detector pads images to. First the
# smallest that it makes of an image, or where the backbone cannot take that, a larger one.
SMALLEST, SMALL = (1, 33), (64, 95)
SIZES = [(223, 160), (667, 415)]
SHOWN = 12
PREFIX = "map_"  # of outputs: torch allows no names that are numbers
# Fields of ModelProto, GraphProto and NodeProto (onnx.proto).
GRAPH, METADATA = 7, 14
NODE, INITIALIZER = 1, 5
NODE_OUTPUT, NODE_NAME, NODE_OP = 2, 3, 4
KEY, VALUE = 1, 2


class Unusable(Exception):
    """A backbone that cannot be exported as it is."""


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def fields(message):
    """(number, bytes) of the fields of a protobuf message that have a length."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag & 7 == 2:
            length, at = varint(message, at)
            yield tag >> 3, message[at:at + length]
            at += length
        elif tag & 7 == 0:
            _, at = varint(message, at)
        else:
            at += {1: 8, 5: 4}[tag & 7]


def number(value):
    """As a varint."""
    text = bytearray()
    while value > 127:
        text.append(value & 127 | 128)
        value >>= 7
    return bytes(text) + bytes([value])


def field(index, content):
    return number(index << 3 | 2) + number(len(content)) + content


def parts(model, index):
    """The nodes or weights of a model, as bytes."""
    graph = next(content for found, content in fields(memoryview(model)) if found == GRAPH)
    return [content for found, content in fields(graph) if found == index]


def label(node):
    texts = {index: bytes(content).decode() for index, content in fields(node)
             if index in (NODE_OUTPUT, NODE_NAME, NODE_OP)}
    return f"{texts.get(NODE_NAME) or texts.get(NODE_OUTPUT, '')} ({texts.get(NODE_OP, '')})"


def changed(first, other):
    """What two traces have different, by name."""
    nodes, others = parts(first, NODE), parts(other, NODE)
    if len(nodes) != len(others):
        longer, shorter = sorted((nodes, others), key=len, reverse=True)
        known = set(map(label, shorter))
        more = [name for name in map(label, longer) if name not in known]
        return more or [f"{len(nodes)} and {len(others)} nodes"]
    found = [label(node) for node, other in zip(nodes, others) if node != other]
    if not found and parts(first, INITIALIZER) != parts(other, INITIALIZER):
        found.append("a constant")
    return found


@contextlib.contextmanager
def quiet():
    """Without the tracer's warnings: that the traces are equal is worth more than what it guesses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def as_dict(features):
    """torchvision's detectors call a single map "0"."""
    return features if isinstance(features, dict) else {"0": features}


def trace(backbone, images, names, opset):
    """bytes of the ONNX file. PRESERVE and no folding: the weights keep their names and numbers."""
    axes = {"images": {0: "batch", 2: "height", 3: "width"}}
    outputs = [PREFIX + name for name in names]
    for name, output in zip(names, outputs):
        axes[output] = {0: "batch", 2: f"height_{name}", 3: f"width_{name}"}
    options = {"input_names": ["images"], "output_names": outputs, "dynamic_axes": axes,
               "opset_version": opset, "training": torch.onnx.TrainingMode.PRESERVE,
               "do_constant_folding": False}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False
    file = io.BytesIO()
    try:
        with torch.no_grad(), quiet():
            torch.onnx.export(backbone, images, file, **options)
    except Exception as problem:  # each release has its own
        first = str(problem).strip().split("\n")[0]
        raise Unusable(f"torch.onnx.export cannot do this backbone: {first}")
    return file.getvalue()


def takes(backbone, channels, size):
    """Whether the backbone gives maps of an image so small: it may need more pixels."""
    try:
        with torch.no_grad():
            return min(map(torch.Tensor.numel, as_dict(backbone(torch.zeros(1, channels, *size)))
                           .values())) > 0
    except (RuntimeError, ValueError, AssertionError):
        return False


def sizes_for(model, backbone, channels):
    """[(height, width)] to trace at; of an SSD, whose images have one size, that among them."""
    step = getattr(model.transform, "size_divisible", 32)
    fixed = getattr(model.transform, "fixed_size", None)

    def padded(*sizes):
        return [tuple(-(-side // step) * step for side in size) for size in sizes]
    if fixed:
        width, height = fixed
        return padded((height, width), (height + 37, width + 64), (height + 128, width + 3))
    smallest, small, *larger = padded(SMALLEST, SMALL, *SIZES)
    return [smallest if takes(backbone, channels, smallest) else small, *larger]


def stride_of(images, cells):
    return 2 ** round(math.log2(images / cells))


def require_strides(shapes, names, strides):
    """Each map has a cell for every so many pixels, at each size."""
    for images, maps in shapes:
        for name, stride, cells in zip(names, strides, maps):
            for axis in (2, 3):
                if cells[axis] in (images[axis] // stride, -(-images[axis] // stride)):
                    continue
                raise Unusable(f"the map {name} has {cells[axis]} cells for {images[axis]} pixels, "
                               f"not one for every {stride}: its size does not follow the image's")


def compare(file, backbone, channels, size, names):
    """Runs the file, where onnxruntime is installed, on noise of a size that was not traced."""
    try:
        import onnxruntime
    except ImportError:
        return None
    images = torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        wanted = list(as_dict(backbone(images)).values())
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    worst = 0.0
    for name, want, got in zip(names, wanted, session.run(None, {"images": images.numpy()})):
        difference = float((want - torch.from_numpy(got)).abs().max() / want.abs().max().clamp(1e-6))
        worst = max(worst, difference)
        if difference > 1e-3:
            raise Unusable(f"the file gives other numbers than the module: map {name}, "
                           f"{difference:.1%} of the largest")
    return worst


def require_equal(first, other, first_size, size):
    found = changed(first, other)
    if found:
        more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        raise Unusable("the size of the image decides what is in the file, which would be wrong for "
                       f"others; traces at {first_size} and {size} differ in:\n  "
                       + "\n  ".join(found[:SHOWN] + more))


def describe(names, strides, sizes, shapes):
    maps = [{"name": name, "channels": cells[1], "stride": stride}
            for name, stride, cells in zip(names, strides, shapes[0][1])]
    return {"module": "backbone", "maps": maps, "traced": [list(size) for size in sizes],
            "changed": [], "shapes": [{"images": images, "maps": cells} for images, cells in shapes],
            "torch": torch.__version__}


def record_features(model, backbone, channels, path):
    """Writes what the module gives for two images of noise, of a size that is not traced where it may
    be any. tv2onnx export --backbone-features compares that with what the file gives."""
    step = getattr(model.transform, "size_divisible", 32)
    fixed = getattr(model.transform, "fixed_size", None)
    size = [-(-side // step) * step for side in (fixed or SMALL)[::-1]]
    from record_reference import write_safetensors
    images = torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(11))
    with torch.no_grad():
        maps = as_dict(backbone(images))
    arrays = {f"maps/{name}": one.float().contiguous().numpy() for name, one in maps.items()}
    write_safetensors(path, {"images": images.numpy(), **arrays}, {"torch": torch.__version__})


def export_backbone(model, path=None, opset=17, log=None, features=None):
    """Writes the backbone of `model`, a torchvision detector, to `path`; returns the bytes.

    features: where to write what the module gives for some images (.safetensors)
    Raises Unusable, with what is in the way."""
    say = log or (lambda text: None)
    for part in ("backbone", "transform"):
        if not isinstance(getattr(model, part, None), torch.nn.Module):
            raise Unusable(f"{type(model).__name__} has no {part}: it is no detector of torchvision")
    backbone = copy.deepcopy(model.backbone).to("cpu", torch.float32).eval()
    channels = next((layer.in_channels for layer in backbone.modules()
                     if isinstance(layer, torch.nn.Conv2d)), 3)
    sizes = sizes_for(model, backbone, channels)
    inputs = [torch.randn(k + 1, channels, *size) for k, size in enumerate(sizes)]
    with torch.no_grad():
        given = [as_dict(backbone(images)) for images in inputs]
    names = [str(name) for name in given[0]]
    shapes = [(list(images.shape), [list(map_.shape) for map_ in maps.values()])
              for images, maps in zip(inputs, given)]
    strides = [stride_of(shapes[-1][0][2], cells[2]) for cells in shapes[-1][1]]
    if not getattr(model.transform, "fixed_size", None):
        require_strides(shapes, names, strides)
    file = None
    for images, size in zip(inputs, sizes):
        say(f"tracing at {size[0]} x {size[1]}")
        other = trace(backbone, images, names, opset)
        file = file or other
        require_equal(file, other, sizes[0], size)
    facts = json.dumps(describe(names, strides, sizes, shapes), separators=(",", ":"))
    entry = field(KEY, b"tv2onnx.backbone") + field(VALUE, facts.encode())
    file += field(METADATA, entry)
    worst = compare(file, backbone, channels, sizes[1][::-1], names)
    say("not compared: no onnxruntime here; tv2onnx verify compares the detector's file"
        if worst is None else f"compared with the module: worst difference {worst:.1e}")
    if features is not None:
        record_features(model, backbone, channels, features)
    if path is not None:
        write(path, file)
    return file


def write(path, content):
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", help="whole module (.pth)")
    add("-o", "--output", required=True, help="ONNX file to write")
    add("--features", metavar="FILE.safetensors",
        help="also write what the module gives for some images, which tv2onnx export "
             "--backbone-features compares")
    add("-f", "--force", action="store_true", help="overwrite the output")
    add("--trust", action="store_true", help="load the module although that runs code from the file")
    add("--opset", type=int, default=17, help="ONNX opset, 11 to 21 (default 17)")
    add("-q", "--quiet", action="store_true", help="no progress")
    return parser.parse_args()


def main():
    options = arguments()
    log = None if options.quiet else lambda text: print(text, file=sys.stderr, flush=True)
    from load_detector import Unusable as Unreadable, load_detector
    try:
        for path in filter(None, (options.output, options.features)):
            if os.path.exists(path) and not options.force:
                raise Unusable(f"{path} exists; -f overwrites it")
        model, _ = load_detector(options.model, trust=options.trust)
        export_backbone(model, options.output, options.opset, log, options.features)
    except (Unusable, Unreadable, OSError, ValueError, RuntimeError, AttributeError,
            TypeError) as problem:
        kind = "" if isinstance(problem, (Unusable, Unreadable, OSError)) else type(problem).__name__ + ": "
        print(f"export_backbone.py: error: {kind}{problem}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
