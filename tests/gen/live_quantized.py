#!/usr/bin/python3
"""State dicts of torchvision's quantised classifiers, converted by torch, with images and logits.

    /usr/bin/python3 tests/gen/live_quantized.py build/release/live/quantized

Debian's torch runs them with qnnpack only; where the builder's weights are those of fbgemm, with a
scale for each channel, they are made so here.
"""
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from torchvision import models

from plain_safetensors import write_safetensors

torch.set_num_threads(1)
torch.backends.quantized.engine = "qnnpack"
warnings.filterwarnings("ignore")
CLASSES = 5
PER_CHANNEL = torch.ao.quantization.default_per_channel_weight_observer
PER_TENSOR = torch.ao.quantization.default_weight_observer
CASES = {
    "resnet18": ("resnet18", PER_CHANNEL, {}),
    "resnet18_of_one_scale": ("resnet18", PER_TENSOR, {}),
    "resnet50": ("resnet50", PER_CHANNEL, {}),
    "mobilenet_v2": ("mobilenet_v2", PER_TENSOR, {}),
    "shufflenet": ("shufflenet_v2_x0_5", PER_CHANNEL, {}),
    "googlenet": ("googlenet", PER_CHANNEL, {"init_weights": False, "aux_logits": False}),
    "mobilenet_v3_without_scales": ("mobilenet_v3_large", PER_TENSOR, {}),
    "inception": ("inception_v3", PER_CHANNEL, {"init_weights": False, "aux_logits": False}),
}


def make_calm(model):
    """Weights with which the rounding of one layer does not grow in those that follow, as random
    weights with statistics of batch normalisation make it: each layer gives a mean and a bit."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            share = 1 / module.weight[0].numel()
            nn.init.uniform_(module.weight, -share, 3 * share)


def converted(builder, weight, arguments, seen):
    model = getattr(models.quantization, builder)(
        weights=None, quantize=False, num_classes=CLASSES, **arguments)
    make_calm(model.eval())
    model.fuse_model(is_qat=False)
    model.qconfig = torch.ao.quantization.QConfig(
        activation=torch.ao.quantization.default_observer, weight=weight)
    torch.ao.quantization.prepare(model, inplace=True)
    with torch.no_grad():
        model(seen)
    return torch.ao.quantization.convert(model, inplace=True)


def trained(builder, weight, arguments, seen):
    """As it is before torch converts it, and then the model that torch makes of it."""
    model = getattr(models.quantization, builder)(
        weights=None, quantize=False, num_classes=CLASSES, **arguments)
    make_calm(model.eval())
    model.train().fuse_model(is_qat=True)
    model.qconfig = torch.ao.quantization.get_default_qat_qconfig(weight)
    torch.ao.quantization.prepare_qat(model, inplace=True)
    model.apply(torch.nn.intrinsic.qat.freeze_bn_stats)
    with torch.no_grad():
        for k in range(2):
            model(seen)
    if weight == "fbgemm":  # as scripts do after some epochs; else converting looks once more
        model.apply(torch.ao.quantization.disable_observer)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    return state, torch.ao.quantization.convert(model.eval(), inplace=True)


# Builder, whose settings of training.
TRAINED = {
    "mobilenet_v3": ("mobilenet_v3_large", "qnnpack", {}),
    "trained_resnet18": ("resnet18", "fbgemm", {}),
}


def record(out, name, state, model, x):
    torch.save(state, out / f"{name}.pth")
    own = model.state_dict()
    last = [key for key in own if key.endswith(".scale") and key != "quant.scale"][-1]
    with torch.no_grad():
        write_safetensors(out / f"{name}.safetensors", {
            "input": x, "logits": model(x), "quantum": own[last].reshape(1)})


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, case in {**CASES, **TRAINED}.items():
        torch.manual_seed(0)
        x = 1 + torch.randn(2, 3, *((75, 83) if name == "inception" else (65, 65)))
        seen = 1 + torch.randn(4, 3, 139, 147)
        x[1] = 3 * x[1] + 1  # the second is brighter
        seen[1] = 3 * seen[1] + 1
        if name in TRAINED:
            record(out, name, *trained(*case, seen), x)
        else:
            model = converted(*case, seen)
            record(out, name, model.state_dict(), model, x)


if __name__ == "__main__":
    main()
