#!/usr/bin/env python3
"""Writes tests/golden/runtime/*.onnx: tiny stand-ins for exported detectors.

Every file computes the same thing, in the several input and output conventions that tv2onnx
reads. For an image with channel means r, g, b and size height x width:

    m       = 0.5 r + 0.3 g + 0.2 b                     (so the channel order matters)
    score_k = DROP_k * m + TOP_k                        k = 0..5, decreasing in k
    box_k   = FRACTIONS_k * (width, height, width, height)
    kept    : score_k > 0.5                             (none for a black image)

Some have parts as well, [..., 1, 7, 7] or [..., 1, height, width] and [..., 4, 3]:

    mask_k[y, x]     = score_k * PATTERN[y, x]          over the box
    mask_k[y, x]     = score_k * (x + 1) / width        of the whole image
    keypoint_k_j     = box_k's upper left corner + j * (3, 2), and 1
    keypoint_score   = 10 score_k - j                   j = 0..3

Needs Debian's python3-onnx. Run without arguments; the products are committed.
"""
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "runtime"

WEIGHTS = np.array([0.5, 0.3, 0.2], np.float32)
TOP = np.array([0.50, 0.48, 0.46, 0.44, 0.42, 0.40], np.float32)
DROP = np.array([0.40, 0.36, 0.32, 0.28, 0.24, 0.20], np.float32)
LABELS = np.array([1, 2, 3, 1, 2, 3], np.int64)
FRACTIONS = np.array([[0.1, 0.1, 0.4, 0.4], [0.5, 0.1, 0.9, 0.4], [0.1, 0.5, 0.4, 0.9],
                      [0.5, 0.5, 0.9, 0.9], [0.3, 0.3, 0.7, 0.7], [0.0, 0.0, 1.0, 1.0]],
                     np.float32)
PATTERN = (np.arange(49).reshape(7, 7) * 5 % 9 / 8).astype(np.float32)
STEPS = np.array([[3 * j, 2 * j, 1] for j in range(4)], np.float32)
CONFIG = {"min_size": 100, "max_size": 200, "box_score_thresh": 0.5, "box_nms_thresh": 0.5,
          "box_detections_per_img": 8, "num_classes": 4}


def weight(name, array):
    return numpy_helper.from_array(np.asarray(array), name)


