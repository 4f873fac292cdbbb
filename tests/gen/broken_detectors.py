#!/usr/bin/env python3
"""Makes broken ONNX detectors the way people make them: real torchvision, real torch.onnx.export.

    broken_detectors.py OUT [KIND...]

Writes OUT/KIND.onnx for each row of KINDS, for each model OUT/MODEL.safetensors with what
torchvision itself finds (see scripts/record_reference.py), and OUT/NAME.onnx for each row of
HEALTHY, networks that are no detectors. All are small: what breaks an export does not depend on
the size of the weights.
"""
import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
import torchvision
from onnx import numpy_helper
from torchvision.models.detection import RetinaNet, _utils
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import random_detectors as detectors  # noqa: E402
from record_reference import record  # noqa: E402

SIZES = [(100, 100), (240, 320), (375, 500), (427, 640), (375, 1242)]
TRACED = (240, 320)
NAMES = ("boxes", "labels", "scores")
BIAS = "rpn.head.cls_logits.bias"


def cases(sizes=SIZES):
    made = {f"{h}x{w}": np.rint(detectors.photo(k, h, w).permute(1, 2, 0).numpy() * 255)
            .astype(np.uint8)[None] for k, (h, w) in enumerate(sizes)}
    made["blank"] = np.zeros((1, 120, 160, 3), np.uint8)
    return made


@torch.no_grad()
def blind_to_blank(model):
    """Raises the proposals' threshold until a blank image has none."""
    seen = []
    hook = model.rpn.head.register_forward_hook(lambda _m, _i, out: seen.extend(out[0]))
    model([torch.zeros(3, 120, 160)])
    hook.remove()
    model.rpn.score_thresh = max(float(level.sigmoid().max()) for level in seen) + 1e-3
    return model


@torch.no_grad()
def faster_rcnn(proposals, classes=5):
    """24 proposals are divisible by 4, as the usual 1000; 25 are not."""
    torch.manual_seed(0)
    model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=classes, max_size=533)
    model.roi_heads.box_head = TwoMLPHead(256 * 49, 64)
    model.roi_heads.box_predictor = FastRCNNPredictor(64, classes)
    detectors.calibrate(model, 0)
    model.roi_heads.box_predictor.cls_score.bias[0] -= 2.5
    model.rpn._post_nms_top_n["testing"] = proposals
    return blind_to_blank(model)


def retinanet():
    torch.manual_seed(1)
    body = torchvision.models.mobilenet_v3_large(weights=None, width_mult=0.5)
    anchors = AnchorGenerator(((32,), (64,), (128,)), ((0.5, 1.0, 2.0),) * 3)
    model = RetinaNet(_mobilenet_extractor(body, True, 6), 4, anchor_generator=anchors,
                      min_size=320, max_size=533)
    detectors.calibrate(model, 1)
    with torch.no_grad():
        model.head.classification_head.cls_logits.bias += 3
    return model


def ssdlite():
    return detectors.build("ssdlite320_mobilenet_v3_large", classes=4, seed=2)


@torch.no_grad()
def few_candidates(model):
    """As with a trained network: of each class or level some tens of places pass the threshold."""
    if hasattr(model.head.classification_head, "module_list"):
        model.score_thresh = 0.5
        for layer in model.head.classification_head.module_list:
            layer[-1].bias.view(-1, 4)[:, 0] -= 5.5
    else:
        model.head.classification_head.cls_logits.bias -= 1.0
    return model


def export(model, path, images, names=NAMES, dynamic=True, opset=11, fold=True):
    axes = {"input": {0: "batch", 2: "height", 3: "width"}, **{n: {0: "found"} for n in names}}
    torch.onnx.export(model, images, path, opset_version=opset, do_constant_folding=fold,
                      input_names=["input"], output_names=list(names),
                      dynamic_axes=axes if dynamic else None, **detectors.TRACING)


