#!/usr/bin/python3
"""What every module of torchvision's models gives: shape and two numbers of it.

    /usr/bin/python3 tests/gen/features.py tests/golden/zoo/features.json

Made with Debian 12's python3-torchvision (0.14.1) of the weights of classifiers.py, one case
of each family. A row for each module that is called once and gives one tensor: its path, its
shape, the root mean square of its numbers, and that of their sums with alternating weights, which
tells orders apart.
"""
import json
import sys
from pathlib import Path

import torch

import classifiers

CASES = ["alexnet", "resnet18", "squeezenet1_1", "densenet121", "inception_v3", "googlenet",
         "mobilenet_v2", "shufflenet_v2_x0_5", "mobilenet_v3_small", "efficientnet_b0",
         "regnet_x_400mf", "convnext_tiny", "swin_t", "swin_v2_t", "vit_b_32 enlarged",
         "maxvit_t of 448"]
PERIOD = 89  # weights -1..1 by the place, again and again


def numbers_of(tensor):
    flat = tensor.detach().double().flatten()
    weights = (torch.arange(len(flat)) % PERIOD).double() / (PERIOD // 2) - 1
    return [float(f"{value:.6g}") for value in
            (flat.pow(2).mean().sqrt().item(), (flat * weights).mean().item())]


def rows_of(model, inputs):
    rows, calls = {}, {}

    def note(path):
        def hook(module, arguments, output):
            calls[path] = calls.get(path, 0) + 1
            if isinstance(output, tuple) and isinstance(module, torch.nn.MultiheadAttention):
                output = output[0]
            if isinstance(output, torch.Tensor):
                rows[path] = [path, list(output.shape), *numbers_of(output)]
        return hook

    for path, module in model.named_modules():
        if path and "aux" not in path.lower():
            module.register_forward_hook(note(path))
    with torch.no_grad():
        model(*inputs)
    return [row for path, row in rows.items() if calls[path] == 1]


def classifier(name):
    case = classifiers.CASES[name]
    model = classifiers.make(name, case)
    classifiers.set_weights(model, case.get("factors", {}))
    sizes = case.get("sizes", classifiers.SIZES)
    if "enlarged" in case:
        model = classifiers.enlarged(model, name, case["enlarged"])
    classifiers.calibrate(model, classifiers.photo(sizes[-1]))
    return {"name": name, "input": [1, 3, *sizes[0]], "rows": rows_of(model, [classifiers.photo(sizes[0], 1)])}


def main():
    cases = []
    for name in CASES:
        cases.append(classifier(name))
        print(name, len(cases[-1]["rows"]), flush=True, file=sys.stderr)
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(sys.argv[1]).write_text(f"[\n{text}\n]\n")


main()
