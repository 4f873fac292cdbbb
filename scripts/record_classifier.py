"""Records what a torchvision classifier says of some photos, in your own PyTorch. For
record_reference.py; from Python, with a model of your own making and its own transforms:

    from record_classifier import record
    record(model, "ref.safetensors", transforms=weights.transforms(), photos=["street.jpg"])

For each case the file has CASE/input, uint8 [1,height,width,3] RGB, CASE/0/logits float32 [classes]
and CASE/0/pixels uint8 [height,width,3], the photo as the transforms resize and crop it.
"""
import collections
import inspect
import json

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from record_reference import FULL_SIZES, QUICK_SIZES, drawn_scene, photo_scene, write_safetensors

AUXILIARY = {"googlenet": "aux1.", "inception_v3": "AuxLogits."}
STEM = "layers.0.weight"  # of MNASNet
SMALL = [(61, 97), (150, 40)]  # which are enlarged


class Transforms:
    """ImageClassification of torchvision.transforms._presets with the settings of a file; releases
    before 0.13 have none."""

    def __init__(self, settings):
        def sides(name):
            value = settings.get(name)
            return value if isinstance(value, list) else [] if value is None else [value]

        self.resize_size, self.crop_size = sides("resize_size"), sides("crop_size")
        self.interpolation = InterpolationMode(settings.get("interpolation", "bilinear"))
        self.antialias = settings.get("antialias", True)
        self.mean, self.std = ([value] if isinstance(value, (int, float)) else value
                               for value in (settings["mean"], settings["std"]))


def builder_of(name, quantizable=False):
    """The function that makes the model."""
    models = torchvision.models
    places = [models.quantization] if quantizable else [
        models, models.segmentation, models.video, getattr(models, "optical_flow", models)]
    return next(getattr(place, name) for place in places if hasattr(place, name))


def transforms_of(builder, weights, settings):
    """Those of torchvision's own weights, if it has them, else by the settings."""
    if weights and hasattr(torchvision.models, "get_model_weights"):
        known = torchvision.models.get_model_weights(builder)
        if weights in known.__members__:
            return known[weights].transforms()
    elif weights:
        from torchvision.models import _api
        names = [one for one in vars(inspect.getmodule(builder_of(builder))).values()
                 if isinstance(one, type) and issubclass(one, _api.WeightsEnum)]
        for one in names:
            row = one.__members__.get(weights)
            if row is not None and f"/{builder}-" in row.url.replace("_rwightman", ""):
                return row.transforms()
    return Transforms(settings)


def pixels_of(array, transforms):
    """uint8 [height, width, 3]: resized and cropped as the transforms do it."""
    image = Image.fromarray(array)
    if getattr(transforms, "antialias", True) is False:  # which Pillow cannot leave out
        image = torch.from_numpy(array).permute(2, 0, 1)
    if transforms.resize_size:
        # Of tensors the default of antialias is another one since torchvision 0.17.
        image = F.resize(image, list(transforms.resize_size), transforms.interpolation,
                         antialias=not isinstance(image, torch.Tensor))
    if getattr(transforms, "crop_size", None):
        image = F.center_crop(image, list(transforms.crop_size))
    if isinstance(image, torch.Tensor):
        return image.permute(1, 2, 0).contiguous().numpy()
    return np.asarray(image).copy()


def prepared(pixels, transforms):
    """[1, 3, height, width], normalised."""
    tensor = F.convert_image_dtype(torch.from_numpy(pixels).permute(2, 0, 1), torch.float)
    return F.normalize(tensor, list(transforms.mean), list(transforms.std))[None]


def head_of(state, head, names):
    """An nn.Sequential that took the place of the builder's head, or None."""
    linear = sorted({int(key.split(".")[len(head.split("."))]) for key in state
                     if key.startswith(head + ".") and key.endswith(".weight")
                     and key[len(head) + 1].isdigit()})
    if not linear:
        return None
    names = list(names or [])
    kinds = {"relu": torch.nn.ReLU, "dropout": torch.nn.Dropout, "identity": torch.nn.Identity,
             "hardswish": torch.nn.Hardswish, "silu": torch.nn.SiLU, "sigmoid": torch.nn.Sigmoid}
    layers = []
    for index in range(linear[-1] + 1):
        weight = state.get(f"{head}.{index}.weight")
        if weight is None:
            name = names.pop(0) if names else ("relu" if 0 < index < linear[-1] else "dropout")
            layers.append(kinds[name]())
        elif f"{head}.{index}.running_mean" in state:
            layers.append(torch.nn.BatchNorm1d(len(weight)))
        else:
            layers.append(torch.nn.Linear(weight.shape[1], weight.shape[0],
                                          f"{head}.{index}.bias" in state))
    return torch.nn.Sequential(*layers)