def export_without_proposals(model, path, images):
    """Traced while nothing is proposed, as noise makes a trained network do; the weights are put
    back into the file."""
    bias = model.rpn.head.cls_logits.bias
    kept = bias.detach().clone()
    with torch.no_grad():
        bias.fill_(-2000.0)
    export(model, path, images)
    with torch.no_grad():
        bias.copy_(kept)
    proto = onnx.load(path)
    for tensor in proto.graph.initializer:
        if tensor.name == BIAS:
            tensor.CopyFrom(numpy_helper.from_array(kept.numpy(), BIAS))
    onnx.save(proto, path)


def export_static_then_edit(model, path, images):
    """Height and width named afterwards, as forums advise."""
    export(model, path, images, names=names_of(model), dynamic=False)
    proto = onnx.load(path)
    for axis, name in ((2, "height"), (3, "width")):
        proto.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
    onnx.save(proto, path)


def names_of(model):
    return NAMES if hasattr(model, "rpn") else ("boxes", "scores", "labels")


def static(model, path, images):
    export(model, path, images, names=names_of(model), dynamic=False)


def batch2(model, path, images):
    both = torch.cat([images, images.flip(3)])
    export(model, path, both, [f"{name}_{k}" for k in (0, 1) for name in NAMES])


def counted(model, path, images):
    """As torchvision before 0.12 was traced: min(topk_candidates, candidates) is a Python number."""
    kept = _utils._topk_min
    _utils._topk_min = lambda values, most, axis: min(most, int(values.size(axis)))
    try:
        export(model, path, images, names=names_of(model), opset=12)
    finally:
        _utils._topk_min = kept


def few_proposals(model, path, images):
    """As a simplifier leaves it if the image had 60 anchors per level: K of each TopK a number."""
    export(model, path, images)
    proto = onnx.load(path)
    proto.graph.initializer.append(numpy_helper.from_array(np.array([60]), "k"))
    for node in proto.graph.node:
        if node.op_type == "TopK":
            node.input[1] = "k"
    onnx.save(proto, path)


