"""torch.onnx.export's signature."""
import pytest

import tv2onnx

torch = pytest.importorskip("torch")


def ports(path):
    found = tv2onnx.inspect(path)
    return [one["name"] for one in found.inputs], [one["name"] for one in found.outputs]


def test_names_apply(shapes, tmp_path, capsys):
    path = tmp_path / "a.onnx"
    tv2onnx.onnx_export(shapes, (torch.zeros(3, 90, 90),), path, input_names=["image"],
                        output_names=["b", "l", "s"], dynamic_axes={"image": [0, 2, 3]},
                        opset_version=15, do_constant_folding=True, export_params=True, verify=False)
    assert ports(path) == (["image"], ["b", "l", "s", "batch_index"])
    assert tv2onnx.inspect(path).opsets == {"": 15}
    assert "every axis is dynamic" in capsys.readouterr().err


@pytest.mark.parametrize("options, text", [
    ({"training": torch.onnx.TrainingMode.TRAINING}, "evaluation"),
    ({"custom_opsets": {"mine": 1}}, "standard operators"),
    ({"export_params": False}, "without weights"),
    ({"output_names": ["a"] * 9}, "9 names for 4"),
    ({"output_names": ["a", "a"]}, "another value has it"),
])
def test_what_cannot_be_honoured_is_refused(shapes, tmp_path, options, text):
    with pytest.raises(ValueError, match=text):
        tv2onnx.onnx_export(shapes, (), tmp_path / "a.onnx", verify=False, **options)
    assert not list(tmp_path.iterdir())
