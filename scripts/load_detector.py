"""Loads a torchvision detector for record_reference.py: whole modules, state dicts, training
checkpoints and safetensors files, in any torch from 1.10 on."""
import inspect
import json

import torch
import torchvision
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

import fit_weights
from read_weights import (Unusable, class_names_of, find_state, own_code, read_checkpoint,
                          read_safetensors)  # noqa: F401

ROI_POOLS = ("box_roi_pool", "mask_roi_pool", "keypoint_roi_pool")
DENSE_HEADS = [(f"head.classification_head.{logits}.weight", f"head.regression_head.{sides}.weight")
               for logits, sides in (("cls_logits", "bbox_reg"), ("module_list.0", "module_list.0"),
                                     ("module_list.0.1", "module_list.0.1"))]


def builder_named(name):
    detection = torchvision.models.detection
    known = sorted(key for key in dir(detection) if "_" in key and key[0].islower()
                   and inspect.isfunction(getattr(detection, key)))
    if name in known:
        return getattr(detection, name)
    wrong = f"torchvision {torchvision.__version__} has no builder {name}" if name else (
        "the file holds weights alone; say with --builder which model they belong to")
    raise Unusable(f"{wrong}\nbuilders: {', '.join(known)}")


def class_count(state, given):
    count = class_count_of(state)
    if given and count and given != count:
        raise Unusable(f"the weights do not fit the model: they are for {count} classes, and "
                       f"--num-classes is {given}")
    if given or count:
        return given or count
    raise Unusable("the weights do not say how many classes there are; give --num-classes")


def class_count_of(state):
    """As the weights say, or None."""
    scores = state.get("roi_heads.box_predictor.cls_score.weight")
    if scores is not None:
        return scores.shape[0]
    for logits, sides in DENSE_HEADS:  # a row per anchor and class, and per anchor and side
        if logits in state and sides in state:
            return state[logits].shape[0] * 4 // state[sides].shape[0]
    return None


def build(builder, classes, keywords):
    parameters = inspect.signature(builder).parameters
    none = {name: None for name in ("weights", "weights_backbone") if name in parameters}
    if not none:  # before torchvision 0.13
        none = {"pretrained": False, "pretrained_backbone": False}
    try:
        model = builder(num_classes=classes, **none, **keywords)
    except TypeError as problem:
        raise Unusable(f"{builder.__name__} does not take these arguments: {problem}")
    # Some releases swallow keywords that nobody takes.
    known = {*parameters, *inspect.signature(type(model).__init__).parameters,
             *inspect.signature(type(model.transform).__init__).parameters}
    unknown = sorted(set(keywords) - known)
    if unknown:
        raise Unusable(f"{builder.__name__} has no argument {', '.join(unknown)}")
    return model


def set_anchors(model, settings):
    sizes = settings.pop("rpn_anchor_generator.sizes", None)
    ratios = settings.pop("rpn_anchor_generator.aspect_ratios", None)
    if sizes is None and ratios is None:
        return
    old = model.rpn.anchor_generator
    sizes = old.sizes if sizes is None else tuple(map(tuple, sizes))
    ratios = old.aspect_ratios if ratios is None else tuple(map(tuple, ratios))
    if (sizes, ratios) == (old.sizes, old.aspect_ratios):
        return
    model.rpn.anchor_generator = AnchorGenerator(sizes, ratios)


def set_dense_anchors(model, settings):
    """Reference boxes of a one-stage model; their number per cell stays the builder's."""
    prefix = "anchor_generator."
    given = {name[len(prefix):]: settings.pop(name) for name in list(settings)
             if name.startswith(prefix)}
    if given:
        old = model.anchor_generator
        known = [name for name in ("sizes", "aspect_ratios", "scales", "steps", "clip")
                 if hasattr(old, name)]
        model.anchor_generator = type(old)(**{**{name: getattr(old, name) for name in known},
                                              **given})


def set_roi_pool(model, settings, name):
    """The settings of roi_heads.box_roi_pool and its siblings."""
    given = {key: settings.pop(f"{name}.{key}", None)
             for key in ("featmap_names", "output_size", "sampling_ratio")}
    old = getattr(getattr(model, "roi_heads", None), name, None)
    if old is not None and any(value is not None for value in given.values()):
        setattr(model.roi_heads, name, MultiScaleRoIAlign(
            *(getattr(old, key) if value is None else value for key, value in given.items())))


