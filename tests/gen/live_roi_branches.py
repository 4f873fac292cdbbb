"""Mask and Keypoint R-CNNs for live_detectors.py."""
import torch
import torchvision
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.keypoint_rcnn import (KeypointRCNN, KeypointRCNNHeads,
                                                        KeypointRCNNPredictor)
from torchvision.models.detection.mask_rcnn import MaskRCNN, MaskRCNNHeads, MaskRCNNPredictor

import random_detectors as detectors

# Small images and few detections: torch is slow with these.
QUICK = {"min_size": 160, "max_size": 240, "box_detections_per_img": 12}


def masks():
    return detectors.build("maskrcnn_resnet50_fpn", classes=5, seed=8, **QUICK)


def masks_v2():
    return detectors.build("maskrcnn_resnet50_fpn_v2", classes=4, seed=12,
                           rpn_post_nms_top_n_test=60, **QUICK)


def masks_assembled():
    """Another backbone, and a mask branch of another size, depth and pooling."""
    torch.manual_seed(9)
    backbone = resnet_fpn_backbone(backbone_name="resnet18", weights=None, trainable_layers=5)
    pool = torchvision.ops.MultiScaleRoIAlign(["0", "1"], output_size=10, sampling_ratio=0)
    model = MaskRCNN(backbone, num_classes=3, mask_roi_pool=pool,
                     mask_head=MaskRCNNHeads(256, (64, 48), 1), rpn_score_thresh=0.05, **QUICK)
    model.roi_heads.mask_predictor = MaskRCNNPredictor(48, 32, 3)
    return detectors.calibrate(model, 9)


def keypoints():
    """The builder's model, but with narrower layers in the head."""
    torch.manual_seed(10)
    model = torchvision.models.detection.keypointrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, **QUICK)
    model.roi_heads.keypoint_head = KeypointRCNNHeads(256, (64,) * 8)
    model.roi_heads.keypoint_predictor = KeypointRCNNPredictor(64, 17)
    return detectors.calibrate(model, 10)


def keypoints_assembled():
    """Another backbone, 5 keypoints of 3 classes, a short head."""
    torch.manual_seed(11)
    backbone = resnet_fpn_backbone(backbone_name="resnet18", weights=None, trainable_layers=5)
    model = KeypointRCNN(backbone, num_classes=3, keypoint_head=KeypointRCNNHeads(256, (48, 32)),
                         keypoint_predictor=KeypointRCNNPredictor(32, 5), rpn_score_thresh=0.05,
                         **QUICK)
    return detectors.calibrate(model, 11)


SIZES = [(100, 100), (150, 203), (240, 180)]
VARIANTS = {
    "masks": (masks, False, SIZES, (2,)),
    "masks_v2": (masks_v2, True, SIZES, (2,)),
    "masks_assembled": (masks_assembled, True, SIZES, (3,)),
    "keypoints": (keypoints, False, SIZES, (2,)),
    "keypoints_assembled": (keypoints_assembled, True, SIZES, (3,)),
}
FULL_MASKS = {"masks"}
