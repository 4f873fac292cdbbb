#!/usr/bin/env python3
"""Writes tests/golden/runtime/{classes,segment_*,clips*,flow}.onnx: tiny stand-ins for exported models of
the tasks beside detection.

    classes         logits from the means of the colours
    segment_labels  the class of each pixel by its colour: background unless mostly red, green, blue, black
    segment_logits  likewise, of means of 3 x 3 pixels, as of a network that gets a resized photo
    clips, clips_4  logits from the first frame, the last and the mean of all: of any number, of 4
    flow            to the right where the second image is brighter, and half as far up; from 16x16 on

Needs Debian's python3-onnx. Run without arguments; the products are committed.
"""
import json

import numpy as np
from onnx import TensorProto, helper

from fake_detectors import Body, ints, save

COLOURS = np.array([[0, 0, 0], [1, -.5, -.5], [-.5, 1, -.5], [-.5, -.5, 1], [-1, -1, -1]], np.float32)
BIAS = np.array([0.1, 0, 0, 0, 0.9], np.float32)
NAMES = ["__background__", "red", "green", "blue", "black"]
FRAMES = np.array([[6, 0, -3], [0, 6, -3], [-3, -3, 8], [1, 1, 1]], np.float32)
IMAGE = ["batch", 3, "height", "width"]


def write(name, body, task, inputs, output, more):
    """`inputs` and `output`: names and shapes; all float32 but labels."""
    info = helper.make_tensor_value_info
    kind = TensorProto.UINT8 if output[0] == "labels" else TensorProto.FLOAT
    metadata = {
        "tv2onnx.version": "0.1.0",
        "tv2onnx.architecture": "fake_" + name,
        "tv2onnx.task": task,
        "tv2onnx.config": "{}",
        "tv2onnx.input": "float",
        "tv2onnx.preparation": json.dumps({"resize_size": [], "crop_size": [], "interpolation": "bilinear",
                                           "antialias": True, "mean": [0, 0, 0], "std": [1, 1, 1]}),
        "tv2onnx.outputs": output[0],
        "tv2onnx.channel_order": "rgb",
        "tv2onnx.torchvision": "0.21",
        "tv2onnx.checkpoint_xxh3": "00112233445566778899aabbccddeeff",
        **more,
    }
    save(name, body, [info(port, TensorProto.FLOAT, shape) for port, shape in inputs],
         [info(output[0], kind, output[1])], "tv2onnx", metadata)


def classes():
    body = Body()
    means = body.op("ReduceMean", "input", axes=[2, 3], keepdims=0)
    body.op("Gemm", means, COLOURS, 4 * BIAS, transB=1, alpha=9.0, outputs=["logits"])
    write("classes", body, "classification", [("input", IMAGE)], ("logits", ["batch", 5]),
          {"tv2onnx.class_names": json.dumps(["plain", *NAMES[1:]])})


def segmenter(outputs):
    body = Body()
    image = "input"
    if outputs == "logits":
        image = body.op("AveragePool", image, kernel_shape=[3, 3], strides=[3, 3])
    scores = body.op("Conv", image, COLOURS.reshape(5, 3, 1, 1), BIAS,
                     outputs=["logits"] if outputs == "logits" else None)
    shape = ["batch", 5, "rows", "columns"]
    if outputs == "labels":
        best = body.op("ArgMax", scores, axis=1, keepdims=0)
        body.op("Cast", best, to=TensorProto.UINT8, outputs=["labels"])
        shape = ["batch", "height", "width"]
    write(f"segment_{outputs}", body, "segmentation", [("input", IMAGE)], (outputs, shape),
          {"tv2onnx.preprocess": "full", "tv2onnx.class_names": json.dumps(NAMES)})


def clips(name, time):
    body = Body()
    means = body.op("ReduceMean", "input", axes=[1, 3, 4], keepdims=0)
    ends = body.op("Gather", means, ints(0, -1), axis=1)
    three = body.op("Concat", ends, body.op("ReduceMean", means, axes=[1], keepdims=1), axis=1)
    body.op("Gemm", three, FRAMES, np.zeros(4, np.float32), transB=1, outputs=["logits"])
    write(name, body, "video", [("input", ["batch", 3, time, "height", "width"])],
          ("logits", ["batch", 4]), {"tv2onnx.class_names": json.dumps(["fades", "grows", "stays", "else"])})


def flow():
    body = Body()
    change = body.op("ReduceMean", body.op("Sub", "image2", "image1"), axes=[1], keepdims=1)
    body.op("Mul", body.op("Concat", change, change, axis=1),
            np.array([40, -20], np.float32).reshape(1, 2, 1, 1), outputs=["flow"])
    write("flow", body, "flow", [("image1", IMAGE), ("image2", IMAGE)],
          ("flow", ["batch", 2, "height", "width"]), {"tv2onnx.smallest_size": "[16,16]"})


def main():
    classes()
    segmenter("labels")
    segmenter("logits")
    clips("clips", "time")
    clips("clips_4", 4)
    flow()


if __name__ == "__main__":
    main()
