"""Real torchvision detectors with random weights that behave like trained ones.

A freshly initialised detector finds nothing or everything. build() sets the statistics of batch
normalisation from photos and rescales the last layer of each head, so that objectness, scores and
boxes are spread as in a trained network. Deterministic for one build of torch.

Needs Debian's python3-torch and python3-torchvision (0.14), or later ones.
"""
import pathlib

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import nn

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = sorted((ROOT / "examples" / "shapes" / "images").glob("*.jpg"))


def photo(index, height, width):
    """float32 [3, height, width] in 0..1; resized without regard to the aspect."""
    image = Image.open(PHOTOS[index % len(PHOTOS)]).convert("RGB")
    pixels = np.asarray(image.resize((width, height), Image.BILINEAR))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


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


def spread(model, layer, images, std, mean):
    """Rescales a last layer so that each of its outputs has this deviation and mean."""
    seen = []

    def keep(_module, _inputs, out):
        seen.append(out.movedim(1, -1).reshape(-1, out.shape[1]) if out.dim() == 4 else out)

    hook = layer.register_forward_hook(keep)
    for image in images:
        model([image])
    hook.remove()
    out = torch.cat(seen)
    gain = std / out.std(0).clamp(min=1e-6)
    layer.weight.mul_(gain.view(-1, *[1] * (layer.weight.dim() - 1)))
    layer.bias.copy_((layer.bias - out.mean(0)) * gain + torch.as_tensor(mean))


@torch.no_grad()
def calibrate(model, seed):
    """Makes any Faster R-CNN find plausible things; returns it in eval mode."""
    shapes = [(384, 512), (512, 384), (448, 448), (320, 480)]
    images = [photo(seed + k, *shape) for k, shape in enumerate(shapes)]
    images += [torch.zeros(3, 320, 320), torch.rand(3, 320, 320)]
    model.eval()
    sizes = model.transform.min_size, model.transform.max_size
    model.transform.min_size, model.transform.max_size = (320,), 533  # six times faster
    calibrate_norms(model, images)
    spread(model, model.rpn.head.cls_logits, images, 1.5, -2.5 if model.rpn.score_thresh else 0.0)
    spread(model, model.rpn.head.bbox_pred, images, 0.2, 0.0)
    predictor = model.roi_heads.box_predictor
    background = torch.zeros(predictor.cls_score.out_features)
    background[0] = 3.6
    spread(model, predictor.cls_score, images, 1.4, background)
    spread(model, predictor.bbox_pred, images, 0.6, 0.0)
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
