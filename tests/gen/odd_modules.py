#!/usr/bin/env python3
"""Makes whole modules that people changed, for tests/live/modules_test.cpp.

    odd_modules.py OUT

For each builder of torchvision an unchanged module, and for each function named in REFUSED a module
whose graph would give other results. Their weights are zeros that share one storage, as large as the
largest needs, so that the files are small; nothing is run. SERVED are modules that are changed and yet exported: their weights
are random, and what torchvision answers is recorded, as in live_detectors.py.
"""
import collections
import copy
import pathlib
import sys
import types

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models import detection
from torchvision.models.detection import _utils, faster_rcnn, roi_heads
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.ops import feature_pyramid_network

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import random_detectors as detectors  # noqa: E402
from record_reference import record  # noqa: E402

BUILDERS = ["fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2",
            "fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn",
            "maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2", "keypointrcnn_resnet50_fpn",
            "retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "fcos_resnet50_fpn",
            "ssd300_vgg16", "ssdlite320_mobilenet_v3_large"]
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"
WIDTH = 8
CLASSES = 3


def no_values(model):
    """Every weight becomes a view of one number in half precision."""
    largest = max(weight.numel() for weight in model.parameters())
    zero = torch.zeros(largest, dtype=torch.half)[:1]
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                module._parameters[name] = nn.Parameter(zero.expand(weight.shape))
        for name, buffer in module._buffers.items():
            if buffer is not None and buffer.dim():
                module._buffers[name] = zero.expand(buffer.shape)
    return model.eval()


def narrow_box_head(heads):
    """Its first linear layer is by far the largest of a model."""
    inside = 256 * 7 * 7
    if isinstance(heads.box_head, faster_rcnn.TwoMLPHead):
        heads.box_head = faster_rcnn.TwoMLPHead(inside, WIDTH)
    else:
        heads.box_head[-2] = nn.Linear(inside, WIDTH)
    heads.box_predictor = faster_rcnn.FastRCNNPredictor(WIDTH, CLASSES)


def unchanged(name):
    with skipped_init():
        model = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=CLASSES)
        if hasattr(model, "roi_heads"):
            narrow_box_head(model.roi_heads)
    return no_values(model)


class skipped_init:
    """Initialising weights is most of the time of a builder."""

    def __enter__(self):
        self.kept = {name: getattr(nn.init, name) for name in dir(nn.init) if name.endswith("_")
                     and not name.startswith("_")}
        for name in self.kept:
            setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)

    def __exit__(self, *_):
        for name, function in self.kept.items():
            setattr(nn.init, name, function)


# Classes of one's own.

class OwnRoIHeads(roi_heads.RoIHeads):
    def postprocess_detections(self, *args):
        boxes, scores, labels = super().postprocess_detections(*args)
        return boxes, [s * 0.5 for s in scores], labels


class FastRCNNPredictor(nn.Module):
    """torchvision's name and members, other arithmetic."""

    def __init__(self, old):
        super().__init__()
        self.cls_score, self.bbox_pred = old.cls_score, old.bbox_pred

    def forward(self, x):
        return self.cls_score(torch.tanh(x)), self.bbox_pred(x)


class OwnDetector(faster_rcnn.FasterRCNN):
    def forward(self, images, targets=None):
        return super().forward([1 - image for image in images], targets)


class WeightedPyramid(feature_pyramid_network.FeaturePyramidNetwork):
    def forward(self, x):
        return super().forward({name: 0.5 * one for name, one in x.items()})


class CoarserAnchors(AnchorGenerator):
    def grid_anchors(self, sizes, strides):
        return [2 * anchors for anchors in super().grid_anchors(sizes, strides)]


class OwnCoder(_utils.BoxCoder):
    def decode(self, codes, boxes):
        return super().decode(0.5 * codes, boxes)


class OwnConv(nn.Conv2d):
    def forward(self, x):
        return super().forward(x).clamp(max=6)


class OwnSequential(nn.Sequential):
    def forward(self, x):
        return 2 * super().forward(x)


class OwnSigmoid(nn.Module):
    def forward(self, x):
        return torch.sigmoid(x)


def halve(module, args, output):
    return output * 0.5


def double_input(module, args):
    return tuple(2 * each for each in args)


def other_forward(self, x):
    return x


