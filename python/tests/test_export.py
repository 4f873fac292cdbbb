"""Exporting live modules, state dicts and checkpoints."""
import io
import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

import tv2onnx
from conftest import SHAPES
from tv2onnx import Error


def of_program(checkpoint, path, *options):
    """The bytes that the program writes."""
    subprocess.run([os.environ["TV2ONNX_PROGRAM"], "export", checkpoint, "-o", path, "-q", *options],
                   check=True, stdout=subprocess.DEVNULL)
    return pathlib.Path(path).read_bytes()


def as_imported():
    """The program's option for files that answer as the torchvision of this process."""
    major, minor, *_ = pytest.importorskip("torchvision").__version__.split(".")
    return ["--torchvision", f"{major}.{minor}"] if (int(major), int(minor)) < (0, 16) else []


def without_fingerprint(content):
    """The file without the 32 digits behind tv2onnx.checkpoint_xxh3."""
    key = b"tv2onnx.checkpoint_xxh3"
    at = content.index(key) + len(key)
    return content[:at] + content[at + 34:]


@pytest.mark.parametrize("builder", ["resnet18", "mobilenet_v3_small"])
def test_a_live_classifier_gives_the_file_of_the_program(torch, tmp_path, builder):
    models = pytest.importorskip("torchvision").models
    model = getattr(models, builder)(num_classes=5).eval()
    torch.save(model, tmp_path / "model.pth")
    report = tv2onnx.export(model, tmp_path / "live.onnx", verify=False)
    live = (tmp_path / "live.onnx").read_bytes()
    saved = of_program(tmp_path / "model.pth", tmp_path / "saved.onnx", *as_imported())
    assert report.architecture == builder
    assert live != saved
    assert without_fingerprint(live) == without_fingerprint(saved)


def test_a_live_detector_gives_the_file_of_the_program(torch, shapes, tmp_path):
    torch.save(shapes, tmp_path / "model.pth")
    live = tv2onnx.export(shapes, verify=False)
    assert without_fingerprint(live) == without_fingerprint(
        of_program(tmp_path / "model.pth", tmp_path / "saved.onnx", *as_imported()))


# Those whose resized size torchvision computed otherwise before 0.16, and two for which it did not.
@pytest.mark.parametrize("size", [(30, 61), (150, 138), (150, 149), (30, 199), (150, 200), (64, 32)])
def test_images_are_resized_as_the_imported_torchvision_does(torch, shapes, image, size):
    content = tv2onnx.export(shapes, verify=False)
    pixels = image[:size[0], :size[1]].copy()
    with torch.no_grad():
        expected = shapes([torch.from_numpy(pixels).permute(2, 0, 1) / 255])[0]
    found = tv2onnx.Detector(content)(pixels)
    assert len(found) == len(expected["scores"])
    assert np.allclose(found.boxes, expected["boxes"].numpy(), atol=0.01)


def test_another_release_may_be_asked_for(shapes, tmp_path):
    for version in ("0.14", "0.21"):
        path = tmp_path / f"{version}.onnx"
        tv2onnx.export(shapes, path, torchvision=version, verify=False)
        assert tv2onnx.inspect(path).metadata["tv2onnx.torchvision"] == version


def test_a_path_gives_the_file_of_the_program(tmp_path):
    report = tv2onnx.export(SHAPES, tmp_path / "ours.onnx")
    assert (tmp_path / "ours.onnx").read_bytes() == of_program(SHAPES, tmp_path / "theirs.onnx")
    assert os.fspath(report) == str(tmp_path / "ours.onnx")
    assert not report.verified
    assert "live module" in report.not_verified


def test_state_dict_dict_and_bytes_are_taken(torch, shapes):
    state = shapes.state_dict()
    settings = {"min_size": 320, "max_size": 640}
    plain = tv2onnx.export(state, settings=settings)
    beside = tv2onnx.export({"epoch": 3, "model": state}, settings=settings)
    assert without_fingerprint(plain) == without_fingerprint(beside)
    file = io.BytesIO()
    torch.save(state, file)
    assert without_fingerprint(plain) == without_fingerprint(
        tv2onnx.export(file.getvalue(), settings=settings))


def test_writes_to_files_and_paths(torch, tmp_path):
    model = pytest.importorskip("torchvision").models.squeezenet1_1(num_classes=3)
    content = tv2onnx.export(model, verify=False)
    file = io.BytesIO()
    report = tv2onnx.export(model, file, verify=False)
    assert file.getvalue() == content
    assert report.path == ""
    with pytest.raises(TypeError, match="not written to a path"):
        os.fspath(report)
    tv2onnx.export(model, str(tmp_path / "a.onnx"), verify=False)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        tv2onnx.export(model, tmp_path / "a.onnx", verify=False)
    tv2onnx.export(model, tmp_path / "a.onnx", verify=False, overwrite=True)
    assert (tmp_path / "a.onnx").read_bytes() == content


def test_a_module_is_as_it_was(torch, shapes, tmp_path):
    shapes.train()
    shapes.backbone.eval()
    before = {name: value.clone() for name, value in shapes.state_dict().items()}
    modes = [module.training for module in shapes.modules()]
    report = tv2onnx.export(shapes, tmp_path / "a.onnx")
    assert report.verified
    assert [module.training for module in shapes.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in shapes.state_dict().items())


def test_reports_show_themselves(tmp_path):
    report = tv2onnx.export(SHAPES, tmp_path / "a.onnx", class_names=list("abcdef"))
    assert "fasterrcnn_mobilenet_v3_large_fpn" in str(report)
    assert report._repr_html_().startswith("<table>")
    assert json.loads(json.dumps(report.to_dict()))["path"] == report.path
    with pytest.raises(AttributeError, match="ExportReport has no 'nothing'"):
        report.nothing


