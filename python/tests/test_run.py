"""Running files on arrays. Needs numpy alone."""
import json
import shutil
import subprocess
import sys
import threading
import types

import numpy as np
import pytest

import tv2onnx
from conftest import SHAPES


@pytest.fixture(scope="module")
def detector(shapes_onnx):
    return tv2onnx.Detector(shapes_onnx)


@pytest.fixture(scope="module")
def found(detector, image):
    return detector(image)


def same(a, b):
    assert len(a) == len(b)
    assert np.array_equal(a.labels, b.labels)
    assert np.allclose(a.boxes, b.boxes, atol=1e-3)
    assert np.allclose(a.scores, b.scores, atol=1e-5)


def test_answers_with_arrays(found):
    assert len(found) > 0
    assert found.boxes.shape == (len(found), 4)
    assert found.boxes.dtype == np.float32
    assert found.labels.dtype == np.int64
    assert found.scores.dtype == np.float32
    assert len(found.names) == len(found)
    assert found.masks is None


def test_float_planes_and_batches_are_the_same(detector, image, found):
    planes = image.transpose(2, 0, 1).astype(np.float32) / 255
    same(detector(planes), found)
    same(detector(planes.astype(np.float64)), found)
    both = detector(np.stack([image, np.zeros_like(image)]))
    assert len(both) == 2
    same(both[0], found)


def test_strided_and_read_only_arrays_are_the_same(detector, image, found):
    wide = np.repeat(image, 2, axis=1)
    same(detector(wide[:, ::2]), found)
    same(detector(np.asfortranarray(image)), found)
    locked = image.copy()
    locked.setflags(write=False)
    same(detector(locked), found)
    same(detector(np.flip(np.flip(image, 0).copy(), 0)), found)


def test_images_of_several_sizes(detector, image, found):
    same(next(iter(detector.run_many([image, image[:100]]))), found)
    assert [one.height for one in detector.run_many([image, image[:100]])] == [150, 100]


@pytest.mark.parametrize("array, kind, text", [
    (np.zeros((50, 50), np.uint8), ValueError, r"\[50, 50\]"),
    (np.zeros((3, 50, 50), np.uint8), ValueError, "channels first"),
    (np.zeros((50, 50, 3), np.float32), ValueError, "channels last"),
    (np.zeros((50, 50, 3), np.int64), TypeError, "int64"),
    ("photo.jpg", ValueError, "shape"),
])
def test_other_arrays_are_refused(detector, array, kind, text):
    with pytest.raises(kind, match=text):
        detector(array)


def test_some_of_what_was_found(found):
    best = found[found.scores >= found.scores.max()]
    assert len(best) >= 1
    same(found.above(float(found.scores.max())), best)
    assert len(found[0]) == len(found[-1]) == 1
    assert np.array_equal(found[-1].boxes[0], found.boxes[-1])
    assert found.xyxy is found.boxes
    assert found.confidence is found.scores
    assert found.class_id is found.labels
    assert found.mask is None


def test_draws(found, image):
    picture = found.plot(image, score=float(found.scores.max()))
    assert picture.shape == image.shape
    assert picture.dtype == np.uint8
    assert (picture != image).any()
    planes = image.transpose(2, 0, 1).astype(np.float32) / 255
    assert np.array_equal(found.plot(planes, score=float(found.scores.max())), picture)
    assert np.array_equal(found.plot(image, score=1.1), image)


def test_gives_cocos_results(found):
    rows = found.to_coco(7)
    assert len(rows) == len(found)
    assert rows[0]["image_id"] == 7
    x1, y1, x2, y2 = found.boxes[0]
    assert np.allclose(rows[0]["bbox"], [x1, y1, x2 - x1, y2 - y1], atol=1e-3)
    json.dumps(found.to_dict())
    assert str(len(found)) in str(found)
    assert found._repr_html_().startswith("<table>")


def test_masks_and_keypoints_of_arrays():
    masks = np.zeros((1, 28, 28), np.float32)
    masks[:, 5:20, 5:20] = 0.9
    found = tv2onnx.Detections(boxes=np.array([[10, 10, 60, 50]], np.float32),
                               labels=np.array([1]), scores=np.array([0.9], np.float32), height=80,
                               width=100, masks=masks, class_names=["none", "dog"])
    assert found.mask.shape == (1, 80, 100)
    inside = np.argwhere(found.mask[0])
    assert inside.min(0)[0] >= 10 and inside.max(0)[1] <= 61
    assert found.to_coco()[0]["segmentation"]["size"] == [80, 100]
    assert (found.plot(np.zeros((80, 100, 3), np.uint8)) > 0).sum() > found.mask.sum()


def test_sleeping_threads_find_the_same(shapes_onnx, image, found):
    same(tv2onnx.Detector(shapes_onnx, threads=2, spinning=False)(image), found)


def test_threads_run_at_once(detector, image, found):
    failures = []

    def work():
        try:
            for _ in range(3):
                same(detector(image), found)
        except BaseException as problem:
            failures.append(problem)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_other_threads_go_on_while_one_exports():
    """Threads of Python run while the library works: the counter would stand still with the GIL held."""
    counted = []
    done = threading.Event()

    def count():
        while not done.wait(0.002):
            counted.append(1)

    thread = threading.Thread(target=count)
    thread.start()
    tv2onnx.export(SHAPES)
    done.set()
    thread.join()
    assert len(counted) > 5


def test_an_older_or_no_runtime_is_said(shapes_onnx, tmp_path, monkeypatch):
    monkeypatch.setenv("TV2ONNX_ORT", str(tmp_path / "libonnxruntime.so"))
    with pytest.raises(RuntimeError) as caught:
        tv2onnx.Detector(shapes_onnx)
    assert caught.value.code == "R001"


