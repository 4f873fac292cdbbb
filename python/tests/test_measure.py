"""Fewer bits, and how good a model is."""
import os

import numpy as np
import pytest

import tv2onnx
from conftest import CHECKOUT

PHOTOS = CHECKOUT / "examples/shapes/images"


def test_a_detector_in_8_bits_says_what_it_costs(shapes_onnx, tmp_path):
    steps = []
    report = tv2onnx.quantize(shapes_onnx, tmp_path / "a.onnx", PHOTOS, recipe="head",
                              progress=lambda *step: steps.append(step))
    assert steps
    assert report.bytes_after == os.path.getsize(tmp_path / "a.onnx") < report.bytes_before
    assert report.calibrated + report.judged == len(list(PHOTOS.iterdir()))
    assert bool(report) == (report.fault == "")
    assert "confident detections" in str(report) and "<table>" in report._repr_html_()
    assert report.to_dict()["layers"] > 0
    with pytest.raises(FileExistsError):
        tv2onnx.quantize(shapes_onnx, tmp_path / "a.onnx", PHOTOS)


def test_weights_alone_take_fewer_bits(shapes_onnx, tmp_path):
    report = tv2onnx.quantize(shapes_onnx, tmp_path / "a.onnx", precision="fp16-weights")
    assert report and report.bytes_after == os.path.getsize(tmp_path / "a.onnx")
    assert report.bytes_after < 0.6 * report.bytes_before


@pytest.mark.parametrize("options, kind, text", [
    ({}, TypeError, "images="),
    ({"images": "x", "precision": "int8-weights"}, TypeError, "needs no images"),
    ({"precision": "int4"}, ValueError, "int8-weights"),
    ({"images": PHOTOS, "recipe": "none"}, ValueError, "recipe"),
    ({"images": PHOTOS, "weight_bits": 4}, ValueError, "7 or 8"),
    ({"images": CHECKOUT / "docs"}, ValueError, "image"),
    ({"images": [next(PHOTOS.iterdir())]}, ValueError, "photo"),
])
def test_what_cannot_be_quantised_is_refused(shapes_onnx, tmp_path, options, kind, text):
    with pytest.raises(kind, match=text):
        tv2onnx.quantize(shapes_onnx, tmp_path / "a.onnx", **options)
    assert not os.listdir(tmp_path)


def test_a_classifier_is_evaluated_on_folders(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    tv2onnx.export(CHECKOUT / "examples/shapes/shufflenet_shapes_half.pth", tmp_path / "a.onnx")
    photos = sorted(PHOTOS.iterdir())
    for name, photo in zip(tv2onnx.Classifier(tmp_path / "a.onnx").class_names, photos):
        (tmp_path / "val" / name).mkdir(parents=True)
        Image.open(photo).save(tmp_path / "val" / name / "a.png")
    (tmp_path / "val/star/b.png").write_text("no photo")
    report = tv2onnx.evaluate(tmp_path / "a.onnx", tmp_path / "val")
    assert report.images + len(report.failures) == len(photos) + 1
    assert len(report.failures) == 1 and "b.png" in report.failures[0]
    assert report.top1 == report.right / report.images <= report.top5
    assert "top1" in str(report) and report.to_dict()["task"] == "classification"
    with pytest.raises(tv2onnx.Error, match="I005|no images|folder"):
        tv2onnx.evaluate(tmp_path / "a.onnx", CHECKOUT / "docs/adr")


def test_segmentation_is_evaluated_on_label_maps(tmp_path):
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision").models.segmentation
    Image = pytest.importorskip("PIL.Image")
    torch.manual_seed(0)
    model = models.lraspp_mobilenet_v3_large(weights_backbone=None, num_classes=3).eval()
    tv2onnx.export(model, tmp_path / "a.onnx", verify=False, class_names=list("abc"))
    for folder in ("photos", "maps"):
        (tmp_path / folder).mkdir()
    segmenter = tv2onnx.Segmenter(tmp_path / "a.onnx")
    for name in sorted(PHOTOS.iterdir())[:2]:
        photo = Image.open(name).resize((96, 80))
        photo.save(tmp_path / "photos" / f"{name.stem}.png")
        labels = segmenter(np.asarray(photo)).labels
    Image.fromarray(labels.astype(np.uint8)).save(tmp_path / "maps" / f"{name.stem}.png")
    report = tv2onnx.evaluate(tmp_path / "a.onnx", tmp_path / "photos", labels=tmp_path / "maps")
    assert report.images == 1 and report.unlabelled == 1
    assert report.accuracy == 1 and report.mean_iou == 1
    assert "mean_iou" in str(report)
