#!/usr/bin/env python3
"""Writes tests/golden/run/*.onnx: variations of the files of fake_detectors.py that test how
the meaning of inputs and outputs is found out.

Needs Debian's python3-onnx. Run without arguments after fake_detectors.py; the products are
committed.
"""
import pathlib

import onnx
from onnx import TensorProto, helper

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"


def load(name):
    return onnx.load(GOLDEN / "runtime" / f"{name}.onnx")


def save(name, model):
    (GOLDEN / "run").mkdir(exist_ok=True)
    onnx.checker.check_model(model)
    (GOLDEN / "run" / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def rename(graph, old, new):
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for port in list(graph.input) + list(graph.output):
        port.name = new if port.name == old else port.name


def add_output(graph, op, source, name, dtype, dims, **attributes):
    graph.node.append(helper.make_node(op, source, [name], **attributes))
    graph.output.append(helper.make_tensor_value_info(name, dtype, dims))


def misnamed():
    """Outputs in reverse order, under names that say the opposite."""
    model = load("torch_labels_scores")
    graph = model.graph
    for old, new in (("2207", "scores"), ("2208", "output"), ("2206", "boxes")):
        rename(graph, old, new)
    ports = list(graph.output)[::-1]
    del graph.output[:]
    graph.output.extend(ports)
    save("misnamed", model)


def stripped():
    for name in ("batched", "flat", "masks_roi", "keypoints"):
        model = load(name)
        del model.metadata_props[:]
        save(f"stripped_{name}", model)


def unrolled():
    """Three outputs for each of two images."""
    model = load("torch_labels_scores")
    for output in list(model.graph.output):
        copy = helper.make_tensor_value_info(output.name + "b", TensorProto.FLOAT, None)
        copy.CopyFrom(output)
        copy.name = output.name + "b"
        model.graph.node.append(helper.make_node("Identity", [output.name], [copy.name]))
        model.graph.output.append(copy)
    save("unrolled", model)


def contradictory():
    model = load("batched")
    rename(model.graph, "num_detections", "count")
    save("renamed_output", model)
    model = load("batched")
    for entry in model.metadata_props:
        if entry.key == "tv2onnx.input":
            entry.value = "uint8"
    save("wrong_input", model)


def other_inputs():
    model = load("torch_labels_scores")
    model.graph.input.append(helper.make_tensor_value_info("size", TensorProto.INT64, [2]))
    save("two_inputs", model)
    model = load("torch_labels_scores")
    port = model.graph.input[0]
    port.name = "grey"
    port.type.tensor_type.shape.dim[0].dim_value = 1
    model.graph.node.insert(0, helper.make_node("Concat", ["grey"] * 3, ["input"], axis=0))
    save("grey_input", model)


def odd_masks():
    """Masks that are neither square nor of the size of the image."""
    model = load("masks_roi")
    rename(model.graph, "masks", "whole")
    for name, value in (("from", 0), ("to", 6), ("axis", 4)):
        model.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], [value]))
    model.graph.node.append(helper.make_node("Slice", ["whole", "from", "to", "axis"], ["masks"]))
    port = next(port for port in model.graph.output if port.name == "whole")
    port.name = "masks"
    port.type.tensor_type.shape.dim[4].dim_value = 6
    save("odd_masks", model)


def miscounted():
    """A file that counts more detections than it has rows."""
    model = load("batched")
    rename(model.graph, "num_detections", "truth")
    model.graph.initializer.append(helper.make_tensor("seven", TensorProto.INT64, [], [7]))
    model.graph.node.append(helper.make_node("Add", ["truth", "seven"], ["num_detections"]))
    model.graph.output[3].name = "num_detections"
    save("miscounted", model)


def main():
    misnamed()
    stripped()
    unrolled()
    contradictory()
    other_inputs()
    odd_masks()
    miscounted()


if __name__ == "__main__":
    main()
