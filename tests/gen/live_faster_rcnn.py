"""Faster R-CNNs for live_detectors.py: the ResNet builders, and what people assemble of other
backbones, heads, levels and channels. Small, so that PyTorch is quick."""
from torch import nn
import torch
import torchvision
from torchvision.models import resnet
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import (_resnet_fpn_extractor, mobilenet_backbone,
                                                         resnet_fpn_backbone)
from torchvision.models.detection.faster_rcnn import (FasterRCNN, FastRCNNConvFCHead,
                                                      FastRCNNPredictor, TwoMLPHead)
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

import random_detectors as detectors

SMALL = dict(min_size=224, max_size=360, rpn_pre_nms_top_n_test=300, rpn_post_nms_top_n_test=120)
RATIOS = (0.5, 1.0, 2.0)
PLAIN_ANCHORS = ((32, 64, 128, 256, 512),)
TRAINING = "training checkpoint"
SIZES = [(100, 100), (171, 256), (150, 203)]


def anchors(*sizes, ratios=RATIOS):
    return AnchorGenerator(sizes, (ratios,) * len(sizes))


def assemble(backbone, seed, classes=5, **keywords):
    return detectors.calibrate(FasterRCNN(backbone, classes, **{**SMALL, **keywords}), seed)


def fpn(name, **keywords):
    return resnet_fpn_backbone(backbone_name=name, weights=None, norm_layer=nn.BatchNorm2d,
                               **keywords)


def tiny_resnet(block, blocks=(1, 1, 1, 1), returned_layers=None, extra=None, **keywords):
    torch.manual_seed(0)
    body = resnet.ResNet(block, list(blocks), **keywords)
    return _resnet_fpn_extractor(body, 5, returned_layers, extra)


def resnet50():
    """As the official weights run: frozen statistics, eps 0. Variances so small that eps counts."""
    model = detectors.build("fasterrcnn_resnet50_fpn", classes=5, seed=11, **SMALL)
    with torch.no_grad():
        detectors.freeze(model.backbone, 0.0)
        for module in model.backbone.modules():
            if isinstance(module, torchvision.ops.FrozenBatchNorm2d):
                module.running_var.mul_(1e-4)
                module.weight.mul_(1e-2)
    return model


def resnet50_v2():
    return detectors.build("fasterrcnn_resnet50_fpn_v2", classes=4, seed=12, **SMALL)


def resnet18():
    torch.manual_seed(13)
    return assemble(fpn("resnet18"), 13)


def resnet18_empty():
    model = assemble(fpn("resnet18"), 14)
    with torch.no_grad():
        model.rpn.head.cls_logits.bias.fill_(-2000)
    model.rpn.score_thresh = 0.01
    return model


def resnext_p6p7():
    """Groups, layers 2 to 4, extra levels; three convolutions in the RPN; boxes from odd names."""
    backbone = tiny_resnet(resnet.Bottleneck, returned_layers=[2, 3, 4], groups=32,
                           width_per_group=4, extra=LastLevelP6P7(256, 256))
    generator = anchors((32,), (64,), (128,), (256,), (400,), ratios=(0.5, 2.0))
    pool = MultiScaleRoIAlign(["p6", "0", "1", "2", "7"], output_size=(5, 3), sampling_ratio=1)
    head = FastRCNNConvFCHead((256, 5, 3), [], [64, 48, 32])
    return assemble(backbone, 15, None, rpn_anchor_generator=generator, box_roi_pool=pool,
                    rpn_head=RPNHead(256, 2, conv_depth=3), box_head=head,
                    box_predictor=FastRCNNPredictor(32, 4))


def wide_gap():
    """Wide blocks; a pyramid of layers 1 and 3, whose sizes are no multiples at this padding."""
    backbone = tiny_resnet(resnet.Bottleneck, returned_layers=[1, 3], width_per_group=128,
                           blocks=(1, 1, 2, 1))
    generator = anchors((24, 48), (96, 160), (250, 320))
    return assemble(backbone, 16, None, rpn_anchor_generator=generator, size_divisible=20,
                    box_roi_pool=MultiScaleRoIAlign(["0"], output_size=3, sampling_ratio=2),
                    box_head=FastRCNNConvFCHead((256, 3, 3), [32, 48], [64]),
                    box_predictor=FastRCNNPredictor(64, 3))