class TopTen(torch.nn.Module):
    """The ten best, as people wrap a detector for deployment."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        found = self.model(x)[0]
        scores, best = found["scores"].topk(10)
        return found["boxes"][best], found["labels"][best], scores


class Chosen(TopTen):
    """Python numbers and lists where tensors should be."""

    def forward(self, x):
        found = self.model(x)[0]
        scores, boxes, labels = found["scores"], found["boxes"], found["labels"]
        corners = boxes.reshape(len(boxes.tolist()), 2, 2)
        picked = [k for k, score in enumerate(scores.tolist()) if score > 0.3]
        first, rest = boxes.split([4, len(boxes.tolist()) - 4])
        return boxes[picked], labels[3:7], scores, corners.sum(2), first.sum(1), rest.sum(1)


def wrapped(kind, names):
    return lambda model, path, images: export(kind(model).eval(), path, images, names=names)


# kind -> model, how it is exported
KINDS = {
    "photo": ("faster_rcnn", export),
    "zero_silent": ("faster_rcnn", export_without_proposals),
    "zero_crash": ("faster_rcnn_25", export_without_proposals),
    "static": ("faster_rcnn", static),
    "static_edited": ("faster_rcnn", export_static_then_edit),
    "batch2": ("faster_rcnn", batch2),
    "misnamed": ("faster_rcnn", lambda *a: export(*a, names=("boxes", "scores", "labels"))),
    "one_name": ("faster_rcnn", lambda *a: export(*a, names=("output",))),
    "roialign16": ("faster_rcnn", lambda *a: export(*a, opset=16)),
    "unfolded": ("faster_rcnn", lambda *a: export(*a, fold=False)),
    "retinanet_edited": ("retinanet", export_static_then_edit),
    "ssdlite_edited": ("ssdlite", export_static_then_edit),
    "ssdlite_counted": ("ssdlite_few", counted),
    "retinanet_counted": ("retinanet_few", counted),
    "few_proposals": ("faster_rcnn", few_proposals),
    "top_ten": ("faster_rcnn", wrapped(TopTen, NAMES)),
    "chosen": ("faster_rcnn", wrapped(
        Chosen, ("boxes", "labels", "scores", "corners", "first", "rest"))),
}
MODELS = {
    "faster_rcnn": lambda: faster_rcnn(24),
    "faster_rcnn_25": lambda: faster_rcnn(25),
    "retinanet": retinanet,
    "ssdlite": ssdlite,
    "ssdlite_few": lambda: few_candidates(ssdlite()),
    "retinanet_few": lambda: few_candidates(retinanet()),
}


class Masked(torch.nn.Module):
    """Has what detectors have, used well: NonZero, a reshape with -1, a resize, TopK."""

    def forward(self, x):
        x = torch.nn.functional.interpolate(x, scale_factor=0.5, mode="bilinear",
                                            align_corners=False)
        scores = x.mean(1).reshape(x.shape[0], -1)
        return scores.topk(10).values, x[x > 0.5].reshape(-1, 1)


class Recurrent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(8, 16, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(16, 2)

    def forward(self, x):
        return x + self.attention(x, x, x)[0]


zoo = torchvision.models


def vit():
    """As if it was trained: torchvision begins with a last layer of zeros."""
    model = zoo.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=10)
    torch.nn.init.normal_(model.heads.head.weight)
    return model


IMAGE = (1, 3, 64, 64)


def swin():
    return zoo.SwinTransformer([4, 4], 16, [2, 2], [1, 2], [4, 4], num_classes=5)


# name -> network, shape of its input, axes that stay open. swin_small and swin_large are not
# healthy: of the first the windows of the second stage are as large as the feature map.
HEALTHY = {
    "classifier": (lambda: zoo.mobilenet_v3_small(num_classes=10), IMAGE, (0,)),
    "classifier_static": (lambda: zoo.squeezenet1_1(num_classes=10), IMAGE, ()),
    "shufflenet": (lambda: zoo.shufflenet_v2_x0_5(num_classes=10), IMAGE, (0,)),
    "mnasnet": (lambda: zoo.mnasnet0_5(num_classes=10), IMAGE, (0, 2, 3)),
    "segmentation": (lambda: zoo.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=4), IMAGE, (0, 2, 3)),
    "vit": (vit, (1, 3, 32, 32), (0,)),
    "swin": (lambda: zoo.SwinTransformer([4, 4], 16, [1, 1], [1, 2], [4, 4], num_classes=5), IMAGE,
             (0,)),
    "swin_small": (swin, (1, 3, 32, 32), (0, 2, 3)),
    "swin_large": (swin, (1, 3, 96, 64), (0, 2, 3)),
    "attention": (Attention, (7, 1, 16), (0, 1)),
    "recurrent": (Recurrent, (1, 5, 8), (0, 1)),
    "masked": (Masked, IMAGE, (0, 2, 3)),
}


def make_healthy(name, path):
    build, shape, open_axes = HEALTHY[name]
    torch.manual_seed(3)
    axes = {"input": {axis: f"axis{axis}" for axis in open_axes}} if open_axes else None
    torch.onnx.export(build().eval(), torch.rand(shape), path, opset_version=14,
                      input_names=["input"], dynamic_axes=axes, **detectors.TRACING)


def main(out, kinds):
    for name in HEALTHY:
        if name in kinds:
            make_healthy(name, str(out / f"{name}.onnx"))
            print(name, flush=True)
    traced = detectors.photo(0, *TRACED)[None]
    for name, build in MODELS.items():
        wanted = [kind for kind in kinds if KINDS.get(kind, [None])[0] == name]
        if not wanted:
            continue
        model = build()
        record(model, str(out / f"{name}.safetensors"), cases=cases(), with_float64=True)
        for kind in wanted:
            KINDS[kind][1](model, str(out / f"{kind}.onnx"), traced)
            print(kind, flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_flush_denormal(True)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    main(folder, sys.argv[2:] or [*HEALTHY, *KINDS])
