"""Real torchvision detectors with random weights that behave like trained ones.

A freshly initialised detector finds nothing or everything. build() sets the statistics of batch
normalisation from photos and rescales the last layer of each head, so that objectness, scores and
boxes are spread as in a trained network. Deterministic for one build of torch.

Needs Debian's python3-torch and python3-torchvision (0.14), or later ones.
"""
import contextlib
import inspect
import pathlib

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = sorted((ROOT / "examples" / "shapes" / "images").glob("*.jpg"))

# Arguments of torch.onnx.export for the exporter that traces, the only one that takes detectors:
# since torch 2.5 there is another one, since 2.9 it is the default.
TRACING = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}


def photo(index, height, width):
    """float32 [3, height, width] in 0..1; resized without regard to the aspect."""
    image = Image.open(PHOTOS[index % len(PHOTOS)]).convert("RGB")
    pixels = np.asarray(image.resize((width, height), Image.BILINEAR))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


def channels_of(model):
    layers = (layer for layer in model.backbone.modules() if isinstance(layer, nn.Conv2d))
    return next(layers).in_channels


def calibrate_norms(model, images):
    """Running statistics of every BatchNorm2d from the images; random scales and shifts."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # cumulative average
        nn.init.uniform_(norm.weight, 0.8, 1.2)
        nn.init.normal_(norm.bias, 0, 0.1)
        norm.train()
    resize = nn.functional.interpolate
    batch = torch.cat([resize(model.transform([image])[0].tensors, (320, 320)) for image in images])
    model.backbone(batch)
    for norm in norms:
        norm.eval()
        norm.momentum = 0.1


class Enough(Exception):
    """Ends a run of a model: what follows is not looked at."""


def spread(model, targets, images, last=None):
    """Rescales last layers so that each of their outputs has a deviation and mean.

    targets: {layer: (deviation, mean)}, layers that do not feed each other; last: the module with
    which a run may end."""
    seen = {layer: [] for layer in targets}

    def keep(layer, _inputs, out):
        seen[layer].append(out.movedim(1, -1).reshape(-1, out.shape[1]) if out.dim() == 4 else out)

    def end(_module, _inputs, _out):
        raise Enough

    hooks = [layer.register_forward_hook(keep) for layer in targets]
    if last is not None:
        hooks.append(last.register_forward_hook(end))
    for image in images:
        with contextlib.suppress(Enough):
            model([image])
    for hook in hooks:
        hook.remove()
    for layer, (std, mean) in targets.items():
        out = torch.cat(seen[layer])
        gain = std / out.std(0).clamp(min=1e-6)
        if isinstance(layer, nn.ConvTranspose2d):
            gain = gain.mean()
            layer.weight.mul_(gain)
        else:
            layer.weight.mul_(gain.view(-1, *[1] * (layer.weight.dim() - 1)))
        layer.bias.copy_((layer.bias - out.mean(0)) * gain + torch.as_tensor(mean))


def last_layer(module):
    kinds = (nn.Conv2d, nn.Linear, nn.ConvTranspose2d)
    return [layer for layer in module.modules() if isinstance(layer, kinds)][-1]


def spread_rcnn(model, images):
    rpn, heads = model.rpn, model.roi_heads
    spread(model, {rpn.head.cls_logits: (1.5, -2.5 if rpn.score_thresh else 0.0),
                   rpn.head.bbox_pred: (0.2, 0.0)}, images, last=rpn)
    background = torch.zeros(heads.box_predictor.cls_score.out_features)
    background[0] = 3.6
    spread(model, {heads.box_predictor.cls_score: (1.4, background),
                   heads.box_predictor.bbox_pred: (0.6, 0.0)}, images, last=heads.box_predictor)
    predictors = [p for p in (heads.mask_predictor, heads.keypoint_predictor) if p is not None]
    if predictors:
        spread(model, {last_layer(predictor): (2.0, 0.0) for predictor in predictors}, images)


def spread_ssd(model, images):
    targets = {}
    for level in model.head.classification_head.module_list:
        layer = last_layer(level)
        mean = torch.zeros(layer.out_channels)
        mean.view(-1, model.head.classification_head.num_columns)[:, 0] = 6.0
        targets[layer] = (1.3, mean)
    for level in model.head.regression_head.module_list:
        targets[last_layer(level)] = (0.6, 0.0)
    spread(model, targets, images)


def spread_dense(model, images):
    """RetinaNet and FCOS."""
    regression = model.head.regression_head
    centre = getattr(regression, "bbox_ctrness", None)
    targets = {model.head.classification_head.cls_logits: (1.0, -5.5),
               regression.bbox_reg: (0.3, 0.8 if centre is not None else 0.0)}
    if centre is not None:
        targets[centre] = (1.0, 0.0)
    spread(model, targets, images)


def spread_heads(model, images):
    if hasattr(model, "rpn"):
        spread_rcnn(model, images)
    elif hasattr(model.head.classification_head, "module_list"):
        spread_ssd(model, images)
    else:
        spread_dense(model, images)


@torch.no_grad()
def calibrate(model, seed):
    """Makes any detector find plausible things; returns it in eval mode."""
    shapes = [(384, 512), (512, 384), (448, 448), (320, 480)]
    images = [photo(seed + k, *shape) for k, shape in enumerate(shapes)]
    images += [torch.zeros(3, 320, 320), torch.rand(3, 320, 320)]
    # Colours again and again where a model takes more of them, red alone where it takes one.
    images = [image[torch.arange(channels_of(model)) % 3] for image in images]
    model.eval()
    sizes = model.transform.min_size, model.transform.max_size
    model.transform.min_size, model.transform.max_size = (320,), 533  # six times faster
    calibrate_norms(model, images)
    heads = getattr(model, "roi_heads", None)
    limit = heads.detections_per_img if heads else None
    if heads:
        heads.detections_per_img = 10  # masks and keypoints take most of the time
    spread_heads(model, images)
    if heads:
        heads.detections_per_img = limit
    model.transform.min_size, model.transform.max_size = sizes
    return model


def build(arch, classes=91, seed=0, **keywords):
    """The builder `arch` of torchvision.models.detection, calibrated."""
    torch.manual_seed(seed)
    builder = getattr(torchvision.models.detection, arch)
    return calibrate(builder(weights=None, weights_backbone=None, num_classes=classes, **keywords), seed)


def freeze(module, eps):
    """Replaces each BatchNorm2d below module by a FrozenBatchNorm2d with the same numbers."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            frozen = torchvision.ops.FrozenBatchNorm2d(child.num_features, eps=eps)
            for key in ("weight", "bias", "running_mean", "running_var"):
                getattr(frozen, key).copy_(getattr(child, key).detach())
            setattr(module, name, frozen)
        else:
            freeze(child, eps)