def test_files_of_other_kinds_are_refused(shapes_onnx, tmp_path):
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.Classifier(shapes_onnx)
    assert caught.value.code == "R007"
    (tmp_path / "a.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError):
        tv2onnx.Detector(tmp_path / "a.onnx")
    with pytest.raises(FileNotFoundError):
        tv2onnx.Detector(tmp_path / "b.onnx")
    with pytest.raises(IsADirectoryError):
        tv2onnx.Detector(tmp_path)


def test_a_file_in_memory_runs(shapes_onnx, image, found):
    same(tv2onnx.Detector(shapes_onnx.read_bytes())(image), found)


def test_the_doctor_takes_paths_bytes_and_logs(shapes_onnx):
    diagnosis = tv2onnx.doctor(shapes_onnx)
    assert "healthy" in diagnosis.verdict
    assert "D11" in diagnosis.codes
    assert tv2onnx.doctor(shapes_onnx.read_bytes()).codes == diagnosis.codes
    said = tv2onnx.doctor(log="RUNTIME_EXCEPTION : Non-zero status code returned while running "
                              "Reshape node. Name:'Reshape_1' Status Message: The input tensor cannot "
                              "be reshaped to the requested shape. Input shape:{0,363}, requested "
                              "shape:{-1,4}")
    assert said.recognised
    with pytest.raises(TypeError, match="one of them"):
        tv2onnx.doctor()
    with pytest.raises(tv2onnx.Error) as caught:
        diagnosis.fix(shapes_onnx.with_name("fixed.onnx"))
    assert caught.value.code == "D101"


def test_float_images_of_another_range_are_refused(detector, image, found):
    planes = image.transpose(2, 0, 1).astype(np.float32)
    for wrong in (planes, planes / 51 - 2, np.full_like(planes, np.nan)):
        with pytest.raises(ValueError, match="expected 0..1"):
            detector(wrong)
    overshot = planes / 255
    overshot[:, 0, 0] = 1.2, -0.1, 0.5
    assert len(detector(overshot)) == len(found)


def test_photos_of_other_modes_and_lists_are_refused(detector, image):
    pillow = pytest.importorskip("PIL.Image")
    photo = pillow.fromarray(image)
    assert len(detector(photo)) > 0
    for mode in ("YCbCr", "HSV", "L", "RGBA"):
        with pytest.raises(ValueError, match=mode):
            detector(photo.convert(mode))
    with pytest.raises(ValueError, match="run_many"):
        detector([image, image[:100]])
    with pytest.raises(ValueError, match="NoneType"):
        detector(None)


def test_objects_one_after_the_other_come_to_an_end(found):
    assert [len(one) for one, _ in zip(found, range(len(found) + 2))] == [1] * len(found)
    for index in (len(found), -len(found) - 1):
        with pytest.raises(IndexError):
            found[index]


def test_draws_on_the_image_only(found, image):
    for other in (image[:50], np.stack([image, image])):
        with pytest.raises(ValueError, match="200 x 150"):
            found.plot(other)


OLD_RUNTIME = """
typedef struct { const void* (*get)(unsigned); const char* (*version)(void); } Base;
static const void* get(unsigned version) { return 0; }
static const char* version(void) { return "1.8.1"; }
static const Base base = {get, version};
const Base* OrtGetApiBase(void) { return &base; }
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_runtime_that_is_too_old_is_said(shapes_onnx, tmp_path, monkeypatch):
    library = tmp_path / "libonnxruntime.so"
    (tmp_path / "old.c").write_text(OLD_RUNTIME)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, tmp_path / "old.c"], check=True)
    monkeypatch.setenv("TV2ONNX_ORT", str(library))
    for call in (tv2onnx.find_runtime, lambda: tv2onnx.Detector(shapes_onnx)):
        with pytest.raises(RuntimeError, match="ONNX Runtime 1.8.1 is too old") as caught:
            call()
        assert caught.value.code == "R004"
        assert caught.value.where["file"] == str(library)
    report = tv2onnx.export(SHAPES, tmp_path / "a.onnx")
    assert not report.verified


def test_goes_to_supervision(found, monkeypatch):
    """Its class takes these by these names."""
    class Taken:
        def __init__(self, xyxy, mask=None, confidence=None, class_id=None, tracker_id=None, data=None,
                     metadata=None):
            self.xyxy, self.mask, self.confidence = xyxy, mask, confidence
            self.class_id, self.data = class_id, data

    monkeypatch.setitem(sys.modules, "supervision", types.SimpleNamespace(Detections=Taken))
    taken = found.to_supervision()
    assert np.array_equal(taken.xyxy, found.boxes)
    assert np.array_equal(taken.confidence, found.scores)
    assert np.array_equal(taken.class_id, found.labels) and taken.class_id.dtype.kind == "i"
    assert list(taken.data["class_name"]) == found.names
    assert taken.mask is None


@pytest.mark.parametrize("options, text", [
    ({"features": "layer1"}, "features is a str; give a list of names"),
    ({"size": ("a", "b")}, "size is a tuple"),
    ({"bgr": "no"}, "bgr is a str; give True or False"),
    ({"top": [5]}, "top is a list; give a number"),
    ({"opset_version": "new"}, "opset_version is a str; give a number"),
    ({"arch": 5}, "arch is a int; give text"),
])
def test_options_of_another_type_are_refused(options, text):
    with pytest.raises(TypeError, match=text):
        tv2onnx.export(SHAPES, **options)
