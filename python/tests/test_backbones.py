"""Live detectors over backbones that are made of parts of torchvision's models."""
import importlib

import numpy as np
import pytest

import tv2onnx
from tv2onnx._verify import scripts

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
features = pytest.importorskip("torchvision.models.feature_extraction")
ops = torchvision.ops


class Pyramid(torch.nn.Module):
    """Parts of a classifier, as create_feature_extractor gives them, and torchvision's FPN."""

    def __init__(self, body, nodes, channels, last):
        super().__init__()
        self.body = features.create_feature_extractor(body, nodes)
        self.fpn = ops.FeaturePyramidNetwork(channels, 64)
        self.out_channels, self.last = 64, last

    def forward(self, x):
        maps = self.body(x)
        return self.fpn({name: one.permute(0, 3, 1, 2) if self.last else one
                         for name, one in maps.items()})


def detector(backbone, **options):
    torch.manual_seed(0)
    anchors = torchvision.models.detection.anchor_utils.AnchorGenerator(((24,), (48,)),
                                                                        ((0.5, 1, 2),) * 2)
    kinds = torchvision.models.detection.faster_rcnn
    model = kinds.FasterRCNN(
        backbone, None, rpn_anchor_generator=anchors, min_size=64, max_size=128,
        box_roi_pool=ops.MultiScaleRoIAlign(["0", "1"], 4, 2),
        box_head=kinds.TwoMLPHead(64 * 16, 32), box_predictor=kinds.FastRCNNPredictor(32, 4),
        rpn_pre_nms_top_n_test=100, rpn_post_nms_top_n_test=30, box_detections_per_img=10, **options)
    for layer in (model.rpn.head.cls_logits, model.roi_heads.box_predictor.cls_score):
        torch.nn.init.normal_(layer.weight, std=0.3)
    model.transform.size_divisible = 8
    return model.eval()


def swin():
    """The first two stages of Swin-T."""
    torch.manual_seed(0)
    body = torchvision.models.SwinTransformer([4, 4], 96, [2, 2], [3, 6], [7, 7])
    return Pyramid(body, {"features.1": "0", "features.3": "1"}, [96, 192], last=True)


def test_swin_transformers_are_built_and_compared(tmp_path, image):
    model = detector(swin())
    report = tv2onnx.export(model, tmp_path / "a.onnx")
    assert report.verified
    assert report.warnings == ["the backbone is built as torchvision's whose weights it has, and "
                               "compared"]
    run = tv2onnx.Detector(tmp_path / "a.onnx")
    # So small and so long that the windows are not those of the drawn scenes.
    for size in ((30, 200), (32, 32), (32, 64), (128, 32), (31, 190)):
        with torch.no_grad():
            pixels = torch.from_numpy(image[:size[0], :size[1]].copy())
            expected = model([pixels.permute(2, 0, 1) / 255])[0]
        found = run(pixels.numpy())
        assert len(found) == len(expected["scores"]) > 0
        assert np.allclose(found.scores, expected["scores"].numpy(), atol=1e-4)


def test_without_a_comparison_they_are_refused():
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.export(detector(swin()), verify=False)
    assert caught.value.code == "W005"
    assert "the size of the image decides" in str(caught.value.__cause__)
    assert "without verify=False, the backbone is built" in str(caught.value)


class Stem(torch.nn.Module):
    """A backbone of one's own with one map."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(*[
            torch.nn.Sequential(torch.nn.Conv2d(a, b, 3, 2, 1), torch.nn.Hardtanh())
            for a, b in ((3, 8), (8, 16), (16, 32))])
        self.out_channels = 32

    def forward(self, x):
        return self.layers(x)


def retinanet():
    kinds = torchvision.models.detection
    # Boxes that do not overlap their neighbours, of which all are kept: no ties on blank images.
    anchors = kinds.anchor_utils.AnchorGenerator(((4, 5),), ((1,),))
    model = kinds.RetinaNet(Stem(), 4, anchor_generator=anchors, min_size=96, max_size=160,
                            score_thresh=0.5, detections_per_img=2000, topk_candidates=2000).eval()
    for layer in model.head.modules():  # scores and boxes that differ from each other
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.normal_(layer.weight, std=0.06)
            torch.nn.init.zeros_(layer.bias)
    return model


def test_files_for_one_size_are_compared_at_it(tmp_path):
    report = tv2onnx.export(retinanet(), tmp_path / "a.onnx", target="portable", size=(96, 128))
    assert report.verified
    assert {tuple(one["size"]) for one in report.verification.images} == {(96, 128)}


def test_raw_files_are_compared_where_torchvision_pads_as_they_do(tmp_path):
    model = retinanet()
    report = tv2onnx.export(model, tmp_path / "a.onnx", outputs="raw", size=(96, 160))
    assert report.verified and report.verification.matched > 0
    with pytest.warns(tv2onnx.NotVerifiedWarning, match="pads it to 96x96 and the file to 160x160"):
        other = tv2onnx.export(model, tmp_path / "b.onnx", outputs="raw", size=(160, 160))
    assert other.verification.verdict == "not decided"
    assert tv2onnx.verify(tmp_path / "b.onnx", against=model).verdict == "not decided"


def test_recorded_features_are_compared(tmp_path):
    with scripts():
        exporter = importlib.import_module("export_backbone")
    model = retinanet()
    options = {"settings": {"min_size": 96, "max_size": 160, "anchor_generator.sizes": [[4, 5]],
                            "anchor_generator.aspect_ratios": [[1.0]]},
               "backbone": tmp_path / "b.onnx", "backbone_features": tmp_path / "f.safetensors"}
    exporter.export_backbone(model, options["backbone"], features=options["backbone_features"])
    assert tv2onnx.export(model.state_dict(), **options)
    other = retinanet()
    torch.nn.init.zeros_(other.backbone.layers[2][0].weight)
    exporter.export_backbone(other, features=options["backbone_features"])
    with pytest.raises(tv2onnx.Error, match="the map 0 differs by") as caught:
        tv2onnx.export(model.state_dict(), **options)
    assert caught.value.code == "W007"


class Brighter(Pyramid):
    def forward(self, x):
        return super().forward(x * 1.5)


def test_what_is_done_around_a_swin_transformer_is_not_silent(tmp_path):
    model = detector(swin())
    model.backbone.__class__ = Brighter
    with pytest.raises(tv2onnx.NotEqualError):
        tv2onnx.export(model, tmp_path / "a.onnx")
    assert not list(tmp_path.iterdir())


def test_extracted_features_are_exported(tmp_path):
    body = torchvision.models.resnet18(weights=None)
    backbone = Pyramid(body, {"layer1": "0", "layer2": "1"}, [64, 128], last=False)
    model = detector(backbone)
    assert tv2onnx.export(model, tmp_path / "a.onnx", verify=True).verified