def test_options_reach_the_file(tmp_path):
    tv2onnx.export(SHAPES, tmp_path / "a.onnx", input="uint8", outputs="fixed", opset_version=16,
                   class_names={0: "none", **{k: f"c{k}" for k in range(1, 7)}},
                   settings={"box_score_thresh": 0.3})
    found = tv2onnx.inspect(tmp_path / "a.onnx")
    assert found.inputs[0]["type"] == "uint8"
    assert found.opsets == {"": 16}
    assert json.loads(found.metadata["tv2onnx.class_names"])[1] == "c1"
    assert json.loads(found.metadata["tv2onnx.config"])["box_score_thresh"] == 0.3


@pytest.mark.parametrize("options, kind, text", [
    ({"input": "bytes"}, ValueError, "one of: float, uint8"),
    ({"opset_version": 5}, ValueError, "11 to 21"),
    ({"settings": {"box_score_tresh": 0.3}}, ValueError, "box_score_thresh"),
    ({"settings": [1]}, TypeError, "give a dict"),
    ({"box_score_thresh": 0.3}, TypeError, "settings"),
    ({"verify": "yes"}, ValueError, "'auto', True or False"),
    ({"arch": "resnet18"}, ValueError, "arch='fasterrcnn_mobilenet_v3_large_fpn'"),
])
def test_wrong_options_are_refused(tmp_path, options, kind, text):
    with pytest.raises(kind, match=text):
        tv2onnx.export(SHAPES, tmp_path / "a.onnx", **options)
    assert not os.listdir(tmp_path)


def test_errors_say_what_and_where(tmp_path):
    with pytest.raises(Error) as caught:
        tv2onnx.export(b"no checkpoint", tmp_path / "a.onnx")
    assert caught.value.code == "C003"
    assert caught.value.where["file"] == "<bytes>"


def names_with(class_names):
    content = tv2onnx.export(SHAPES, class_names=class_names)
    key = b"tv2onnx.class_names"
    at = content.index(key) + len(key)
    return json.loads(content[content.index(b"[", at):content.index(b"]", at) + 1])


def test_names_by_label_stay_with_their_labels():
    expected = ["__background__", *(f"c{k}" for k in range(1, 7))]
    assert names_with({k: f"c{k}" for k in range(6, 0, -1)}) == expected
    assert names_with({str(k): name for k, name in enumerate(expected)}) == expected
    assert names_with(expected[1:]) == expected


@pytest.mark.parametrize("class_names, kind", [
    ({k: "c" for k in range(6)}, ValueError),
    ({k: "c" for k in range(1, 8)}, ValueError),
    ({0: "a", 1: "b", 2: "c", 3: "d", 4: "e", 9: "f"}, ValueError),
    ({name: k for k, name in enumerate("abcdef")}, ValueError),
    (set("abcdef"), TypeError),
])
def test_names_that_would_move_to_other_labels_are_refused(class_names, kind):
    with pytest.raises(kind):
        tv2onnx.export(SHAPES, class_names=class_names)


@pytest.mark.parametrize("size", [300, [300], (300, 300, 3)])
def test_a_size_of_other_than_two_numbers_is_refused(size):
    with pytest.raises(ValueError, match="height, width"):
        tv2onnx.export(SHAPES, size=size)


class Short(io.BytesIO):
    """Takes a part only, as unbuffered files may."""

    def write(self, content):
        return super().write(content[:20_000_000])


def test_files_that_take_a_part_get_the_rest():
    file = Short()
    tv2onnx.export(SHAPES, file)
    assert file.getvalue() == tv2onnx.export(SHAPES)


def test_a_file_with_weights_beside_it_stays_if_the_new_one_is_not_equal(shapes, tmp_path):
    path = tmp_path / "a.onnx"
    tv2onnx.export(shapes, path, external_data=True)
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    assert set(before) == {"a.onnx", "a.onnx.data"}
    with pytest.raises(tv2onnx.NotEqualError):
        tv2onnx.export(shapes, path, external_data=True, overwrite=True,
                       settings={"box_score_thresh": 0.3})
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    os.remove(path)
    with pytest.raises(FileExistsError, match="a.onnx.data"):
        tv2onnx.export(shapes, path, external_data=True)
    tv2onnx.Detector(tv2onnx.export(shapes, path, external_data=True, overwrite=True))


def test_a_file_for_a_target_is_the_programs_and_says_what_it_refuses(tmp_path):
    options = {"target": "tensorrt", "size": (320, 416), "batch": 1, "precision": "fp16-weights"}
    report = tv2onnx.export(SHAPES, tmp_path / "a.onnx", **options)
    words = ["--target", "tensorrt", "--size", "320x416", "--batch", "1", "--precision", "fp16-weights"]
    done = subprocess.run([os.environ["TV2ONNX_PROGRAM"], "export", SHAPES, "-o", tmp_path / "b.onnx",
                           "--json", *words], capture_output=True, check=True)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    warned = [line[9:] for line in done.stderr.decode().splitlines() if line.startswith("warning: ")]
    assert report.warnings == warned
    assert tv2onnx.inspect(tmp_path / "a.onnx").inputs[0]["dims"] == ["1", "3", "320", "416"]


@pytest.mark.parametrize("options, text", [
    ({"target": "abacus"}, "abacus"), ({"batch": 2}, "batch"), ({"batch": "two"}, "batch is a str"),
    ({"strides": [4, 8]}, "strides without backbone"), ({"precision": "int3"}, "precision"),
])
def test_options_that_do_not_fit_are_refused(options, text):
    with pytest.raises((tv2onnx.Error, TypeError), match=text):
        tv2onnx.export(SHAPES, **options)
