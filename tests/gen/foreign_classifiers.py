#!/usr/bin/python3
"""Files that torch.onnx.export makes of torchvision's classifiers, with images and results, for the
doctor to export anew.

    /usr/bin/python3 tests/gen/foreign_classifiers.py build/release/live/foreign_classifiers
"""
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from torchvision import models

from plain_safetensors import write_safetensors

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
CLASSES = 5
FREE = {"image": {0: "batch", 2: "height", 3: "width"}, "scores": {0: "batch"}}
FREE_PIXELS = {name: {0: "batch", 2: "height", 3: "width"} for name in ("image", "scores")}


def settle(model, x):
    """Numbers as after training: what images change is not lost on the way."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
        table = getattr(module, "relative_position_bias_table", None)
        if table is not None:
            nn.init.normal_(table, 0, 0.5)
    with torch.no_grad():
        model.train()(x)
    return model.eval()


class Normalise(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.5, 0.25, 0.75]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.5, 0.125, 0.25]).view(1, 3, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


def wrapped(model):
    """Takes 0..1 and gives probabilities, as people wrap a classifier for others."""
    return nn.Sequential(Normalise(), model, nn.Softmax(1)).eval()


def make(name):
    torch.manual_seed(0)
    model = getattr(models, name)(num_classes=CLASSES)
    return settle(model, torch.randn(2, 3, 139, 147) if "swin" not in name
                  else torch.randn(1, 3, 32, 32))


class Logits(nn.Module):
    """Gives one tensor instead of a dict. torch folds normalisation into convolutions, which lose their names; squeeze
    and excitation keep theirs, behind that of the wrapper."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


def segmenter():
    torch.manual_seed(0)
    network = models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES)
    return settle(Logits(network), torch.randn(2, 3, 139, 147))


def vgg(normalised):
    """With a small head instead of one of 400 MB. torch exports its pooling for one size only."""
    torch.manual_seed(0)
    network = models.VGG(models.vgg.make_layers(models.vgg.cfgs["A"], normalised), 1, init_weights=False)
    network.classifier = nn.Sequential(nn.Linear(512 * 7 * 7, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 16),
                                       nn.ReLU(), nn.Dropout(), nn.Linear(16, CLASSES))
    return settle(network, torch.randn(2, 3, 64, 64))


def vit():
    """Of a small image. As if it was trained: torchvision begins with a last layer of zeros."""
    torch.manual_seed(0)
    network = models.vit_b_32(image_size=64, num_classes=CLASSES)
    nn.init.normal_(network.heads.head.weight, 0, 0.1)
    nn.init.normal_(network.class_token)
    return network.eval()


def s3d():
    torch.manual_seed(0)
    return settle(models.video.s3d(num_classes=CLASSES), torch.randn(1, 3, 14, 209, 209))


# Size of the traced image, and others. At those Swin's file is wrong.
FILES = {
    "resnet": (lambda: make("resnet18"), (64, 64), [(64, 64), (97, 130)]),
    "wrapped": (lambda: wrapped(make("mobilenet_v3_small")), (64, 64), [(97, 130)]),
    "swin": (lambda: make("swin_t"), (224, 224), [(97, 130), (231, 257)]),
    "segmenter": (segmenter, (64, 96), [(97, 131)]),
    "vgg": (lambda: vgg(False), (224, 224), [(224, 224)]),
    "vgg_bn": (lambda: vgg(True), (224, 224), [(224, 224)]),
    "vit": (vit, (64, 64), [(64, 64)]),
    "s3d": (s3d, (14, 209, 209), [(14, 209, 209)]),
}
FREE_BATCH = {name: {0: "batch"} for name in ("image", "scores")}
AXES = {"segmenter": FREE_PIXELS, "vgg": FREE_BATCH, "vgg_bn": FREE_BATCH, "vit": FREE_BATCH, "s3d": None}


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, (build, traced, sizes) in FILES.items():
        model = build()
        torch.onnx.export(model, torch.rand(1, 3, *traced), str(out / f"{name}.onnx"),
                          opset_version=13, input_names=["image"], output_names=["scores"],
                          dynamic_axes=AXES.get(name, FREE))
        recorded = {}
        for size in sizes:
            shown = "x".join(map(str, size))
            x = torch.rand(1 if name == "s3d" else 2, 3, *size)
            with torch.no_grad():
                recorded[f"image_{shown}"] = x
                recorded[f"scores_{shown}"] = model(x)
        write_safetensors(out / f"{name}.safetensors", recorded)


if __name__ == "__main__":
    main()
