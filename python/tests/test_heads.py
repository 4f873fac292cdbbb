"""Heads that are chains of known layers are built from a live module; others are named."""
import numpy as np
import pytest

import tv2onnx

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
nn = torch.nn
detection = torchvision.models.detection


def like(shapes, kind, **options):
    """The demo's detector with another branch, which is random."""
    torch.manual_seed(0)
    model = kind(shapes.backbone, 7, min_size=320, max_size=640, **options)
    model.rpn = shapes.rpn
    for part in ("box_head", "box_predictor"):
        setattr(model.roi_heads, part, getattr(shapes.roi_heads, part))
    return model


def with_box_predictor(shapes):
    predictor = shapes.roi_heads.box_predictor
    predictor.cls_score = nn.Sequential(nn.Dropout(), predictor.cls_score)
    features = predictor.bbox_pred.in_features
    wide = nn.Linear(features, features)
    nn.init.eye_(wide.weight)
    predictor.bbox_pred = nn.Sequential(wide, nn.ReLU(), predictor.bbox_pred)
    return shapes.eval()


def mask_head():
    return nn.Sequential(nn.Conv2d(256, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU())


def with_mask_chain(shapes):
    model = like(shapes, detection.MaskRCNN)
    model.roi_heads.mask_head = mask_head()
    model.roi_heads.mask_predictor = nn.Sequential(
        nn.ConvTranspose2d(16, 8, 2, 2, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(),
        nn.ConvTranspose2d(8, 8, 4, 2, 1), nn.Conv2d(8, 7, 1))
    return model.eval()


def with_keypoint_chain(shapes):
    model = like(shapes, detection.KeypointRCNN, num_keypoints=3)
    model.roi_heads.keypoint_head = nn.Sequential(nn.Conv2d(256, 16, 3, padding=1, bias=False),
                                                  nn.BatchNorm2d(16), nn.Hardswish())
    model.roi_heads.keypoint_predictor = nn.Sequential(nn.ConvTranspose2d(16, 3, 4, 2, 1))
    return model.eval()


@pytest.mark.parametrize("change", [with_box_predictor, with_mask_chain, with_keypoint_chain])
def test_chains_answer_as_the_module_does(shapes, image, tmp_path, change):
    report = tv2onnx.export(change(shapes), tmp_path / "a.onnx", verify=True)
    assert report.verified and report.classes == 7
    found = tv2onnx.Detector(tmp_path / "a.onnx")(image)
    assert len(found) > 0
    if change is with_mask_chain:
        assert found.masks.shape[0] == len(found) and 0 < np.ptp(found.masks)


def with_unknown_layer(shapes):
    model = with_mask_chain(shapes)
    model.roi_heads.mask_predictor[2] = nn.CELU()
    return model


def with_other_shape(shapes):
    model = with_keypoint_chain(shapes)
    model.roi_heads.keypoint_predictor.append(nn.Flatten())
    return model


def with_few_deltas(shapes):
    predictor = shapes.roi_heads.box_predictor
    predictor.bbox_pred = nn.Sequential(nn.Linear(predictor.bbox_pred.in_features, 4))
    return shapes.eval()


def with_dilation(shapes):
    model = with_mask_chain(shapes)
    model.roi_heads.mask_predictor[4] = nn.ConvTranspose2d(8, 8, 4, 2, 1, output_padding=1)
    return model


@pytest.mark.parametrize("change, text", [
    (with_unknown_layer, "roi_heads.mask_predictor.2 is torch.nn.modules.activation.CELU"),
    (with_other_shape, "keypoint_predictor"), (with_few_deltas, "4 numbers for each box"),
    (with_dilation, r"mask_predictor.\d.output_padding"),
])
def test_what_is_no_chain_is_named(shapes, change, text):
    with pytest.raises(tv2onnx.Error, match=text) as caught:
        tv2onnx.export(change(shapes), verify=False)
    assert caught.value.code in ("W002", "W005")