def mobilenet(name, seed, **keywords):
    torch.manual_seed(seed)
    return mobilenet_backbone(backbone_name=name, weights=None, norm_layer=nn.BatchNorm2d, **keywords)


def mobilenet_v3_small():
    """Four levels of strides 8, 16, 32, 32."""
    backbone = mobilenet("mobilenet_v3_small", 17, fpn=True, returned_layers=[2, 3, 4, 5])
    generator = anchors((32,), (64,), (128,), (256,), (300,))
    return assemble(backbone, 17, rpn_anchor_generator=generator)


def mobilenet_v2():
    """Two of its stages have 32 channels."""
    backbone = mobilenet("mobilenet_v2", 18, fpn=True, returned_layers=[2, 3, 4])
    return assemble(backbone, 18, rpn_anchor_generator=anchors((32,), (64,), (128,), (256,)))


def plain_pool():
    return MultiScaleRoIAlign(["0"], output_size=7, sampling_ratio=2)


def without_fpn():
    """The features through one convolution: mobilenet_backbone(fpn=False)."""
    return assemble(mobilenet("mobilenet_v2", 19, fpn=False), 19, box_roi_pool=plain_pool(),
                    rpn_anchor_generator=anchors(*PLAIN_ANCHORS))


def of_features(backbone, channels, seed):
    """torchvision's tutorial: the features of a classifier are the backbone."""
    backbone.out_channels = channels
    head = TwoMLPHead(channels * 49, 64)
    return assemble(backbone, seed, None, box_roi_pool=plain_pool(), box_head=head,
                    box_predictor=FastRCNNPredictor(64, 3),
                    rpn_anchor_generator=anchors(*PLAIN_ANCHORS))


def tutorial():
    torch.manual_seed(20)
    return of_features(torchvision.models.mobilenet_v2(weights=None).features, 1280, 20)


def tutorial_v3():
    """MobileNetV3 alone has another eps than as a builder's backbone."""
    torch.manual_seed(21)
    model = of_features(torchvision.models.mobilenet_v3_small(weights=None).features, 576, 21)
    with torch.no_grad():  # else hardly anything is found in photos
        model.roi_heads.box_predictor.cls_score.bias[0] -= 1
    return model


def tutorial_resnet():
    torch.manual_seed(22)
    layers = list(torchvision.models.resnet18(weights=None).children())
    return of_features(nn.Sequential(*layers[:-2]), 512, 22)


def with_channels(count, seed, mean, std):
    torch.manual_seed(seed)
    backbone = fpn("resnet18")
    backbone.body.conv1 = nn.Conv2d(count, 64, 7, 2, 3, bias=False)
    model = FasterRCNN(backbone, 4, image_mean=mean, image_std=std, **SMALL)
    return detectors.calibrate(model, seed)


def grey():
    return with_channels(1, 23, [0.45], [0.22])


def four_channels():
    return with_channels(4, 24, [0.4, 0.5, 0.45, 0.3], [0.3, 0.2, 0.25, 0.4])


# As in live_detectors.py; TRAINING: a dict of a training loop, with the prefix of DataParallel.
VARIANTS = {
    "resnet50": (resnet50, False, SIZES[:2], ()),
    "resnet50_v2": (resnet50_v2, TRAINING, SIZES[:2], (2,)),
    "resnet18": (resnet18, True, SIZES, (2, 3)),
    "resnet18_empty": (resnet18_empty, True, SIZES[:1], (2,)),
    "resnext_p6p7": (resnext_p6p7, True, SIZES, (2,)),
    "wide_gap": (wide_gap, True, SIZES, (2,)),
    "mobilenet_v3_small": (mobilenet_v3_small, True, SIZES, (2,)),
    "mobilenet_v2": (mobilenet_v2, False, SIZES, (2,)),
    "without_fpn": (without_fpn, False, SIZES, (2,)),
    "tutorial": (tutorial, False, SIZES, (2,)),
    "tutorial_v3": (tutorial_v3, False, SIZES, (2,)),
    "tutorial_resnet": (tutorial_resnet, TRAINING, SIZES[:2], ()),
    "grey": (grey, False, SIZES[:2], (2,)),
    "four_channels": (four_channels, True, SIZES[:2], (2,)),
}