def anchor_maps(model):
    """How many feature maps have anchors, or None."""
    generator = getattr(getattr(model, "rpn", model), "anchor_generator", None)
    return len(generator.sizes) if hasattr(generator, "sizes") else None


def as_list(numbers):
    return list(numbers) if isinstance(numbers, (list, tuple)) else [numbers]


def set_preparation(model, settings):
    """What code around the model does to images, so that the model gets the rest of it."""
    transform = model.transform
    for name in PREPARATION:  # the reference says so
        setattr(transform, name, settings.get(name) or None)
    if settings.get("no_resize"):
        transform.resize = lambda image, target=None: (image, target)
    if settings.get("normalized_with") is not None:
        mean, std = (torch.tensor(as_list(numbers))[:, None, None]
                     for numbers in settings["normalized_with"])
        own = transform.normalize
        transform.normalize = lambda image: own((image - mean.to(image)) / std.to(image))


def set_special(model, settings):
    """Settings that builders have no plain keyword for, under tv2onnx's names."""
    set_preparation(model, settings)
    set_anchors(model, settings)
    set_dense_anchors(model, settings)
    for branch in ROI_POOLS:
        set_roi_pool(model, settings, branch)
    if "size_divisible" in settings:
        model.transform.size_divisible = settings.pop("size_divisible")
    least = settings.pop("rpn_min_size", None)
    if least is not None and hasattr(model, "rpn"):
        model.rpn.min_size = least
    fixed = settings.pop("fixed_size", None)
    if fixed is not None:
        model.transform.fixed_size = tuple(fixed)


def set_eps(model, eps):
    for module in model.modules():
        if eps is not None and isinstance(module, (torch.nn.BatchNorm2d, FrozenBatchNorm2d)):
            module.eps = eps


def freeze_norms(model, state):
    """FrozenBatchNorm2d where the weights lack BatchNorm2d's counter, as torchvision trains."""
    for path, module in list(model.named_modules()):
        counted = f"{path}.num_batches_tracked" in state or f"{path}.running_mean" not in state
        if not isinstance(module, torch.nn.BatchNorm2d) or counted:
            continue
        parent, _, leaf = path.rpartition(".")
        frozen = FrozenBatchNorm2d(module.num_features, eps=module.eps)
        setattr(model.get_submodule(parent), leaf, frozen)


def fit_state(model, state):
    """The parts of the model that the weights are for, with the weights."""
    try:
        fit_weights.fit(model, state, anchor_maps(model))
        freeze_norms(model, state)
        model.load_state_dict(state)
    except fit_weights.Unknown as what:
        raise Unusable(f"the weights do not fit the model: they are for {what}.\n{own_code()}")
    except RuntimeError as problem:
        raise Unusable(f"the weights do not fit the model: {problem}\n{own_code()}")


PREPARATION = ("no_resize", "normalized_with")
SPECIAL = ("rpn_anchor_generator.", "anchor_generator.", "size_divisible", "fixed_size", "norm_eps",
           "rpn_min_size", *PREPARATION, *(f"{name}." for name in ROI_POOLS))


def without_sizes_of_ssd(settings):
    """With a fixed size, the other two mean nothing, and SSD's builders do not take them."""
    unused = ("min_size", "max_size") if settings.get("fixed_size") else ()
    return {name: value for name, value in settings.items() if name not in unused}


def load_detector(path, builder=None, num_classes=None, settings=None, trust=False, prefix=""):
    """(model in float32 and evaluation mode, {metadata: text})"""
    content = read_checkpoint(path, trust)
    model = find_state(content, prefix)
    about = {}
    if not isinstance(model, torch.nn.Module):
        state, settings = model, without_sizes_of_ssd(settings or {})
        special = {name: settings.pop(name) for name in list(settings) if name.startswith(SPECIAL)}
        make = builder_named(builder)
        classes = class_count(state, num_classes)
        for name in ("image_mean", "image_std"):  # one number for all channels
            if name in settings:
                settings[name] = as_list(settings[name])
        model = build(make, classes, settings)
        set_special(model, special)
        fit_state(model, state)
        set_eps(model, special.get("norm_eps"))
        about["builder"] = builder
    elif set(settings or {}) <= set(PREPARATION) and not (builder or num_classes):
        set_preparation(model, settings or {})
    else:
        raise Unusable("the file is a whole module, which is run as it is: --builder, --num-classes, "
                       "--keyword and --settings are for weights alone")
    names = class_names_of(content)
    if names:
        about["class_names"] = json.dumps(names)
    return model.float().eval(), about
