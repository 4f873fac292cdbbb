#!/usr/bin/python3
"""Goldens of torchvision's segmentation, video and optical flow models, as classifiers.py makes them
of classifiers: what tensors each builder has, and every so many numbers of the outputs of some.

    /usr/bin/python3 tests/gen/task_models.py tests/golden/zoo [CASE...]

With names of cases only these are made anew. Those of swin3d need a newer torchvision than Debian
12 has (0.14.1, which made the others): scripts/oracle python3 ... as above.
"""
import json
import subprocess
import sys
from pathlib import Path

import torch
from torchvision import models
from torchvision.models import optical_flow, segmentation, video
from torchvision.models.optical_flow import raft
from torchvision.models.video import mvit

import classifiers as designed

SEGMENTATION = """fcn_resnet50 fcn_resnet101 deeplabv3_resnet50 deeplabv3_resnet101
deeplabv3_mobilenet_v3_large lraspp_mobilenet_v3_large""".split()
VIDEO = "r3d_18 mc3_18 r2plus1d_18 s3d mvit_v1_b mvit_v2_s swin3d_t swin3d_s swin3d_b".split()
FLOW = "raft_large raft_small".split()

# On the wide image, all rates of ASPP reach into the map.
WIDE = [1, 3, 40, 640]
ODD = [2, 3, 65, 97]
CASES = {
    "fcn_resnet50": {"kwargs": {"num_classes": 5, "aux_loss": True}, "inputs": [ODD]},
    "deeplabv3_resnet50": {"kwargs": {"num_classes": 5, "aux_loss": False}, "inputs": [WIDE]},
    "deeplabv3_mobilenet_v3_large": {"kwargs": {"num_classes": 5, "aux_loss": True},
                                     "inputs": [ODD, WIDE]},
    "lraspp_mobilenet_v3_large": {"kwargs": {"num_classes": 5}, "inputs": [[1, 3, 33, 40], ODD]},
}
SEVEN = {"num_classes": 7}
CLIPS = [[1, 3, 5, 33, 47], [2, 3, 8, 48, 56]]
CASES.update({name: {"kwargs": SEVEN, "inputs": CLIPS} for name in ("r3d_18", "mc3_18",
                                                                    "r2plus1d_18")})
UPDATES = {"forward": {"num_flow_updates": 3}, "settings": {"num_flow_updates": 3}}
CASES["raft_large"] = {"inputs": [[1, 3, 128, 136]], **UPDATES}
CASES["raft_small"] = {"inputs": [[1, 3, 144, 128], [2, 3, 128, 136]], **UPDATES}
# Wide enough that the last pool has two places.
CASES["s3d"] = {"kwargs": SEVEN, "inputs": [[1, 3, 13, 209, 241]]}
SQUARE = {"kwargs": {**SEVEN, "spatial_size": (64, 64), "temporal_size": 4},
          "inputs": [[2, 3, 4, 64, 64]]}
WIDER = {"kwargs": {**SEVEN, "spatial_size": (64, 96), "temporal_size": 6},
         "inputs": [[1, 3, 6, 64, 96]], "settings": {"spatial_size": [64, 96]}}
CASES.update({"mvit_v1_b": SQUARE, "mvit_v2_s": SQUARE, "mvit_v2_s wide": WIDER})
# Along each axis, windows that fill the map, do not, are one, are larger than it.
CASES["swin3d_t"] = {"kwargs": SEVEN,
                     "inputs": [[8, 3, 1, 4, 4], [2, 3, 5, 30, 61], [2, 3, 17, 67, 40]]}
KEPT = 240  # numbers of each output, at least


def source_of(builder):
    return segmentation if builder in SEGMENTATION else video if builder in VIDEO else optical_flow


def make(builder, **kwargs):
    if builder in SEGMENTATION:
        kwargs["weights_backbone"] = None
    sizes = {k: kwargs.pop(k) for k in ("spatial_size", "temporal_size") if k in kwargs}
    made = mvit._mvit
    mvit._mvit = lambda **k: made(**{**k, **sizes})  # the builders have one size only
    model = getattr(source_of(builder), builder)(weights=None, **kwargs).eval()
    mvit._mvit = made
    return model


