"""Tiny detectors for live_detectors.py whose images are prepared in another way than torchvision's
builders do: at their own size, normalised by code around the model, with one number for all
channels, with one or four channels."""
import torch
import torchvision
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FasterRCNN, FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.fcos import FCOS
from torchvision.models.detection.keypoint_rcnn import (KeypointRCNN, KeypointRCNNHeads,
                                                        KeypointRCNNPredictor)
from torchvision.models.detection.mask_rcnn import MaskRCNN, MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.retinanet import RetinaNet
from torchvision.ops import MultiScaleRoIAlign

import random_detectors as detectors

CHANNELS = 32
IMAGENET = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]
SMALL = {"min_size": 120, "max_size": 180}


def backbone(channels=3):
    """MobileNetV2 of a quarter of the width, three maps and a pooled one."""
    body = torchvision.models.mobilenet_v2(weights=None, width_mult=0.25).features[:15]
    first = body[0][0]
    body[0][0] = torch.nn.Conv2d(channels, first.out_channels, 3, 2, 1, bias=False)
    return BackboneWithFPN(body, {"4": "0", "7": "1", "14": "2"}, [8, 16, 40], CHANNELS)


def anchors(sizes, ratios=(0.5, 1.0, 2.0)):
    return AnchorGenerator(tuple((size,) for size in sizes), (ratios,) * len(sizes))


def rcnn(seed, kind=FasterRCNN, channels=3, **keywords):
    torch.manual_seed(seed)
    pool = MultiScaleRoIAlign(["0", "1", "2"], 7, 2)
    settings = {**SMALL, "rpn_anchor_generator": anchors((32, 64, 96, 150)),
                "rpn_post_nms_top_n_test": 60, "box_detections_per_img": 20, **keywords}
    model = kind(backbone(channels), None, box_roi_pool=pool,
                 box_head=TwoMLPHead(CHANNELS * 49, 64), box_predictor=FastRCNNPredictor(64, 4),
                 **settings)
    return detectors.calibrate(model, seed)


def keep_size(model):
    """What _skip_resize does while torchvision trains; it has no switch for evaluation."""
    model.transform.resize = lambda image, target=None: (image, target)
    model.transform.no_resize = True
    return model


def normalise_before(model, seed, mean, std):
    """torchvision.transforms.Normalize around the model, which normalises, too. Calibrated for what
    the network gets then: of other images its scores are all 0 or all 1."""
    inside = model.transform.normalize

    def twice(image):
        shape = [-1, 1, 1]
        outer = [torch.as_tensor(v, dtype=image.dtype).reshape(shape) for v in (mean, std)]
        return inside((image - outer[0]) / outer[1])

    model.transform.normalize = twice
    model.transform.normalized_with = [mean, std]
    return detectors.calibrate(model, seed)


def own_size():
    return keep_size(rcnn(41))


def own_size_grey():
    return keep_size(rcnn(42, channels=1, image_mean=[0.5], image_std=[0.25]))


def own_size_four():
    """Normalised outside, and padded to a multiple of 20."""
    return keep_size(rcnn(43, channels=4, image_mean=[0.0], image_std=[1.0], size_divisible=20))


def own_size_masks():
    return keep_size(rcnn(44, MaskRCNN, mask_head=MaskRCNNHeads(CHANNELS, (16,), 1),
                          mask_predictor=MaskRCNNPredictor(16, 16, 9),
                          mask_roi_pool=MultiScaleRoIAlign(["0", "1", "2"], 14, 2)))


def own_size_keypoints():
    return keep_size(rcnn(45, KeypointRCNN, keypoint_head=KeypointRCNNHeads(CHANNELS, (16,)),
                          keypoint_predictor=KeypointRCNNPredictor(16, 5),
                          keypoint_roi_pool=MultiScaleRoIAlign(["0", "1", "2"], 14, 2)))


def own_size_retinanet():
    torch.manual_seed(46)
    return keep_size(detectors.calibrate(
        RetinaNet(backbone(), 3, anchor_generator=anchors((24, 48, 96, 150)),
                  detections_per_img=40, topk_candidates=60, **SMALL), 46))


def own_size_fcos():
    torch.manual_seed(47)
    return keep_size(detectors.calibrate(
        FCOS(backbone(), 3, anchor_generator=anchors((8, 16, 32, 64), (1.0,)),
             detections_per_img=40, topk_candidates=60, **SMALL), 47))


def twice():
    return normalise_before(rcnn(48), 48, *IMAGENET)


def twice_grey():
    return normalise_before(rcnn(49, channels=1, image_mean=[0.1], image_std=[0.9]), 49, 0.5, 0.25)


def twice_own_size():
    """As torchgeo and others do it: normalised outside, not inside, and not resized."""
    model = rcnn(50, image_mean=[0.0] * 3, image_std=[1.0] * 3)
    return keep_size(normalise_before(model, 50, *IMAGENET))


def twice_ssdlite():
    return normalise_before(detectors.build("ssdlite320_mobilenet_v3_large", classes=3, seed=51),
                            51, *IMAGENET)


# As in live_detectors.py
SIZES = [(100, 100), (131, 75), (96, 160)]
VARIANTS = {
    "own_size": (own_size, False, SIZES, (2, 3)),
    "own_size_grey": (own_size_grey, False, SIZES, (2,)),
    "own_size_four": (own_size_four, False, SIZES, (2,)),
    "own_size_masks": (own_size_masks, False, SIZES[1:], (2,)),
    "own_size_keypoints": (own_size_keypoints, False, SIZES[1:], (2,)),
    "own_size_retinanet": (own_size_retinanet, False, SIZES, (2,)),
    "own_size_fcos": (own_size_fcos, False, SIZES, (2,)),
    "twice": (twice, False, SIZES, (2,)),
    "twice_grey": (twice_grey, False, SIZES, (2,)),
    "twice_own_size": (twice_own_size, False, SIZES, (2,)),
    "twice_ssdlite": (twice_ssdlite, False, SIZES[:2], ()),
}
