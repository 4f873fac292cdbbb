#!/usr/bin/python3
"""Whole modules of torchvision's segmentation, video and optical flow models, as people have them,
with inputs and outputs.

    /usr/bin/python3 tests/gen/live_task_models.py build/release/live/task_models
"""
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from torchvision import models
from torchvision.models import optical_flow, segmentation, video
from torchvision.models.optical_flow import raft

from plain_safetensors import write_safetensors

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
CLASSES = 5
IMAGE, CLIP, PAIR = (2, 3, 57, 72), (1, 3, 6, 40, 48), (1, 3, 128, 128)


def pixels(name, **arguments):
    return lambda: getattr(segmentation, name)(weights_backbone=None, num_classes=CLASSES, **arguments)


def changed(make, change):
    def made():
        model = make()
        change(model)
        return model
    return made


def set_rates(model, rates):
    for branch, rate in zip(model.classifier[0].convs[1:], rates):
        branch[0].dilation = branch[0].padding = (rate, rate)


def as_resnet(**arguments):
    """torchvision's parts with a backbone that dilates elsewhere."""
    backbone = models._utils.IntermediateLayerGetter(
        models.resnet50(**arguments), {"layer4": "out", "layer3": "aux"})
    return segmentation.FCN(backbone, segmentation.fcn.FCNHead(2048, CLASSES),
                            segmentation.fcn.FCNHead(1024, CLASSES))


def clips(name, **arguments):
    return lambda: getattr(video, name)(num_classes=CLASSES, **arguments)


def small_mvit(name):
    made = video.mvit._mvit
    video.mvit._mvit = lambda **k: made(**{**k, "spatial_size": (32, 48), "temporal_size": 6})
    model = clips(name)()
    video.mvit._mvit = made
    return model


EQUAL = {
    "without_aux": (changed(pixels("deeplabv3_mobilenet_v3_large", aux_loss=True),
                            lambda m: setattr(m, "aux_classifier", None)), IMAGE),
    "other_strides": (lambda: as_resnet(replace_stride_with_dilation=[False, False, True]), IMAGE),
    "other_rates": (changed(pixels("deeplabv3_mobilenet_v3_large"),
                            lambda m: set_rates(m, [1, 2, 3])), IMAGE),
    "lraspp": (pixels("lraspp_mobilenet_v3_large"), IMAGE),
    "r2plus1d": (changed(clips("r2plus1d_18"), lambda m: setattr(m, "fc", nn.Sequential(
        nn.Dropout(), nn.Linear(512, 16), nn.ReLU(), nn.Linear(16, CLASSES)))), CLIP),
    "s3d": (clips("s3d"), (1, 3, 14, 209, 209)),
    "mvit_v2": (lambda: small_mvit("mvit_v2_s"), (2, 3, 6, 32, 48)),
    "raft_small": (optical_flow.raft_small, PAIR),
    "raft_large": (changed(optical_flow.raft_large,
                           lambda m: setattr(m.mask_predictor, "multiplier", 0.5)), PAIR),
}
REFUSED = {
    "own_resize": changed(pixels("deeplabv3_mobilenet_v3_large"), lambda m: setattr(
        m.classifier, "5", nn.Upsample(scale_factor=2))),
    "earlier_map": changed(pixels("deeplabv3_mobilenet_v3_large"), lambda m: setattr(
        m.backbone, "return_layers", {"15": "out"})),
    "one_rate": changed(pixels("deeplabv3_mobilenet_v3_large"), lambda m: setattr(
        m.classifier[0].convs[2][0], "padding", (12, 12))),
    "more_in_pooling": changed(pixels("deeplabv3_mobilenet_v3_large"), lambda m: m.classifier[0].convs[4]
                               .add_module("4", nn.Tanh())),
    "hard_scale": changed(pixels("lraspp_mobilenet_v3_large"), lambda m: setattr(
        m.classifier.scale, "2", nn.Hardsigmoid())),
    "no_stride": changed(clips("mc3_18"), lambda m: setattr(
        m.layer2[0].conv1[0], "stride", (2, 2, 2))),
    "max_pooled": changed(clips("mc3_18"), lambda m: setattr(
        m, "avgpool", nn.AdaptiveMaxPool3d(1))),
    "with_class": changed(lambda: small_mvit("mvit_v2_s"), lambda m: setattr(
        m.blocks[3].attn, "residual_with_cls_embed", True)),
    "wider": changed(optical_flow.raft_small, lambda m: setattr(m.corr_block, "radius", 4)),
    "affine": changed(optical_flow.raft_small, lambda m: setattr(
        m.feature_encoder.layer1[0].convnormrelu1, "1", nn.GroupNorm(8, 8))),
}


def settle(model, inputs):
    """Statistics of batch normalisation as after training, so that inputs keep apart."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(*inputs)
    return model.eval()


def with_tolerances(model, inputs):
    """In double, and three times what float differs from it."""
    single = outputs_of(model, inputs)
    grid = raft.make_coords_grid  # of float32 whatever the weights are
    raft.make_coords_grid = lambda *a, **k: grid(*a, **k).double()
    exact = outputs_of(model.double(), [x.double() for x in inputs])
    raft.make_coords_grid = grid
    recorded = {}
    for name, x in exact.items():
        most = 3 * (single[name].double() - x).abs().max() + 1e-6 * x.std()
        recorded.update({name: x.float(), f"{name}.tolerance": most.reshape(1).float()})
    return recorded


def outputs_of(model, inputs):
    with torch.no_grad():
        found = model(*inputs)
    if isinstance(found, dict):
        return {"logits" if name == "out" else name: x for name, x in found.items()}
    return {"flow": found[-1]} if isinstance(found, list) else {"logits": found}


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, (make, shape) in EQUAL.items():
        torch.manual_seed(0)
        names = ("image1", "image2") if shape is PAIR else ("input",)
        inputs = [torch.randn(shape).clamp(-1, 1) for _ in names]
        model = settle(make(), [torch.randn(2, *shape[1:]) for _ in names])
        torch.save(model, out / f"{name}.pth")
        write_safetensors(out / f"{name}.safetensors",
                          {**dict(zip(names, inputs)), **with_tolerances(model, inputs)})
    for name, make in REFUSED.items():
        torch.save(make().eval(), out / f"{name}.pth")


main()