def as_class(module, cls):
    module.__class__ = cls


def replace(model, kind, make):
    """Puts make(old) in the place of every module of a class."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is kind:
                setattr(module, name, make(child))


# What is changed of SMALL, and of other builders below.

def own_roi_heads(m): as_class(m.roi_heads, OwnRoIHeads)
def lookalike_predictor(m): m.roi_heads.box_predictor = FastRCNNPredictor(m.roi_heads.box_predictor)
def own_detector(m): as_class(m, OwnDetector)
def own_pyramid(m): as_class(m.backbone.fpn, WeightedPyramid)
def own_anchors(m): as_class(m.rpn.anchor_generator, CoarserAnchors)
def own_coder(m): m.roi_heads.box_coder.__class__ = OwnCoder
def own_conv(m): as_class(m.rpn.head.cls_logits, OwnConv)
def own_container(m): as_class(m.backbone.body["2"].block, OwnSequential)
def hook(m): m.roi_heads.box_predictor.cls_score.register_forward_hook(halve)
def pre_hook(m): m.backbone.register_forward_pre_hook(double_input)
def hook_on_container(m): m.rpn.head.conv.register_forward_hook(halve)
def weight_norm(m): m.roi_heads.box_predictor.cls_score = nn.utils.weight_norm(nn.Linear(WIDTH, 3))
def spectral_norm(m):
    m.roi_heads.box_predictor.cls_score = nn.utils.spectral_norm(nn.Linear(WIDTH, 3))
def replaced_forward(m): m.backbone.fpn.forward = types.MethodType(other_forward, m.backbone.fpn)
def replaced_method(m): m.roi_heads.postprocess_detections = halve
def replaced_resize(m): m.transform.resize = other_forward
def silu(m): replace(m.backbone, nn.Hardswish, lambda old: nn.SiLU())
def leaky(m): replace(m.backbone, nn.ReLU, lambda old: nn.LeakyReLU(0.1))
def scale_activation(m): replace(m.backbone, nn.Hardsigmoid, lambda old: nn.Sigmoid())
def no_activation(m): m.backbone.body["0"][2] = nn.Identity()
def own_scale(m): m.backbone.body["4"].block[2].scale_activation = OwnSigmoid()
def dilation(m): m.backbone.body["13"].block[1][0].dilation = (2, 2)
def stride(m): m.backbone.body["2"].block[1][0].stride = (1, 1)
def padding(m): m.rpn.head.conv[0][0].padding = (0, 0)
def padding_text(m): m.rpn.head.conv[0][0].padding = "same"
def groups(m): m.rpn.head.cls_logits.groups = 2
def depthwise_groups(m): m.backbone.body["2"].block[1][0].groups = 1
def squeezed_to(m): m.backbone.body["4"].block[2].avgpool.output_size = 2
def squeeze_activation(m): m.backbone.body["4"].block[2].activation = nn.ReLU6()
def padding_mode(m): m.rpn.head.conv[0][0].padding_mode = "reflect"
def instance_norm(m):
    replace(m.backbone, nn.BatchNorm2d, lambda old: no_values(
        nn.InstanceNorm2d(old.num_features, affine=True, track_running_stats=True)))
def residual(m): m.backbone.body["3"].use_res_connect = False
def extra_layer(m): m.rpn.head.conv.append(nn.Tanh())
def extra_in_body(m): m.backbone.body["17"] = nn.AvgPool2d(3, 1, 1)
def swapped_order(m):
    conv = m.backbone.body["0"]
    m.backbone.body["0"] = no_values(nn.Sequential(collections.OrderedDict(
        [("0", conv[0]), ("2", conv[2]), ("1", conv[1])])))
def cell_anchors(m):
    generator = m.rpn.anchor_generator
    generator.cell_anchors = [anchors * 1.5 for anchors in generator.cell_anchors]
def late_sizes(m): m.rpn.anchor_generator.sizes = ((16, 32, 64, 128, 256),) * 3
def rpn_clip(m): m.rpn.box_coder.bbox_xform_clip = 1.0
def rpn_weights(m): m.rpn.box_coder.weights = (10.0, 10.0, 5.0, 5.0)
def box_clip(m): m.roi_heads.box_coder.bbox_xform_clip = 1.0
def canonical_scale(m): m.roi_heads.box_roi_pool.canonical_scale = 112
def canonical_level(m): m.roi_heads.box_roi_pool.canonical_level = 5
def stale_scales(m):
    m.roi_heads.box_roi_pool.scales = [0.5, 0.25]
    m.roi_heads.box_roi_pool.map_levels = torchvision.ops.poolers.LevelMapper(1, 2)


# Of other builders: function -> builder
def mask_activation(m): m.roi_heads.mask_predictor.relu = nn.GELU()
def mask_dilation(m): m.roi_heads.mask_head[0][0].dilation = (2, 2)
def no_mask_pool(m): m.roi_heads.mask_roi_pool = None
def keypoint_scale(m): m.roi_heads.keypoint_predictor.up_scale = 4
def keypoint_activation(m): m.roi_heads.keypoint_head[1] = nn.ELU()
def transposed_stride(m): m.roi_heads.keypoint_predictor.kps_score_lowres.stride = (1, 1)
def transposed_padding(m): m.roi_heads.keypoint_predictor.kps_score_lowres.padding = (0, 0)
def transposed_dilation(m): m.roi_heads.keypoint_predictor.kps_score_lowres.dilation = (2, 2)
def transposed_groups(m): m.roi_heads.mask_predictor.conv5_mask.groups = 2
def mask_stride(m): m.roi_heads.mask_predictor.conv5_mask.stride = (1, 1)
def pool_kernel(m): m.backbone.body.maxpool.kernel_size = 2
def pool_stride(m): m.backbone.body.maxpool.stride = (1, 1)
def pool_padding(m): m.backbone.body.maxpool.padding = (0, 1)
def pool_dilation(m): m.backbone.body.maxpool.dilation = 2
def pool_indices(m): m.backbone.body.maxpool.return_indices = True
def flatten_start(m): m.roi_heads.box_head[4].start_dim = 2
def flatten_end(m): m.roi_heads.box_head[4].end_dim = 2
def output_padding(m): m.roi_heads.keypoint_predictor.kps_score_lowres.output_padding = (1, 1)
def average_pool(m): m.backbone.body.maxpool = nn.AvgPool2d(3, 2, 1)
def ceil_mode(m): m.backbone.body.maxpool.ceil_mode = True
def block_activation(m): m.backbone.body.layer1[0].relu = nn.Softplus()
def from_pyramid(m): m.backbone.fpn.extra_blocks.use_P5 = not m.backbone.fpn.extra_blocks.use_P5
def retinanet_clip(m): m.box_coder.bbox_xform_clip = 2.0
def retinanet_activation(m): m.head.classification_head.conv[0][1] = nn.SiLU()
def retinanet_classes(m): m.head.classification_head.num_classes = 1
def fcos_coder(m): m.box_coder.normalize_by_size = False
def fcos_classes(m): m.head.classification_head.num_classes = 1
def ssd_pool_kernel(m): m.backbone.features[4].kernel_size = (3, 3)
def ssd_pool_padding(m): m.backbone.extra[0][-1][0].padding = 0
def ssd_dilation(m): m.backbone.extra[0][-1][1].dilation = (1, 1)
def fcos_activation(m): m.head.regression_head.conv[2] = nn.Tanh()
def ssd_ceil(m): m.backbone.features[16].ceil_mode = False
def ssd_columns(m): m.head.classification_head.num_columns = 1
def ssd_boxes(m):
    m.anchor_generator._wh_pairs = [pair * 0.5 for pair in m.anchor_generator._wh_pairs]
def ssd_weights(m): m.box_coder.weights = (1.0, 1.0, 1.0, 1.0)
def relu6_limit(m): m.backbone.extra[0][0][2].max_val = 4.0


REFUSED = {
    SMALL: [own_roi_heads, lookalike_predictor, own_detector, own_pyramid, own_anchors, own_coder,
            padding, padding_text, groups, depthwise_groups, squeezed_to, squeeze_activation,
            own_conv, own_container, hook, pre_hook, hook_on_container, weight_norm, spectral_norm,
            replaced_forward, replaced_method, replaced_resize, silu, leaky, scale_activation,
            no_activation, own_scale, dilation, stride, padding_mode, instance_norm, residual,
            extra_layer, extra_in_body, swapped_order, cell_anchors, late_sizes, rpn_clip,
            rpn_weights, box_clip, canonical_scale, canonical_level, stale_scales],
    "maskrcnn_resnet50_fpn": [mask_activation, mask_dilation, no_mask_pool, average_pool, ceil_mode,
                              block_activation, pool_kernel, pool_stride, pool_padding,
                              pool_dilation, pool_indices, transposed_groups, mask_stride],
    "fasterrcnn_resnet50_fpn_v2": [flatten_start, flatten_end],
    "keypointrcnn_resnet50_fpn": [keypoint_scale, keypoint_activation, output_padding,
                                 transposed_stride, transposed_padding, transposed_dilation],
    "retinanet_resnet50_fpn": [from_pyramid, retinanet_clip, retinanet_activation,
                               retinanet_classes],
    "fcos_resnet50_fpn": [fcos_coder, fcos_activation, fcos_classes],
    "ssd300_vgg16": [ssd_ceil, ssd_columns, ssd_boxes, ssd_weights, ssd_pool_kernel,
                      ssd_pool_padding, ssd_dilation],
    "ssdlite320_mobilenet_v3_large": [relu6_limit],
}


def make_unchanged_and_refused(out):
    for name in BUILDERS:
        torch.save(unchanged(name), out / f"{name}.pth")
        for change in REFUSED.get(name, []):
            changed = torch.load(out / f"{name}.pth", weights_only=False)  # a deep copy would fill the weights
            change(changed)
            torch.save(changed, out / f"{change.__name__}.pth")


# What is served: other settings on the object, and modules that do nothing.

def dropout(m):
    heads = m.roi_heads
    heads.box_head = nn.Sequential(heads.box_head, nn.Dropout(0.5))
    heads.box_predictor = nn.Sequential(nn.Identity(), nn.Dropout(), heads.box_predictor)
    block = m.backbone.body["5"].block
    m.backbone.body["5"].block = nn.Sequential(block[0], nn.Dropout2d(), *block[1:])
    m.loss = nn.CrossEntropyLoss()


def settings_on_object(m):
    m.rpn.min_size = 24.0
    m.rpn.nms_thresh, m.roi_heads.nms_thresh = 0.6, 0.3
    m.rpn._post_nms_top_n["testing"] = 60
    m.roi_heads.box_coder.weights = (8.0, 9.0, 4.0, 6.0)
    m.transform._skip_resize = True  # in training only


def own_names(m):
    """Feature maps that are not called 0, 1, ...: one name is that of another map by default."""
    m.backbone.body.return_layers = {"13": "1", "16": "coarse"}
    m.roi_heads.box_roi_pool.featmap_names = ["1"]


def first_rows(layer, count):
    layer.weight = nn.Parameter(layer.weight[:count].clone())
    layer.bias = nn.Parameter(layer.bias[:count].clone())


def no_pool(m):
    m.backbone.fpn.extra_blocks = None
    m.rpn.anchor_generator = AnchorGenerator(((32, 64), (128, 256)), ((0.5, 1.0, 2.0),) * 2)
    first_rows(m.rpn.head.cls_logits, 6)
    first_rows(m.rpn.head.bbox_pred, 24)


SERVED = [dropout, settings_on_object, own_names, no_pool]


def make_served(out):
    image = detectors.photo(3, 150, 200).permute(1, 2, 0).numpy()
    images = {"photo": np.rint(image * 255).astype(np.uint8)[None]}
    torch.manual_seed(0)
    base = detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=4, min_size=160, max_size=240,
        box_detections_per_img=20)
    base.roi_heads.box_head = faster_rcnn.TwoMLPHead(256 * 49, 32)
    base.roi_heads.box_predictor = faster_rcnn.FastRCNNPredictor(32, 4)
    detectors.calibrate(base, 0)
    for change in SERVED:
        model = copy.deepcopy(base)
        change(model)
        model.eval()
        torch.save(model, out / f"{change.__name__}.pth")
        record(model, str(out / f"{change.__name__}.safetensors"), cases=images, with_float64=True)
        if change is no_pool:
            torch.save(model.state_dict(), out / "no_pool_state.pth")


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        make_unchanged_and_refused(out)
        make_served(out)


if __name__ == "__main__":
    main()
