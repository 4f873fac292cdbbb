#!/usr/bin/env python3
"""Makes detectors whose backbones are not torchvision's, for tests/live/backbones_test.cpp.

    live_backbones.py OUT [NAME...]

For each function named in DETECTORS the whole module, its backbone as scripts/export_backbone.py
writes it, and what torchvision answers at five sizes and for a batch of two with a blank image. Of
those in OF_THE_ZOO the state dict instead of the backbone. REFUSED are backbones that the script must refuse; what it says is in
NAME.txt. All are narrow, so that they are made in seconds.
"""
import functools
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torchvision import models as torchvision_models
from torchvision.models import efficientnet, regnet, resnet
from torchvision.models.detection import (FCOS, FasterRCNN, KeypointRCNN, MaskRCNN, RetinaNet,
                                          faster_rcnn, keypoint_rcnn, mask_rcnn)
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.ssd import SSD
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.ops import MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import (FeaturePyramidNetwork, LastLevelMaxPool,
                                                     LastLevelP6P7)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import random_detectors as detectors  # noqa: E402
from export_backbone import Unusable, export_backbone  # noqa: E402
from record_reference import drawn_scene, record  # noqa: E402

WIDTH = 32  # channels behind pyramids
SIZES = [(100, 100), (120, 163), (171, 96), (64, 224), (203, 187)]
SMALL = {"min_size": 128, "max_size": 200}


class Channels(nn.Module):
    """CBAM's channel attention, here with the mean and the largest of a map."""

    def __init__(self, width):
        super().__init__()
        self.fc = nn.Sequential(nn.Conv2d(width, width // 4, 1), nn.ReLU(),
                                nn.Conv2d(width // 4, width, 1))

    def forward(self, x):
        return x * torch.sigmoid(self.fc(x.mean((2, 3), keepdim=True))
                                 + self.fc(x.amax((2, 3), keepdim=True)))


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x):
        seen = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.conv(seen))


class CbamBlock(resnet.BasicBlock):
    def __init__(self, inplanes, planes, *arguments, **keywords):
        super().__init__(inplanes, planes, *arguments, **keywords)
        self.attention = nn.Sequential(Channels(planes), Positions())

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(self.attention(y) + (x if self.downsample is None else self.downsample(x)))


class LikeTimm(nn.Module):
    """As timm.create_model(..., features_only=True): a list of maps, norms of its own."""

    def __init__(self, widths=(16, 24, 32, 48)):
        super().__init__()
        self.conv_stem = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16, eps=1e-3)
        self.blocks = nn.ModuleList()
        before = 16
        for width in widths:
            self.blocks.append(nn.Sequential(nn.Conv2d(before, width, 3, 2, 1, bias=False),
                                             nn.BatchNorm2d(width), nn.SiLU()))
            before = width
        self.feature_info = [{"num_chs": width} for width in widths]

    def forward(self, x):
        x = nn.functional.hardswish(self.bn1(self.conv_stem(x)))
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        return maps


class TimmBackbone(nn.Module):
    """How people put such a model into a detector."""

    def __init__(self):
        super().__init__()
        self.net = LikeTimm()
        self.fpn = FeaturePyramidNetwork([16, 24, 32, 48], WIDTH,
                                         extra_blocks=LastLevelP6P7(WIDTH, WIDTH))
        self.out_channels = WIDTH

    def forward(self, x):
        return self.fpn({f"feat{k}": map_ for k, map_ in enumerate(self.net(x))})


class OwnPyramid(nn.Module):
    """An FPN with learned weights, as BiFPN has them, that enlarges bilinearly."""

    def __init__(self, channels):
        super().__init__()
        self.inner = nn.ModuleList(nn.Conv2d(width, WIDTH, 1) for width in channels)
        self.outer = nn.ModuleList(nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in channels)
        self.share = nn.Parameter(torch.rand(len(channels)))

    def forward(self, maps):
        maps = [inner(x) for inner, x in zip(self.inner, maps.values())]
        for k in range(len(maps) - 1, 0, -1):
            above = nn.functional.interpolate(maps[k], maps[k - 1].shape[-2:], mode="bilinear",
                                              align_corners=False)
            maps[k - 1] = maps[k - 1] * self.share[k - 1] + above * self.share[k].relu()
        return {str(k): outer(x) for k, (outer, x) in enumerate(zip(self.outer, maps))}


class OwnBackbone(nn.Module):
    def __init__(self, body, channels):
        super().__init__()
        self.body, self.neck, self.out_channels = body, OwnPyramid(channels), WIDTH

    def forward(self, x):
        return self.neck(self.body(x))


class Extracted(nn.Module):
    """create_feature_extractor and torchvision's pyramid."""

    def __init__(self, body, channels):
        super().__init__()
        self.body = body
        self.fpn = FeaturePyramidNetwork(channels, WIDTH, extra_blocks=LastLevelMaxPool())
        self.out_channels = WIDTH

    def forward(self, x):
        return self.fpn(self.body(x))