def fits(state, path, module):
    """Whether the state has all tensors of the module at this path, in their shapes, and no others."""
    shapes = lambda tensors, begin: {key[len(begin):]: value.shape for key, value in tensors.items()
                                     if key.startswith(begin) and not key.endswith("num_batches_tracked")}
    return shapes(state, path + ".") == shapes(module.state_dict(), "")


def replace_head(state, parent, path, names):
    """Puts what the state has at this path into the model where its own module is another one: the
    whole head, or the one layer of it that does not fit."""
    name = path.rpartition(".")[2]
    own = getattr(parent, name, None)
    if own is None or fits(state, path, own):
        return
    if isinstance(own, torch.nn.Sequential):
        others = [child for child, module in own.named_children()
                  if not fits(state, f"{path}.{child}", module)]
        if len(others) == 1:
            return replace_head(state, own, f"{path}.{others[0]}", names)
    made = head_of(state, path, names)
    if made is not None:
        setattr(parent, name, made)


def with_version(state, model):
    """torchvision takes no weights of an MNASNet without the version of their stem, which only state
    dicts that torch saved have: in version 1 it is as wide for every width."""
    state = collections.OrderedDict(state)
    own = model.state_dict().get(STEM)
    if own is not None and STEM in state:
        state._metadata = {"": {"version": 2 if state[STEM].shape == own.shape else 1}}
    return state


def load(state, builder, settings):
    """The builder's model with these weights, float32 and in evaluation mode."""
    make = builder_of(builder, settings.get("quantizable"))
    keywords = {"weights": None} if "weights" in inspect.signature(make).parameters else {
        "pretrained": False}
    if builder in AUXILIARY:
        keywords.update(aux_logits=any(key.startswith(AUXILIARY[builder]) for key in state),
                        init_weights=False)
    classes = [value for key, value in state.items() if key.endswith("weight")][-1].shape[0]
    model = make(num_classes=classes, **keywords)
    for head in ("fc", "classifier", "heads", "head"):
        replace_head(state, model, head, settings.get("head_layers"))
    if "transform_input" in settings:
        model.transform_input = settings["transform_input"]
    numbers = {key: value.float() if value.is_floating_point() else value
               for key, value in state.items()}
    model.load_state_dict(with_version(numbers, model))
    for module in model.modules():
        if (isinstance(module, (torch.nn.BatchNorm2d, torch.nn.BatchNorm3d))
                and "norm_eps" in settings):
            module.eps = settings["norm_eps"]
    return model.float().eval()


def cases_of(photos, quick):
    """{name: uint8 [height, width, 3]}"""
    sizes = [*SMALL, *(QUICK_SIZES if quick else FULL_SIZES[:-1])]
    cases = {}
    for k, (height, width) in enumerate(sizes):
        name = f"{'photo' if photos else 'scene'}_{height}x{width}"
        cases[name] = (photo_scene(photos[k % len(photos)], height, width) if photos
                       else drawn_scene(height, width, k + 1))
    for k, path in enumerate(photos):
        with Image.open(path) as image:
            width, height = image.size
        cases[f"photo_{k}"] = photo_scene(path, height, width)
    cases["noise"] = np.random.RandomState(0).randint(0, 256, (163, 240, 3)).astype(np.uint8)
    return cases


def record(model, path, transforms, photos=(), quick=False, metadata=None, log=None, cases=None):
    """Runs `model` (a torchvision classifier, float32) on photos and writes the reference.

    cases: {name: uint8 [height, width, 3]}; None: those of cases_of()
    """
    say = log or (lambda text: None)
    arrays, cases = {}, cases_of(list(photos), quick) if cases is None else cases
    for number, (name, image) in enumerate(cases.items(), 1):
        pixels = pixels_of(image, transforms)
        with torch.no_grad():
            logits = model.eval()(prepared(pixels, transforms))
        arrays[f"{name}/input"] = np.ascontiguousarray(image[None])
        arrays[f"{name}/0/pixels"] = np.ascontiguousarray(pixels)
        arrays[f"{name}/0/logits"] = np.ascontiguousarray(logits[0].numpy(), np.float32)
        say(f"[{number}/{len(cases)}] {name}: class {int(logits[0].argmax())}")
    texts = {"tv2onnx.reference": "2", "task": "classification", "torch": torch.__version__,
             "torchvision": torchvision.__version__, "model": type(model).__name__,
             "cases": json.dumps(list(cases)), **(metadata or {})}
    write_safetensors(path, arrays, texts)