class Body:
    """Collects nodes; op(...) returns the name of the (first) output."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def op(self, kind, *inputs, outputs=None, **attributes):
        names = []
        for value in inputs:
            if not isinstance(value, str):
                name = f"c{len(self.weights)}"
                self.weights.append(weight(name, value))
                value = name
            names.append(value)
        outputs = outputs or [f"v{len(self.nodes)}"]
        self.nodes.append(helper.make_node(kind, names, outputs, **attributes))
        return outputs[0]


def ints(*values):
    return np.array(values, np.int64)


def planar(body, kind, bgr):
    """input -> float NCHW, RGB, 0..1."""
    image = "input"
    if kind == "uint8":
        image = body.op("Transpose", image, perm=[0, 3, 1, 2])
        image = body.op("Cast", image, to=TensorProto.FLOAT)
        image = body.op("Mul", image, np.float32(1 / 255))
    if kind == "auto":
        top = body.op("ReduceMax", image, axes=[1, 2, 3], keepdims=1)
        large = body.op("Greater", top, np.float32(1.5))
        image = body.op("Where", large, body.op("Div", image, np.float32(255)), image)
    if bgr:
        image = body.op("Gather", image, ints(2, 1, 0), axis=1)
    return image


def candidates(body, image, shift):
    """float NCHW -> scores [B,6], kept [B,6], boxes [B,6,4]."""
    means = body.op("ReduceMean", image, axes=[2, 3], keepdims=0)
    mean = body.op("MatMul", means, WEIGHTS.reshape(3, 1))
    scores = body.op("Add", body.op("Mul", mean, DROP), TOP)
    kept = body.op("Greater", scores, np.float32(0.5))
    shape = body.op("Shape", image)
    size = body.op("Gather", shape, ints(3, 2, 3, 2), axis=0)
    boxes = body.op("Mul", FRACTIONS, body.op("Cast", size, to=TensorProto.FLOAT))
    boxes = body.op("Add", boxes, np.float32(shift))
    batch = body.op("Gather", shape, ints(0), axis=0)
    expanded = body.op("Concat", batch, ints(6, 4), axis=0)
    return scores, kept, body.op("Expand", boxes, expanded)


def roi_masks(body, image, scores, boxes):
    return {"masks": (body.op("Mul", body.op("Unsqueeze", scores, ints(2, 3, 4)), PATTERN), [1, 7, 7])}


def full_masks(body, image, scores, boxes):
    shape = body.op("Shape", image)
    height, width = (body.op("Gather", shape, np.int64(axis)) for axis in (2, 3))
    ramp = body.op("Range", np.int64(1), body.op("Add", width, np.int64(1)), np.int64(1))
    ramp = body.op("Div", *(body.op("Cast", x, to=TensorProto.FLOAT) for x in (ramp, width)))
    size = body.op("Concat", *(body.op("Unsqueeze", x, ints(0)) for x in (height, width)), axis=0)
    rows = body.op("Expand", ramp, size)
    return {"masks": (body.op("Mul", body.op("Unsqueeze", scores, ints(2, 3, 4)), rows),
                      [1, "height", "width"])}


def keypoints(body, image, scores, boxes):
    corner = body.op("Slice", boxes, ints(0), ints(2), ints(2))
    corner = body.op("Pad", corner, ints(0, 0, 0, 0, 0, 1))
    points = body.op("Add", body.op("Unsqueeze", corner, ints(2)), STEPS)
    values = body.op("Mul", body.op("Unsqueeze", scores, ints(2)), np.float32(10))
    return {"keypoints": (points, [4, 3]),
            "keypoints_scores": (body.op("Sub", values, np.arange(4, dtype=np.float32)), [4])}


def batched_outputs(body, scores, kept, boxes, fixed):
    zero = np.float32(0)
    count = body.op("ReduceSum", body.op("Cast", kept, to=TensorProto.INT64), ints(1), keepdims=0,
                    outputs=["num_detections"])
    if fixed:
        length = ints(8)
        pads = ints(0, 0, 0, 2)
        scores = body.op("Pad", scores, pads)
        kept = body.op("Cast", body.op("Pad", body.op("Cast", kept, to=TensorProto.INT32), pads),
                       to=TensorProto.BOOL)
        boxes = body.op("Pad", boxes, ints(0, 0, 0, 0, 2, 0))
        labels = np.concatenate([LABELS, [0, 0]])
    else:
        length = body.op("ReduceMax", count, axes=[0], keepdims=1)
        labels = LABELS
    kept = body.op("Slice", kept, ints(0), length, ints(1))
    deep = body.op("Unsqueeze", kept, ints(2))
    body.op("Where", deep, body.op("Slice", boxes, ints(0), length, ints(1)), zero,
            outputs=["boxes"])
    body.op("Where", kept, body.op("Slice", labels, ints(0), length, ints(0)), np.int64(0),
            outputs=["labels"])
    body.op("Where", kept, body.op("Slice", scores, ints(0), length, ints(1)), zero,
            outputs=["scores"])
    return kept, length


def batched_parts(body, parts, kept, length):
    for name, (value, tail) in parts.items():
        deep = body.op("Unsqueeze", kept, np.arange(2, 2 + len(tail)))
        body.op("Where", deep, body.op("Slice", value, ints(0), length, ints(1)), np.float32(0),
                outputs=[name])


def flat_outputs(body, scores, kept, boxes, names, batch_index, parts):
    where = body.op("Transpose", body.op("NonZero", kept), perm=[1, 0])
    body.op("GatherND", boxes, where, outputs=[names["boxes"]])
    body.op("GatherND", scores, where, outputs=[names["scores"]])
    rank = body.op("Gather", where, np.int64(1), axis=1)
    body.op("Gather", LABELS, rank, axis=0, outputs=[names["labels"]])
    if batch_index:
        body.op("Gather", where, np.int64(0), axis=1, outputs=["batch_index"])
    for name, (value, _tail) in parts.items():
        body.op("GatherND", value, where, outputs=[names.get(name, name)])


def save(name, body, inputs, outputs, producer, metadata):
    graph = helper.make_graph(body.nodes, "fake", inputs, outputs, body.weights)
    model = helper.make_model(graph, producer_name=producer, ir_version=8,
                              opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    (OUT / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def ours(name, kind="float", outputs="batched", bgr=False, shift=0.0, parts=None, masks=None):
    """A file with the metadata that tv2onnx writes."""
    body = Body()
    image = planar(body, kind, bgr)
    scores, kept, boxes = candidates(body, image, shift)
    parts = parts(body, image, scores, boxes) if parts else {}
    layout = ["batch", "height", "width", 3] if kind == "uint8" else ["batch", 3, "height", "width"]
    dtype = TensorProto.UINT8 if kind == "uint8" else TensorProto.FLOAT
    info = helper.make_tensor_value_info
    if outputs == "flat":
        flat_outputs(body, scores, kept, boxes, {k: k for k in ("boxes", "labels", "scores")}, True,
                     parts)
        ports = [info("boxes", TensorProto.FLOAT, ["n", 4]), info("labels", TensorProto.INT64, ["n"]),
                 info("scores", TensorProto.FLOAT, ["n"]),
                 info("batch_index", TensorProto.INT64, ["n"])]
        axes = ["n"]
    else:
        batched_parts(body, parts, *batched_outputs(body, scores, kept, boxes, outputs == "fixed"))
        rows = 8 if outputs == "fixed" else "detections"
        ports = [info("boxes", TensorProto.FLOAT, ["batch", rows, 4]),
                 info("labels", TensorProto.INT64, ["batch", rows]),
                 info("scores", TensorProto.FLOAT, ["batch", rows]),
                 info("num_detections", TensorProto.INT64, ["batch"])]
        axes = ["batch", rows]
    ports[3:3] = [info(part, TensorProto.FLOAT, axes + tail) for part, (_, tail) in parts.items()]
    metadata = {
        "tv2onnx.version": "0.1.0",
        "tv2onnx.architecture": "fake_detector",
        "tv2onnx.config": json.dumps(CONFIG),
        "tv2onnx.class_names": json.dumps(["__background__", "cat", "dog", "bird"]),
        "tv2onnx.input": kind,
        "tv2onnx.outputs": outputs,
        "tv2onnx.channel_order": "bgr" if bgr else "rgb",
        "tv2onnx.torchvision": "0.21",
        "tv2onnx.checkpoint_xxh3": "00112233445566778899aabbccddeeff",
    }
    if masks:
        metadata["tv2onnx.masks"] = masks
    save(name, body, [info("input", dtype, layout)], ports, "tv2onnx", metadata)


def torch_like(name, order, size=("height", "width"), rank=3, parts=None):
    """What torch.onnx.export writes for one image: numbers as names, no metadata."""
    body = Body()
    image = "input"
    if rank == 3:
        image = body.op("Unsqueeze", image, ints(0))
    scores, kept, boxes = candidates(body, image, 0.0)
    names = {"boxes": "2207", "labels": "2208", "scores": "2206", "masks": "2778",
             "keypoints": "2685", "keypoints_scores": "end_scores.7"}
    parts = parts(body, image, scores, boxes) if parts else {}
    flat_outputs(body, scores, kept, boxes, names, False, parts)
    info = helper.make_tensor_value_info
    ports = {"boxes": info("2207", TensorProto.FLOAT, ["d0", 4]),
             "labels": info("2208", TensorProto.INT64, ["d0"]),
             "scores": info("2206", TensorProto.FLOAT, ["d0"])}
    shape = [3, *size] if rank == 3 else [1, 3, *size]
    outputs = [ports[k] for k in order]
    for part, (_, tail) in parts.items():
        outputs.append(info(names[part], TensorProto.FLOAT, ["d0", *tail]))
    save(name, body, [info("input", TensorProto.FLOAT, shape)], outputs, "pytorch", {})


def classifier():
    """One output [batch, 5]: not a detector."""
    body = Body()
    means = body.op("ReduceMean", "input", axes=[2, 3], keepdims=0)
    body.op("MatMul", means, np.ones((3, 5), np.float32), outputs=["logits"])
    info = helper.make_tensor_value_info
    save("classifier", body, [info("input", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
         [info("logits", TensorProto.FLOAT, ["batch", 5])], "pytorch", {})


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for mode in ("batched", "fixed", "flat"):
        ours(mode, outputs=mode)
    ours("uint8_bgr", kind="uint8", bgr=True)
    ours("auto", kind="auto")
    ours("shifted", shift=1.0)
    torch_like("torch_labels_scores", ("boxes", "labels", "scores"))
    torch_like("torch_scores_labels", ("boxes", "scores", "labels"), rank=4)
    torch_like("torch_static", ("boxes", "labels", "scores"), size=(30, 40))
    ours("masks_roi", parts=roi_masks, masks="roi")
    ours("masks_full", outputs="flat", parts=full_masks, masks="full")
    ours("keypoints", parts=keypoints)
    torch_like("torch_masks", ("boxes", "labels", "scores"), parts=full_masks)
    torch_like("torch_keypoints", ("boxes", "labels", "scores"), parts=keypoints)
    classifier()


if __name__ == "__main__":
    main()
