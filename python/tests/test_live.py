"""Nothing silent: what a module computes otherwise than torchvision is refused, and what wraps it
without changing it is taken."""
import copy
import os

import numpy as np
import pytest

import tv2onnx

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
roi_heads = torchvision.models.detection.roi_heads


class OtherForward(torchvision.models.detection.FasterRCNN):
    def forward(self, images, targets=None):
        return [{**one, "boxes": one["boxes"] * 1.1} for one in super().forward(images, targets)]


class OtherForwardBelow(OtherForward):
    pass


class OtherCall(torchvision.models.detection.FasterRCNN):
    def __call__(self, images):
        return super().__call__([image * 0.5 for image in images])


class OnlyMore(torchvision.models.detection.FasterRCNN):
    """With a member that torchvision's class does not have."""

    def training_step(self, batch):
        return sum(self(*batch).values())


def of_class(model, kind):
    model.__class__ = kind
    return model


def with_hook(model):
    model.roi_heads.box_head.register_forward_hook(
        lambda _module, _inputs, features: 1.5 * features)
    return model


def with_method(model):
    model.roi_heads.postprocess_detections = lambda *arguments: type(
        model.roi_heads).postprocess_detections(model.roi_heads, *arguments)
    return model


def with_layer(model):
    model.backbone.body["0"] = torch.nn.Sequential(model.backbone.body["0"], torch.nn.Tanh())
    return model


def with_local_class(model):
    class Twice(torch.nn.Linear):
        def forward(self, inputs):
            return 2 * super().forward(inputs)

    return of_class_below(model, Twice)


def test_a_backbone_that_is_not_torchvisions_is_exported_by_torch(shapes, tmp_path):
    report = tv2onnx.export(with_layer(shapes), tmp_path / "a.onnx")
    assert report.verified
    assert report.architecture == "fasterrcnn_mobilenet_v3_large_fpn"


def with_group_norm(model, proposals):
    kinds = torchvision.models.detection.faster_rcnn
    model.roi_heads.box_head = kinds.FastRCNNConvFCHead(
        (256, 7, 7), [32, 64], [128], norm_layer=lambda channels: torch.nn.GroupNorm(8, channels))
    model.roi_heads.box_predictor = kinds.FastRCNNPredictor(128, 7)
    torch.nn.init.normal_(model.roi_heads.box_predictor.cls_score.weight, std=0.5)
    model.rpn.score_thresh = 0.0 if proposals else 1.0
    return model.eval()


@pytest.mark.parametrize("proposals", [True, False])
def test_heads_with_group_norm_are_built_from_modules(shapes, image, proposals):
    torch.manual_seed(0)
    model = with_group_norm(shapes, proposals)
    found = tv2onnx.Detector(tv2onnx.export(model, verify=False))(image)
    with torch.no_grad():
        expected = model([torch.from_numpy(image).permute(2, 0, 1) / 255])[0]
    assert len(found) == len(expected["scores"])
    assert (len(found) > 0) == proposals
    assert np.allclose(found.scores, expected["scores"].numpy(), atol=1e-4)
    # Ordered by score, of which some are one but for rounding.
    rows = np.c_[found.boxes, found.labels * 1e4]
    theirs = np.c_[expected["boxes"].numpy(), expected["labels"].numpy() * 1e4]
    apart = np.abs(rows[:, None] - theirs[None]).max(2)
    if proposals:
        assert max(apart.min(0).max(), apart.min(1).max()) < 0.05


def test_heads_with_group_norm_are_refused_of_state_dicts(shapes):
    with pytest.raises(tv2onnx.Error, match="box_head.0.1.weight") as caught:
        tv2onnx.export(with_group_norm(shapes, True).state_dict(),
                       settings={"min_size": 320, "max_size": 640})
    assert caught.value.code == "W003"


def of_class_below(model, kind):
    model.roi_heads.box_predictor.cls_score.__class__ = kind
    return model


