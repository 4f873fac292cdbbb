"""Fewer bits, and how good a model is."""
import json
import os
import subprocess

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


@pytest.fixture
def annotated(shapes_onnx, tmp_path):
    """Annotations of what the detector is sure of in three photos, but for one object."""
    Image = pytest.importorskip("PIL.Image")
    run = tv2onnx.Detector(shapes_onnx)
    images, objects = [], []
    for k, photo in enumerate(sorted(PHOTOS.iterdir())[:3], 1):
        pixels = np.asarray(Image.open(photo).convert("RGB"))
        images.append({"id": k, "file_name": photo.name, "height": pixels.shape[0],
                       "width": pixels.shape[1]})
        objects += [{"id": 100 * k + i, "image_id": k, "category_id": int(label), "iscrowd": 0,
                     "bbox": [x, y, u - x, v - y], "area": (u - x) * (v - y)}
                    for i, (label, (x, y, u, v)) in enumerate(zip(
                        *(lambda found: (found.labels, found.boxes.astype(float)))(
                            run(pixels).above(0.5))))]
    categories = [{"id": k, "name": f"shape {k}"} for k in range(1, 7)]
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps({"images": images, "annotations": objects[1:],
                                "categories": categories}))
    return path


def test_a_detector_is_evaluated_as_the_program_does(shapes_onnx, annotated, tmp_path):
    steps = []
    report = tv2onnx.evaluate(shapes_onnx, PHOTOS, annotations=annotated, against=shapes_onnx,
                              confusion=True, curve=tmp_path / "c.svg", worst=1,
                              pictures=tmp_path / "drawn", progress=lambda *step: steps.append(step))
    assert report.images == 3 and len(steps) == 6 and report.failures == []
    assert 0.5 < report.figures["AP50"] < 1
    assert report.against["difference"] == 0
    assert len(report.confusion["counts"]) == len(report.categories) + 1
    assert (tmp_path / "c.svg").read_text().startswith("<svg")
    assert len(list((tmp_path / "drawn").iterdir())) == len(report.drawn) == 1
    assert "AP50" in str(report) and "<table>" in report._repr_html_()
    done = subprocess.run([os.environ["TV2ONNX_PROGRAM"], "evaluate", shapes_onnx, "--coco", annotated,
                           "--images", PHOTOS, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["figures"] == report.figures


def test_stored_results_are_evaluated(annotated, tmp_path):
    truth = json.loads(annotated.read_text())
    stored = tmp_path / "stored.json"
    stored.write_text(json.dumps([{**one, "score": 0.9} for one in truth["annotations"]]))
    report = tv2onnx.evaluate(stored, annotations=annotated)
    assert report.figures["AP"] == pytest.approx(1) and report.results == len(truth["annotations"])


@pytest.mark.parametrize("options, kind, text", [
    ({"annotations": "a.json"}, TypeError, "folder of the annotated images"),
    ({"confusion": True}, TypeError, "annotations="),
    ({"data": PHOTOS, "annotations": "a.json", "labels": "maps"}, TypeError, "labels= is for"),
    ({"data": PHOTOS, "annotations": "a.json", "worst": 2}, TypeError, "pictures="),
    ({"data": PHOTOS, "annotations": PHOTOS / "none.json"}, tv2onnx.Error, "none.json"),
    ({}, TypeError, "data="),
])
def test_what_of_detectors_cannot_be_evaluated_is_refused(shapes_onnx, options, kind, text):
    with pytest.raises(kind, match=text):
        tv2onnx.evaluate(shapes_onnx, **options)
