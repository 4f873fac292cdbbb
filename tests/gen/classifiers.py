#!/usr/bin/python3
"""Goldens of torchvision's classifiers: what tensors each builder has, and logits of some.

    /usr/bin/python3 tests/gen/classifiers.py tests/golden/zoo

Made with Debian 12's python3-torchvision (0.14.1). Weights are not stored: a formula makes them of
their keys, here and in tests/support/designed_weights.cpp, so that activations neither die out nor
grow, as those of default initialisation do. What a batch normalisation expects of its input is
measured once and stored, one number per layer.
"""
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision import models

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

BUILDERS = """alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn
resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d
wide_resnet50_2 wide_resnet101_2 squeezenet1_0 squeezenet1_1
densenet121 densenet161 densenet169 densenet201 inception_v3 googlenet mobilenet_v2
shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0
mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3 mobilenet_v3_large mobilenet_v3_small
efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5
efficientnet_b6 efficientnet_b7 efficientnet_v2_s efficientnet_v2_m efficientnet_v2_l
regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf regnet_y_16gf
regnet_y_32gf regnet_y_128gf regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf
regnet_x_8gf regnet_x_16gf regnet_x_32gf
convnext_tiny convnext_small convnext_base convnext_large
swin_t swin_s swin_b swin_v2_t swin_v2_s swin_v2_b
vit_b_16 vit_b_32 vit_l_16 vit_l_32 vit_h_14 maxvit_t""".split()

# name: builder, its arguments, a head of another form, sizes of the images, factors of the weights
# whose names end so, another size than that which the weights are of, opsets that are run
SIZES = [(64, 64), (65, 97)]
# Where windows do not fill the map, there is one window only, along one axis or both.
WINDOW_SIZES = [(28, 28), (29, 29), (56, 56), (97, 130), (231, 257), (30, 130)]
CASES = {
    "alexnet": {},
    "vgg11": {"head": "small"},
    "vgg11_bn": {"head": "small"},
    "resnet18": {},
    "resnet50": {"head": "sequential"},
    "resnext50_32x4d": {},
    "squeezenet1_0": {},
    "squeezenet1_1": {},
    "densenet121": {},
    "inception_v3": {"sizes": [(75, 75), (83, 97)], "kwargs": {"init_weights": False}},
    "googlenet": {"kwargs": {"init_weights": False, "aux_logits": True}},
    "googlenet transform_input": {"kwargs": {"init_weights": False, "transform_input": True,
                                             "aux_logits": False},
                                  "settings": {"transform_input": True}},
    "mobilenet_v2": {},
    "mobilenet_v2 quantizable": {"quantizable": True, "settings": {"quantizable": True}},
    "shufflenet_v2_x0_5": {},
    "mnasnet0_5": {},
    "mobilenet_v3_large": {},
    "mobilenet_v3_small": {},
    "efficientnet_b0": {},
    "efficientnet_b5": {"sizes": [(64, 64)]},
    "efficientnet_v2_s": {"sizes": [(64, 64)]},
    "regnet_x_400mf": {},
    "regnet_y_400mf": {},
    "convnext_tiny": {},
    "swin_t": {"sizes": WINDOW_SIZES},
    # So large that what is masked by -100 counts.
    "swin_t far": {"sizes": [(97, 130)], "opsets": [17],
                   "factors": {"relative_position_bias_table": 400}},
    "swin_v2_t": {"sizes": WINDOW_SIZES, "opsets": [17, 11], "head": "head",
                  "settings": {"head_layers": ["gelu"]}},
    # Some above the logarithm of 100, where it is clipped.
    "swin_v2_t clipped": {"sizes": [(56, 56)], "factors": {"logit_scale": 2.6}, "opsets": [17]},
    # At the size of their weights these two are among the live tests.
    "vit_b_32 enlarged": {"sizes": [(256, 256)], "enlarged": 256, "opsets": [17],
                          "kwargs": {"representation_size": 64}},
    "maxvit_t of 448": {"sizes": [(448, 448)], "enlarged": 448, "opsets": [17]},
}
CLASSES = 10
MASK = (1 << 64) - 1


