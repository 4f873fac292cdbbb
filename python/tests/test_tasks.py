"""Optical flow, clips, and files of other exporters, beside PyTorch."""
import numpy as np
import pytest

import tv2onnx

torch = pytest.importorskip("torch")
models = pytest.importorskip("torchvision").models


def picture(height, width, seed):
    return np.random.RandomState(seed).randint(0, 256, (height, width, 3)).astype(np.uint8)


def planes_of(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def test_flow_is_that_of_the_module():
    torch.manual_seed(0)
    model = models.optical_flow.raft_small().eval()
    flow = tv2onnx.Flow(tv2onnx.export(model, verify=False))
    pairs = np.stack([picture(128, 136, seed) for seed in range(2)])
    with torch.no_grad():
        expected = model(*(planes_of(one[None]) * 2 - 1 for one in pairs))[-1].numpy()
    found = flow(*pairs)
    assert found.shape == (2, 128, 136)
    assert np.abs(found - expected[0]).max() < 1e-3 * max(1, np.abs(expected).max())
    assert flow(pairs[:1], pairs[1:]).shape == (1, 2, 128, 136)
    with pytest.raises(ValueError, match="channels last"):
        flow(pairs[0].astype(np.float32), pairs[1])


def test_clips_are_classified_as_by_the_module():
    torch.manual_seed(0)
    model = models.video.mc3_18(num_classes=5).eval()
    content = tv2onnx.export(model, verify=False, class_names=list("abcde"))
    classifier = tv2onnx.VideoClassifier(content)
    clip = np.stack([picture(112, 112, seed) for seed in range(4)])
    prepared = models.video.R3D_18_Weights.KINETICS400_V1.transforms()
    with torch.no_grad():
        expected = model(prepared(torch.from_numpy(clip).permute(0, 3, 1, 2))[None])[0]
    found = classifier(clip)
    assert found.names[0] == "abcde"[int(expected.argmax())]
    assert np.allclose(found.logits, expected.numpy(), atol=1e-4)
    assert np.allclose(found.scores.sum(), 1, atol=1e-5)
    with pytest.raises(ValueError, match="time, height, width"):
        classifier(clip[0])


def test_a_file_of_another_exporter_is_rebuilt(tmp_path):
    torch.manual_seed(0)
    model = models.squeezenet1_1(num_classes=4).eval()
    images = torch.rand(1, 3, 96, 96)
    torch.onnx.export(model, images, tmp_path / "foreign.onnx")
    steps = []
    report = tv2onnx.rebuild(tmp_path / "foreign.onnx", tmp_path / "new.onnx",
                             class_names=list("abcd"), progress=lambda *step: steps.append(step))
    assert report.proof and steps
    assert tv2onnx.verify(tmp_path / "new.onnx", model)
    assert tv2onnx.Classifier(tmp_path / "new.onnx").class_names == list("abcd")
    with pytest.raises(FileExistsError):
        tv2onnx.rebuild(tmp_path / "foreign.onnx", tmp_path / "new.onnx")
    with pytest.raises(TypeError, match="features is a str"):
        tv2onnx.rebuild(tmp_path / "foreign.onnx", tmp_path / "other.onnx", features="layer1")
