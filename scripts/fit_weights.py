"""Gives a detector of a torchvision builder the parts that a state dict is for: another backbone of
torchvision, another number of layers, channels, anchors or classes. For load_detector.py."""
import itertools
import re

import torchvision
from torch import nn
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.ssd import SSD

from fit_backbone import fit_backbone
from fit_layers import Unknown, below, count_while, fit_layers  # noqa: F401


def fit_rpn(model, state):
    logits = state.get("rpn.head.cls_logits.weight")
    if logits is None or not hasattr(model, "rpn"):
        return
    depth = count_while(lambda k: f"rpn.head.conv.{k}.0.weight" in state)
    more = {"conv_depth": depth} if depth > 1 else {}
    model.rpn.head = RPNHead(logits.shape[1], logits.shape[0], **more)


def convolutions(state):
    """Channels of N.0.weight, one after the other."""
    weights = []
    for k in itertools.count():
        weight = state.get(f"{k}.0.weight", state.get(f"mask_fcn{k + 1}.weight"))
        if weight is None:
            return weights
        weights.append(weight.shape[0])


def fit_box_head(model, state):
    part = below(state, "roi_heads.box_head.")
    if not part or not hasattr(model, "roi_heads"):
        return
    detection = torchvision.models.detection.faster_rcnn
    channels, size = model.backbone.out_channels, model.roi_heads.box_roi_pool.output_size
    if "fc6.weight" in part:
        out, inputs = part["fc6.weight"].shape
        model.roi_heads.box_head = detection.TwoMLPHead(inputs, out)
        return
    widths = convolutions(part)
    dense = [part[key].shape[0] for key in part
             if re.fullmatch(r"\d+\.weight", key) and part[key].dim() == 2]
    norm = {"norm_layer": nn.BatchNorm2d} if "0.1.weight" in part else {}
    model.roi_heads.box_head = detection.FastRCNNConvFCHead((channels, *size), widths, dense,
                                                            **norm)


def fit_mask_head(model, state):
    part = below(state, "roi_heads.mask_head.")
    old = getattr(getattr(model, "roi_heads", None), "mask_head", None)
    if not part or old is None or len(convolutions(part)) == len(convolutions(old.state_dict())):
        return
    norm = {"norm_layer": nn.BatchNorm2d} if "0.1.weight" in part else {}
    model.roi_heads.mask_head = type(old)(model.backbone.out_channels, convolutions(part), 1,
                                          **norm)


def fit_dense_heads(model, state):
    """FCOS: other convolutions; each has a normalisation and an activation behind it."""
    if type(model).__name__ != "FCOS":  # releases before 0.12 have none
        return
    part = below(state, "head.classification_head.conv.")
    depth = count_while(lambda k: f"{3 * k}.weight" in part)
    for head in (model.head.classification_head, model.head.regression_head):
        head.conv = head.conv[:3 * depth]


def fit(model, state, levels):
    """Makes `model` take `state`, if that can be. \\throws Unknown"""
    if not isinstance(model, SSD):
        fit_backbone(model, state, levels)
    fit_rpn(model, state)
    fit_box_head(model, state)
    fit_mask_head(model, state)
    fit_dense_heads(model, state)
    fit_layers(model, state)