def fnv(key):
    value = 0xCBF29CE484222325
    for byte in key.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def noise(key, count):
    """In [-1, 1), of 24 bits."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv(key)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def designed(key, shape):
    u = noise(key, int(np.prod(shape))).reshape(shape)
    if key.endswith("layer_scale"):
        return 0.3 + 0.1 * u
    if key.endswith("logit_scale"):
        return 1.5 + 0.5 * u
    if len(shape) >= 2:
        return u * np.sqrt(6 / np.prod(shape[1:]))
    return 1 + 0.25 * u if key.endswith("weight") else 0.1 * u


def tensor(values):
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def photo(size, count=2):
    return tensor(2 * noise(f"input/{size[0]}x{size[1]}", count * 3 * size[0] * size[1])
                  .reshape(count, 3, *size))


# What torchvision computes when it makes a model, and what `calibrate` sets.
COMPUTED = ("running_mean", "running_var", "relative_coords_table")


def set_weights(model, factors):
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if value.is_floating_point() and not key.endswith(COMPUTED):
                factor = factors.get(key.rsplit(".")[-1], 1)
                value.copy_(tensor(factor * designed(key, tuple(value.shape))))


def calibrate(model, *inputs):
    """Sets the statistics of every batch normalisation when its input first comes by."""
    norms = {}

    def before(name):
        def hook(module, inputs):
            if name not in norms:
                rms = float(f"{inputs[0].pow(2).mean().sqrt().item():.9g}")
                norms[name] = rms
                set_statistics(module, name, rms)
        return hook

    layers = {name: m for name, m in model.named_modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)}
    handles = [m.register_forward_pre_hook(before(name)) for name, m in layers.items()]
    with torch.no_grad():
        model(*inputs)
    for handle in handles:
        handle.remove()
    for name, layer in layers.items():
        if name not in norms:  # of an auxiliary head
            norms[name] = 1.0
            set_statistics(layer, name, 1.0)
    return norms


def set_statistics(layer, name, rms):
    count = layer.num_features
    layer.running_mean.copy_(tensor(0.1 * rms * noise(name + ".running_mean", count)))
    layer.running_var.copy_(tensor(rms * rms * (1 + 0.5 * noise(name + ".running_var", count))))


def replace_head(model, kind):
    """What people put in place of the builder's own layers."""
    if kind == "small":
        width = model.classifier[0].in_features
        model.classifier = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Dropout(),
                                         nn.Linear(32, CLASSES))
    elif kind == "head":
        model.head = nn.Sequential(nn.Linear(model.head.in_features, 32), nn.GELU(),
                                   nn.Linear(32, CLASSES))
    elif kind == "sequential":
        model.fc = nn.Sequential(nn.Dropout(), nn.Linear(model.fc.in_features, 64),
                                 nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, CLASSES))


def make(name, case):
    builder = name.split()[0]
    source = models.quantization if case.get("quantizable") else models
    kwargs = {"num_classes": CLASSES, **case.get("kwargs", {})}
    model = getattr(source, builder)(weights=None, **kwargs)
    replace_head(model, case.get("head"))
    return model.eval()


def enlarged(model, name, size):
    """The network that torchvision makes for another size, with these weights."""
    if name.startswith("maxvit"):
        larger = models.maxvit_t(num_classes=CLASSES, input_size=(size, size))
        larger.load_state_dict(model.state_dict())
        return larger.eval()
    larger = make(name, {"kwargs": {**CASES[name]["kwargs"], "image_size": size}})
    larger.load_state_dict(models.vision_transformer.interpolate_embeddings(
        size, model.patch_size, model.state_dict()))
    return larger.eval()