CHANGES = {
    "forward": lambda model: of_class(model, OtherForward),
    "forward_below": lambda model: of_class(model, OtherForwardBelow),
    "call": lambda model: of_class(model, OtherCall),
    "hook": with_hook,
    "method": with_method,
    "local_class": with_local_class,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_module_is_refused(shapes, tmp_path, change):
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.export(CHANGES[change](shapes), tmp_path / "a.onnx", verify=False)
    assert caught.value.code in ("W005", "W003")
    assert not os.listdir(tmp_path)


def test_a_method_replaced_on_torchvisions_class_is_refused(shapes, tmp_path, monkeypatch):
    own = roi_heads.RoIHeads.postprocess_detections

    def other(*arguments):
        return own(*arguments)

    monkeypatch.setattr(roi_heads.RoIHeads, "postprocess_detections", other)
    with pytest.raises(tv2onnx.Error, match="postprocess_detections"):
        tv2onnx.export(shapes, tmp_path / "a.onnx", verify=False)
    assert not os.listdir(tmp_path)


def test_what_only_a_run_shows_is_not_silent(shapes, tmp_path, monkeypatch):
    own = roi_heads.box_ops.batched_nms
    monkeypatch.setattr(roi_heads.box_ops, "batched_nms",
                        lambda boxes, scores, labels, _limit: own(boxes, scores, labels, 0.95))
    with pytest.raises(tv2onnx.NotEqualError) as caught:
        tv2onnx.export(shapes, tmp_path / "a.onnx")
    assert caught.value.report.verdict == "not equal"
    assert not os.listdir(tmp_path)


def test_assuming_torchvision_is_still_compared(shapes, tmp_path):
    with pytest.raises(tv2onnx.NotEqualError, match="further apart|missing"):
        tv2onnx.export(of_class(shapes, OtherForward), tmp_path / "a.onnx", assume_torchvision=True)
    assert not os.listdir(tmp_path)


class NormalisedTwice(torchvision.models.ResNet):
    def forward(self, images):
        return super().forward(images * 0.9)


def test_a_changed_classifier_is_not_silent(tmp_path):
    model = torchvision.models.resnet18(num_classes=5).eval()
    model.__class__ = NormalisedTwice
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.export(model, tmp_path / "a.onnx")
    assert caught.value.code == "W005"
    with pytest.raises(tv2onnx.NotEqualError):
        tv2onnx.export(model, tmp_path / "a.onnx", assume_torchvision=True)
    assert not os.listdir(tmp_path)


def test_a_classifier_is_compared(tmp_path):
    torch.manual_seed(0)
    model = torchvision.models.resnet18(num_classes=5).eval()
    assert tv2onnx.export(model, tmp_path / "a.onnx", verify=True).verified


WRAPPERS = {
    "itself": lambda model: model,
    "half": lambda model: model.half(),
    "more_members": lambda model: of_class(model, OnlyMore),
    "average": torch.optim.swa_utils.AveragedModel,
    "data_parallel": torch.nn.DataParallel,
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_what_changes_nothing_is_taken(shapes, tmp_path, wrapper):
    expected = tv2onnx.export(copy.deepcopy(shapes), verify=False)
    model = WRAPPERS[wrapper](shapes)
    report = tv2onnx.export(model, tmp_path / "a.onnx", verify=wrapper in ("half", "average"))
    assert report.verified == (wrapper in ("half", "average"))
    if wrapper != "half":
        assert len((tmp_path / "a.onnx").read_bytes()) == len(expected)


def test_distributed_modules_are_taken(shapes):
    distributed = torch.distributed
    if not distributed.is_available():
        pytest.skip("this torch has no torch.distributed")
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        wrapped = torch.nn.parallel.DistributedDataParallel(shapes)
        assert tv2onnx.inspect(wrapped).architecture == "fasterrcnn_mobilenet_v3_large_fpn"
        assert len(tv2onnx.export(wrapped, verify=False)) == len(tv2onnx.export(shapes, verify=False))
    finally:
        distributed.destroy_process_group()


@pytest.mark.skipif(not hasattr(torch, "compile"), reason="a torch before 2.0")
def test_compiled_modules_are_taken(shapes):
    assert len(tv2onnx.export(torch.compile(shapes), verify=False)) == len(
        tv2onnx.export(shapes, verify=False))


def test_strided_and_shared_tensors_are_read_right(shapes):
    expected = tv2onnx.export(shapes, verify=False)
    weight = shapes.roi_heads.box_head.fc6.weight
    weight.data = torch.empty(weight.shape[::-1]).t().copy_(weight.data)
    assert not weight.is_contiguous()
    assert tv2onnx.export(shapes, verify=False) == expected


def test_attributes_that_cannot_be_pickled_do_no_harm(shapes):
    import threading
    expected = tv2onnx.export(shapes, verify=False)
    shapes.lock = threading.Lock()
    shapes.numbers = (n for n in range(3))
    assert tv2onnx.export(shapes, verify=False) == expected


@pytest.mark.parametrize("make, kind, text", [
    (lambda: torchvision.models.resnet18, TypeError, "call it"),
    (lambda: torchvision.models.ResNet, TypeError, "give an instance"),
    (lambda: torchvision.models.resnet18().to("meta"), ValueError, "device meta"),
    (lambda: torch.nn.Sequential(torch.nn.LazyLinear(3)), ValueError, "lazy module"),
    (lambda: torch.nn.ReLU(), ValueError, "has no parameters"),
    (lambda: torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), TypeError, "TorchScript"),
    (lambda: type("Model", (), {"__module__": "keras.models"})(), TypeError, "tf2onnx"),
    (lambda: [1, 2], TypeError, "no model"),
    (lambda: os.getcwd(), IsADirectoryError, "folder"),
    (lambda: "not/there.pth", FileNotFoundError, "not/there.pth"),
])
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_what_is_no_model_is_refused(tmp_path, make, kind, text):
    with pytest.raises(kind, match=text):
        tv2onnx.export(make(), tmp_path / "a.onnx")
    assert not os.listdir(tmp_path)