def inputs_of(builder, shape):
    """The numbers of a key that names the shape; of flow, a second image beside the first."""
    def numbers(key):
        count = 1
        for side in shape:
            count *= side
        return designed.tensor(2 * designed.noise(key, count).reshape(shape))
    key = "input/" + "x".join(map(str, shape))
    if builder not in FLOW:
        return [numbers(key)]
    return [x / 2 for x in (numbers(key), numbers(key + "/2"))]


def outputs_of(builder, model, inputs, kwargs):
    with torch.no_grad():
        found = model(*inputs, **kwargs)
    if builder in SEGMENTATION:
        return {"logits" if name == "out" else name: value for name, value in found.items()}
    return {"flow": found[-1]} if builder in FLOW else {"logits": found}


def with_doubles(builder, model, inputs, kwargs):
    """RAFT's grid is of float32 whatever the weights are."""
    grid = raft.make_coords_grid
    raft.make_coords_grid = lambda *a, **k: grid(*a, **k).double()
    found = outputs_of(builder, model.double(), [x.double() for x in inputs], kwargs)
    raft.make_coords_grid = grid
    model.float()
    return found


def run(builder, model, shape, kwargs):
    inputs = inputs_of(builder, shape)
    single = outputs_of(builder, model, inputs, kwargs)
    double = with_doubles(builder, model, inputs, kwargs)
    outputs = {}
    for name, exact in double.items():
        std = exact.std().item()
        error = (single[name].double() - exact).abs().max().item()
        step = max(1, exact.numel() // KEPT) | 1
        outputs[name] = {"shape": list(exact.shape), "std": std, "error": error / std, "step": step,
                         "values": [float(f"{v:.8g}") for v in exact.flatten()[::step].tolist()]}
    return {"input": shape, "outputs": outputs}


def case_of(name, case):
    builder = name.split()[0]
    model = make(builder, **case.get("kwargs", {}))
    designed.set_weights(model, {})
    if case.get("settle"):
        case["settle"](model)
    forward = case.get("forward", {})
    norms = designed.calibrate(model, *inputs_of(builder, case["inputs"][-1]))
    own, standard = designed.shapes(model), standard_tensors()[builder]
    return {"name": name, "builder": builder, "settings": case.get("settings", {}),
            "without": sorted(k for k in standard if k not in own),
            "with": {k: v for k, v in own.items() if standard.get(k) != v},
            "norms": norms, "runs": [run(builder, model, shape, forward)
                                     for shape in case["inputs"]]}


TENSORS = {}


def standard_tensors():
    if not TENSORS:
        asked = subprocess.run([sys.executable, __file__, "--tensors"], check=True,
                               capture_output=True)
        TENSORS.update(json.loads(asked.stdout))
    return TENSORS


def all_tensors():
    tensors = {}
    for builder in SEGMENTATION + VIDEO + FLOW:
        aux = builder in SEGMENTATION and not builder.startswith("lraspp")
        tensors[builder] = designed.shapes(make(builder, **({"aux_loss": True} if aux else {})))
    return tensors


def main():
    if sys.argv[1] == "--tensors":
        designed.without_memory()
        print(json.dumps(all_tensors()))
        return
    out = Path(sys.argv[1])
    (out / "task_tensors.txt").write_text(designed.as_text(standard_tensors()))
    golden = out / "task_models.json"
    old = {case["name"]: case for case in json.loads(golden.read_text())} if golden.exists() else {}
    made = sys.argv[2:] or list(CASES)
    cases = []
    for name, case in CASES.items():
        again = name in made or name not in old
        cases.append(case_of(name, case) if again else old[name])
        print(name, [[(k, o["std"], o["error"]) for k, o in r["outputs"].items()]
                     for r in cases[-1]["runs"]], flush=True)
    text = ",\n".join(json.dumps(case) for case in cases)
    golden.write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