def run(model, size):
    """Logits in float64, and how far those in float32 are off: by the worse of torch's two ways to
    convolve, as what one of them rounds away differs from processor to processor."""
    x = photo(size)
    singles = []
    with torch.no_grad():
        for onednn in (True, False):
            with torch.backends.mkldnn.flags(enabled=onednn):
                singles.append(model(x).double())
        double = model.double()(x.double())
    model.float()
    std = double.std().item()
    error = max((single - double).abs().max().item() for single in singles)
    return {"size": list(size), "std": std, "error": error / std,
            "logits": [[round(v, 9) for v in row] for row in double.tolist()]}


def shapes(model):
    return {k: list(v.shape) for k, v in model.state_dict().items()
            if not k.endswith("num_batches_tracked")}


def logits_case(name, case):
    model = make(name, case)
    set_weights(model, case.get("factors", {}))
    sizes = case.get("sizes", SIZES)
    own = shapes(model)
    if "enlarged" in case:
        model = enlarged(model, name, case["enlarged"])
    norms = calibrate(model, photo(sizes[-1]))
    standard = shapes_of_builder(name.split()[0])
    return {"name": name, "builder": name.split()[0], "settings": case.get("settings", {}),
            "factors": case.get("factors", {}), "enlarged": case.get("enlarged"),
            "opsets": case.get("opsets", [17, 11, 13, 21]),
            "without": sorted(k for k in standard if k not in own),
            "with": {k: v for k, v in own.items() if standard.get(k) != v},
            "norms": norms, "runs": [run(model, size) for size in sizes]}


def without_memory():
    """From now on modules are made without values."""
    for maker in ("empty", "zeros", "ones"):
        original = getattr(torch, maker)
        setattr(torch, maker, lambda *a, original=original, **k: original(*a, **{**k, "device": "meta"}))
    for init in dir(nn.init):
        if init.endswith("_") and not init.startswith("_"):
            setattr(nn.init, init, lambda t, *a, **k: t)


TENSORS = {}  # of the builders, by key


def shapes_of_builder(builder):
    return TENSORS[builder]


def all_tensors():
    tensors = {}
    for builder in BUILDERS:
        inception = builder in ("googlenet", "inception_v3")
        kwargs = {"init_weights": False, "aux_logits": True} if inception else {}
        tensors[builder] = shapes(getattr(models, builder)(weights=None, **kwargs))
    return tensors


def layers_of(tensors):
    """(kind, name, dims): l has weight and bias, b is a batch normalisation, t one tensor."""
    for key, shape in tensors.items():
        name, leaf = key.rsplit(".", 1) if "." in key else ("", key)
        if name + ".running_mean" in tensors:
            if leaf == "weight":
                yield "b", name, shape
        elif leaf == "weight" and tensors.get(name + ".bias") == shape[:1]:
            yield "l", name, shape
        elif not (leaf == "bias" and (name + ".weight") in tensors):
            yield "t", key, shape


def as_text(builders):
    """One line per layer. A name begins with as many characters of the last one as the number says."""
    lines = []
    for builder, tensors in builders.items():
        lines.append(f"= {builder}")
        last = ""
        for kind, name, shape in layers_of(tensors):
            shared = len(os.path.commonprefix([last, name]))
            lines.append(f"{kind} {shared} {name[shared:] or '-'} {','.join(map(str, shape))}")
            last = name
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1] == "--tensors":
        without_memory()
        print(json.dumps(all_tensors()))
        return
    out = Path(sys.argv[1])
    asked = subprocess.run([sys.executable, __file__, "--tensors"], check=True, capture_output=True)
    TENSORS.update(json.loads(asked.stdout))
    (out / "classifier_tensors.txt").write_text(as_text(TENSORS))
    cases = []
    for name, case in CASES.items():
        cases.append(logits_case(name, case))
        print(name, [(r["std"], r["error"]) for r in cases[-1]["runs"]], flush=True)
    text = ",\n".join(json.dumps(case) for case in cases)
    (out / "classifiers.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
