#!/usr/bin/python3
"""Models of a newer torchvision than the tests have, for scripts/oracle_parity, which runs this with
scripts/oracle:

    oracle_models.py keys
        compares the tensors of every builder with the goldens of classifiers.py and task_models.py
    oracle_models.py make FOLDER CASE
        writes the state dict, the whole module, a training checkpoint and an archive of torch.export,
        with inputs and outputs in double
    oracle_models.py compare FOLDER CASE
        runs the files that tv2onnx made of them, and compares their outputs
"""
import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torchvision import models
from torchvision.models import detection, quantization

import classifiers as designed
import task_models as tasks

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "zoo"

IMAGES = [2, 3, 64, 80]
CLIPS = [1, 3, 18, 40, 64]
# One of each family; of what a graph is made for one size only, at that size.
SHAPES = dict.fromkeys(
    """resnet18 resnext50_32x4d densenet121 googlenet mobilenet_v2 mobilenet_v3_small
    shufflenet_v2_x0_5 mnasnet0_5 efficientnet_b0 efficientnet_v2_s regnet_x_400mf regnet_y_400mf
    convnext_tiny squeezenet1_1 vgg11_bn swin_t swin_v2_t fcn_resnet50 deeplabv3_mobilenet_v3_large
    lraspp_mobilenet_v3_large""".split(), IMAGES)
SHAPES.update({"alexnet": [2, 3, 70, 81], "inception_v3": [2, 3, 80, 91],
               "vit_b_32": [1, 3, 224, 224], "maxvit_t": [1, 3, 224, 224],
               "r3d_18": CLIPS, "mc3_18": CLIPS, "r2plus1d_18": CLIPS, "swin3d_t": CLIPS,
               "s3d": [1, 3, 14, 209, 209], "mvit_v2_s": tasks.SQUARE["inputs"][0],
               "raft_small": [1, 3, 128, 136], "raft_large": [1, 3, 128, 128]})
QUANTISED = ["quantized_resnet18", "quantized_mobilenet_v3_large"]
TASKS = tasks.SEGMENTATION + tasks.VIDEO + tasks.FLOW


def model_of(name):
    if name.startswith("mvit"):
        return tasks.make(name, **tasks.SQUARE["kwargs"])
    if name in TASKS:
        return tasks.make(name, **({} if name in tasks.FLOW else {"num_classes": 7}))
    plain = {"init_weights": False} if "googlenet" in name or "inception" in name else {}
    return models.get_model(name, weights=None, num_classes=7, **plain).eval()


def numbers_of(name, model, inputs):
    """In double, and what is allowed: three times what float differs from it."""
    single = tasks.outputs_of(name, model, inputs, {})
    double = tasks.with_doubles(name, model, inputs, {})
    return {key: (exact, 3 * (single[key].double() - exact).abs().max() + 1e-6 * exact.std())
            for key, exact in double.items()}


def training_checkpoint(name, model):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    return {"epoch": 3, "model": model.state_dict(), "optimizer": optimizer.state_dict(),
            "args": argparse.Namespace(model=name, amp=True)}


def make(folder, name):
    model = model_of(name)
    designed.set_weights(model, {})
    inputs = tasks.inputs_of(name, SHAPES[name])
    designed.calibrate(model, *inputs)
    stored = dict(zip(["image1", "image2"] if len(inputs) > 1 else ["input"], inputs))
    for key, (exact, allowed) in numbers_of(name, model, inputs).items():
        stored[f"outputs.{key}"] = exact
        stored[f"allowed.{key}"] = allowed
    np.savez(folder / f"{name}.npz", **{key: value.numpy() for key, value in stored.items()})
    torch.save(model.state_dict(), folder / f"{name}.pth")
    torch.save(model, folder / f"{name}.module.pth")
    torch.save(training_checkpoint(name, model), folder / f"{name}.training.pth")
    torch.export.save(torch.export.export(model, tuple(inputs)), folder / f"{name}.pt2")


def converted(model, image):
    """By qnnpack, the one engine of Debian's torch, but with a scale for each channel."""
    torch.backends.quantized.engine = "qnnpack"
    model.fuse_model(is_qat=False)
    model.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
    torch.ao.quantization.prepare(model, inplace=True)
    model(image)
    return torch.ao.quantization.convert(model, inplace=True)


def make_quantised(folder, name):
    model, image = model_of(name), tasks.inputs_of(name, IMAGES)[0]
    designed.set_weights(model, {})
    designed.calibrate(model, image)
    with torch.no_grad():
        found = converted(model, image)(image)
    last = [m for m in model.modules() if isinstance(m, torch.ao.nn.quantized.Linear)][-1]
    np.savez(folder / f"{name}.npz", **{"input": image, "outputs.logits": found,
                                        "allowed.logits": 2.01 * last.scale})
    torch.save(model.state_dict(), folder / f"{name}.pth")


def compare(folder, name):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    recorded = np.load(folder / f"{name}.npz")
    equal = True
    for file in sorted(folder.glob(f"{name}.*.onnx")):
        session = onnxruntime.InferenceSession(str(file), options)
        names = [output.name for output in session.get_outputs()]
        inputs = {port.name: recorded[port.name] for port in session.get_inputs()}
        for output, found in zip(names, session.run(names, inputs)):
            exact = recorded[f"outputs.{output}"]
            share = np.abs(found - exact).max() / recorded[f"allowed.{output}"]
            differs = not (share <= 1 and exact.std() > 0)
            equal = equal and not differs
            print(f"{file.stem:45} {output:7} {share:.2f} of what is allowed{' DIFFERS' * differs}")
    return equal


def keys():
    """A state dict of a builder that has other tensors now is a file that is not read."""
    equal = True
    designed.without_memory()
    for module, golden in ((designed, "classifier_tensors.txt"), (tasks, "task_tensors.txt")):
        tensors = module.all_tensors()
        text = designed.as_text(tensors)
        same = text == (GOLDEN / golden).read_text()
        print(f"{len(tensors)} builders have the tensors of {golden}: {same}")
        equal = equal and same
    return equal


def remaining(folder, name):
    """The state dict alone, of a detector or a quantised builder."""
    if name.startswith("quantized_"):
        model = converted(model_of(name), torch.randn(1, 3, 96, 96))
    else:
        model = models.get_model(name, weights=None, weights_backbone=None)
    torch.save(model.state_dict(), folder / f"{name}.pth")


def main():
    command, *arguments = sys.argv[1:]
    if command == "list":
        print(json.dumps({"cases": [*SHAPES, *QUANTISED], "remaining": [
            *models.list_models(detection), *models.list_models(quantization)]}))
        return 0
    if command == "keys":
        return 0 if keys() else 1
    folder, name = Path(arguments[0]), arguments[1]
    if command == "compare":
        return 0 if compare(folder, name) else 1
    if command == "remaining":
        remaining(folder, name)
    elif name.startswith("quantized_"):
        make_quantised(folder, name)
    else:
        make(folder, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
