"""Changes that no module shows: of box coders, wrappers, hooks of all modules, classes of torch."""
import copy
import functools

import pytest

import tv2onnx

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
roi_heads = torchvision.models.detection.roi_heads


def with_coder(model):
    own = model.roi_heads.box_coder.decode_single
    model.roi_heads.box_coder.decode_single = lambda codes, boxes: own(codes, boxes) + 5
    return model


def with_property(model):
    class Heads(roi_heads.RoIHeads):
        score_thresh = property(lambda self: 0.6, lambda self, value: None)
    model.roi_heads.__class__ = Heads
    return model


def with_class_attribute(model):
    model.roi_heads.__class__ = type("Heads", (roi_heads.RoIHeads,), {"nms_thresh": 0.99})
    del model.roi_heads.nms_thresh
    return model


def moved(found):
    return [{**one, "boxes": one["boxes"] + 9} for one in found]


def wrapped_with_hook(model):
    wrapper = torch.nn.DataParallel(model)
    wrapper.register_forward_hook(lambda _module, _inputs, found: moved(found))
    return wrapper


def wrapped_with_forward(model):
    wrapper = torch.nn.DataParallel(model)
    wrapper.forward = lambda images: moved(model(images))
    return wrapper


@pytest.mark.parametrize("change", [with_coder, with_property, with_class_attribute,
                                    wrapped_with_hook, wrapped_with_forward])
def test_what_is_changed_beside_the_modules_is_refused(shapes, change):
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.export(change(shapes), verify=False)
    assert caught.value.code == "W005"


def test_a_wrapper_with_a_hook_is_what_is_compared(shapes, shapes_onnx):
    assert tv2onnx.verify(shapes_onnx, torch.nn.DataParallel(shapes))
    assert tv2onnx.verify(shapes_onnx, wrapped_with_hook(shapes)).verdict != "equal"


@pytest.mark.parametrize("wrap", [lambda model: model, torch.nn.DataParallel])
@pytest.mark.parametrize("kind", ["", "pre_"])
def test_hooks_of_all_modules_are_refused(shapes, wrap, kind):
    register = getattr(torch.nn.modules.module, f"register_module_forward_{kind}hook")
    handle = register(lambda *_arguments: None)
    try:
        with pytest.raises(tv2onnx.Error) as caught:
            tv2onnx.export(wrap(shapes), verify=False)
    finally:
        handle.remove()
    assert caught.value.code == "W005"


def replaced_by_partial(own):
    return functools.partialmethod(lambda self, inputs: own(self, inputs) * 2)


def replaced_by_object(own):
    class Forward:
        def __get__(self, module, kind=None):
            return lambda inputs: own(module, inputs) * 2

        def __call__(self, *arguments):
            return own(*arguments) * 2
    return Forward()


@pytest.mark.parametrize("replace", [replaced_by_partial, replaced_by_object])
def test_whatever_replaces_a_method_on_torchs_class_is_refused(shapes, monkeypatch, replace):
    monkeypatch.setattr(torch.nn.Linear, "forward", replace(torch.nn.Linear.forward))
    with pytest.raises(tv2onnx.Error, match="forward"):
        tv2onnx.export(shapes, verify=False)


def test_a_replaced_method_of_a_box_coder_is_refused(shapes, monkeypatch):
    coder = type(shapes.roi_heads.box_coder)
    own = coder.decode
    monkeypatch.setattr(coder, "decode", lambda *arguments: own(*arguments) + 5)
    with pytest.raises(tv2onnx.Error) as caught:
        tv2onnx.export(shapes, verify=False)
    assert caught.value.code == "W005"


@pytest.mark.parametrize("flushed", [True, False])
def test_the_callers_arithmetic_is_as_it_was(shapes, flushed):
    torch.set_flush_denormal(flushed)
    try:
        tv2onnx.export(shapes)
        assert bool(torch.tensor([1e-39]).mul(1).count_nonzero()) != flushed
    finally:
        torch.set_flush_denormal(False)


class Tripled(torch.nn.Parameter):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        found = super().__torch_function__(function, types, args, kwargs or {})
        return found * 3 if function is torch.nn.functional.linear else found


def test_weights_with_their_own_arithmetic_are_refused(shapes):
    layer = shapes.roi_heads.box_predictor.cls_score
    layer.weight = Tripled(layer.weight.data)
    with pytest.raises(ValueError, match="Tripled"):
        tv2onnx.export(shapes, verify=False)


def test_parts_that_hide_others_are_refused(shapes):
    predictor = shapes.roi_heads.box_predictor
    predictor.__dict__["cls_score"] = copy.deepcopy(predictor.cls_score)
    with pytest.raises(ValueError, match="there twice"):
        tv2onnx.export(shapes, verify=False)