class Six(nn.Module):
    """Maps for an SSD."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.Mish(), nn.Conv2d(16, 24, 3, 2, 1),
                                   nn.BatchNorm2d(24), nn.Mish(), nn.Conv2d(24, 32, 3, 2, 1),
                                   nn.Mish())
        self.rest = nn.ModuleList(nn.Conv2d(32, 32, 3, stride, padding)
                                  for stride, padding in ((2, 1), (2, 1), (1, 0)))
        self.out_channels = [32] * 4

    def forward(self, x):
        maps = [self.first(x)]
        for layer in self.rest:
            maps.append(nn.functional.mish(layer(maps[-1])))
        return {str(k): map_ for k, map_ in enumerate(maps)}


def small_efficientnet():
    setting = functools.partial(efficientnet.MBConvConfig, width_mult=0.5, depth_mult=0.5)
    stages = [setting(1, 3, 1, 32, 16, 1), setting(6, 3, 2, 16, 24, 2), setting(6, 5, 2, 24, 40, 2),
              setting(6, 3, 2, 40, 80, 2), setting(6, 5, 2, 80, 112, 1)]
    return efficientnet.EfficientNet(stages, 0.0, num_classes=2)


def anchors(levels):
    ratios = ((0.5, 1.0, 2.0),) * levels
    return AnchorGenerator(tuple((2.0 ** (4 + k),) for k in range(levels)), ratios)


def box_head(keywords, names):
    usual = {"box_head": faster_rcnn.TwoMLPHead(WIDTH * 16, 32),
             "box_predictor": faster_rcnn.FastRCNNPredictor(32, 4),
             "box_roi_pool": MultiScaleRoIAlign(names, 4, 2), "box_detections_per_img": 20,
             "rpn_pre_nms_top_n_test": 200, "rpn_post_nms_top_n_test": 60}
    return {**usual, **SMALL, **keywords}


def rcnn(kind, backbone, levels, names=("0", "1", "2", "3"), **keywords):
    return kind(backbone, None, rpn_anchor_generator=anchors(levels),
                **box_head(keywords, list(names)))


def extracted():
    body = create_feature_extractor(small_efficientnet(), {"features.2": "0", "features.3": "1",
                                                           "features.4": "2", "features.5": "3"})
    return rcnn(FasterRCNN, Extracted(body, [16, 24, 40, 56]), 5)


def cbam():
    net = resnet.ResNet(CbamBlock, [1, 1, 1, 1], num_classes=2)
    layers = {f"layer{k + 1}": str(k) for k in range(4)}
    backbone = BackboneWithFPN(net, layers, [64, 128, 256, 512], WIDTH)
    return rcnn(MaskRCNN, backbone, 5,
                mask_roi_pool=MultiScaleRoIAlign(["0", "1", "2", "3"], 6, 2),
                mask_head=nn.Sequential(nn.Conv2d(WIDTH, 16, 3, padding=1), nn.GELU(),
                                        nn.Conv2d(16, 16, 3, padding=2, dilation=2), nn.ReLU()),
                mask_predictor=mask_rcnn.MaskRCNNPredictor(16, 16, 4))


def like_timm():
    return RetinaNet(TimmBackbone(), 3, anchor_generator=anchors(6), detections_per_img=20,
                     topk_candidates=200, **SMALL)


def own_pyramid():
    params = regnet.BlockParams.from_init_params(depth=6, w_0=16, w_a=20.0, w_m=2.5, group_width=8,
                                                 se_ratio=0.25)
    net = regnet.RegNet(params, num_classes=2)
    nodes = {f"trunk_output.block{k}": str(k) for k in range(1, 4)}
    body = create_feature_extractor(net, nodes)
    channels = [map_.shape[1] for map_ in body(torch.zeros(1, 3, 64, 64)).values()]
    return FCOS(OwnBackbone(body, channels), 3, anchor_generator=AnchorGenerator(
        ((8,), (16,), (32,)), ((1.0,),) * 3), detections_per_img=20, topk_candidates=200, **SMALL)


def ssd():
    boxes = DefaultBoxGenerator([[2], [2, 3], [2], [2]], 0.15, 0.9)
    return SSD(Six(), boxes, (160, 160), 3, topk_candidates=100, detections_per_img=20)


def one_map():
    """The form of torchvision's own tutorial, with a network and a box head that the zoo does not
    know."""
    backbone = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.LeakyReLU(0.1),
                             nn.Dropout2d(), nn.Conv2d(16, 32, 3, 2, 1), nn.GroupNorm(4, 32), nn.ELU(),
                             nn.Conv2d(32, WIDTH, 5, 4, 2))
    backbone.out_channels = WIDTH
    generator = AnchorGenerator(((16, 32, 64, 128),), ((0.5, 1.0, 2.0),))
    head = nn.Sequential(nn.Conv2d(WIDTH, 16, 3, padding=1), nn.BatchNorm2d(16), nn.SiLU(),
                         nn.Flatten(), nn.Linear(256, 48), nn.BatchNorm1d(48), nn.Dropout(),
                         nn.Hardswish(), nn.Linear(48, 32, bias=False))
    return KeypointRCNN(backbone, None, rpn_anchor_generator=generator,
                        keypoint_roi_pool=MultiScaleRoIAlign(["0"], 6, 2),
                        keypoint_head=keypoint_rcnn.KeypointRCNNHeads(WIDTH, (16,)),
                        keypoint_predictor=keypoint_rcnn.KeypointRCNNPredictor(16, 3),
                        **box_head({"box_head": head}, ["0"]))


def unknown_layer():
    model = one_map()
    model.roi_heads.box_head[2] = nn.CELU()
    return model


def zoo_efficientnet():
    """Two maps of one stride are no pyramid, so one layer is left out."""
    body = torchvision_models.efficientnet_b0(weights=None).features
    layers = {"2": "0", "3": "1", "5": "2"}
    return rcnn(FasterRCNN, BackboneWithFPN(body, layers, [24, 40, 112], WIDTH), 4,
                names=("0", "1", "2"))


def zoo_convnext():
    body = torchvision_models.convnext_tiny(weights=None).features
    return rcnn(FasterRCNN, BackboneWithFPN(body, {"1": "0", "3": "1"}, [96, 192], WIDTH), 3,
                names=("0", "1"))


def zoo_regnet():
    nodes = {f"trunk_output.block{k + 1}": str(k) for k in range(3)}
    body = create_feature_extractor(torchvision_models.regnet_y_400mf(weights=None), nodes)
    return rcnn(FasterRCNN, Extracted(body, [48, 104, 208]), 4, names=("0", "1", "2"))


class SwinBackbone(Extracted):
    def forward(self, x):
        return self.fpn({name: map_.permute(0, 3, 1, 2) for name, map_ in self.body(x).items()})


def zoo_swin():
    """Images so small that windows are not shifted in all of them."""
    body = create_feature_extractor(torchvision_models.swin_t(weights=None),
                                    {"features.1": "0", "features.3": "1"})
    model = rcnn(FasterRCNN, SwinBackbone(body, [96, 192]), 3, names=("0", "1"), min_size=40,
                 max_size=100)
    model.transform.size_divisible = 8
    return model


class Odd(nn.Module):
    """Decides by the size of the image."""

    def __init__(self):
        super().__init__()
        self.conv, self.more, self.out_channels = nn.Conv2d(3, 8, 3, 4, 1), nn.Conv2d(8, 8, 1), 8

    def forward(self, x):
        x = self.conv(x)
        return self.more(x) if x.shape[2] > 40 else x


class Looping(Odd):
    def forward(self, x):
        x = self.conv(x)
        for k in range(x.shape[2] // 16):
            x = x + k
        return x


def with_backbone(backbone):
    return FasterRCNN(backbone, 2, rpn_anchor_generator=anchors(1),
                      box_roi_pool=MultiScaleRoIAlign(["0"], 4, 2))


DETECTORS = [extracted, cbam, like_timm, own_pyramid, ssd, one_map]
# Which the zoo builds, from the state dict.
OF_THE_ZOO = [zoo_efficientnet, zoo_convnext, zoo_regnet, zoo_swin]
REFUSED = [Odd, Looping]


def cases():
    blank = np.stack([np.zeros((96, 131, 3), np.uint8), drawn_scene(96, 131, 9)])
    scenes = {f"scene_{height}x{width}": drawn_scene(height, width, k)[None]
              for k, (height, width) in enumerate(SIZES)}
    return {**scenes, "batch_2": blank}


def calibrated(model):
    """As detectors.calibrate(), at the few pixels that these detectors take."""
    images = [detectors.photo(k, *size) for k, size in enumerate([(120, 160), (160, 120)])]
    images += [torch.zeros(3, 110, 140), torch.rand(3, 110, 140)]
    detectors.calibrate_norms(model.eval(), images)
    detectors.spread_heads(model, images)
    return model


def make(function, out):
    torch.manual_seed(0)
    name = function.__name__
    model = calibrated(function())
    if function in OF_THE_ZOO:
        torch.save(model.state_dict(), out / f"{name}_state.pth")
    else:
        export_backbone(model, out / f"{name}_backbone.onnx")
    torch.save(model, out / f"{name}.pth")
    record(model, str(out / f"{name}.safetensors"), cases=cases())


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:]
    with torch.no_grad():
        for function in DETECTORS + OF_THE_ZOO:
            if not wanted or function.__name__ in wanted:
                make(function, out)
        torch.save(unknown_layer(), out / "unknown_layer.pth")
        for kind in REFUSED if not wanted else []:
            try:
                export_backbone(with_backbone(kind()), out / f"{kind.__name__}.onnx")
                said = ""
            except Unusable as problem:
                said = str(problem)
            (out / f"{kind.__name__}.txt").write_text(said)


if __name__ == "__main__":
    main()
