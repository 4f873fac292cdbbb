"""Gives a module layers of the shapes that weights have. For fit_weights.py."""
import itertools

from torch import nn


class Unknown(Exception):
    """The weights are of something that is not rebuilt here; the text says of what."""


def below(state, prefix):
    return {key[len(prefix):]: value for key, value in state.items() if key.startswith(prefix)}


def count_while(exists):
    return next(k for k in itertools.count() if not exists(k))


def weight_of(state, path):
    """(the weight, whether a bias is there) of the layer at `path`, also under the name that it had
    before releases put it into a Sequential."""
    for place in (path, path[:-2] if path.endswith(".0") else path):
        if f"{place}.weight" in state:
            return state[f"{place}.weight"], f"{place}.bias" in state
    return None, False


def convolution(old, shape, bias):
    depthwise = old.groups > 1 and old.groups == old.in_channels
    groups = shape[0] if depthwise else old.groups
    padding = old.padding
    if tuple(shape[2:]) != old.kernel_size:
        padding = tuple(d * (side - 1) // 2 for d, side in zip(old.dilation, shape[2:]))
    return nn.Conv2d(shape[1] * groups, shape[0], tuple(shape[2:]), old.stride, padding,
                     old.dilation, groups, bias)


def layer_like(old, shape, bias):
    """The layer with weights of that shape, or None where that cannot be made."""
    if isinstance(old, nn.Linear) and len(shape) == 2:
        return nn.Linear(shape[1], shape[0], bias)
    if isinstance(old, nn.ConvTranspose2d) and len(shape) == 4:
        return nn.ConvTranspose2d(shape[0], shape[1], tuple(shape[2:]), old.stride, old.padding,
                                  bias=bias)
    if isinstance(old, nn.Conv2d) and len(shape) == 4:
        return convolution(old, shape, bias)
    if isinstance(old, nn.BatchNorm2d) and len(shape) == 1:
        return nn.BatchNorm2d(shape[0], old.eps, old.momentum)
    return None


def fit_layers(module, state):
    """Replaces the layers whose weights have another shape."""
    for path, old in list(module.named_modules()):
        own = getattr(old, "weight", None)
        wanted, bias = weight_of(state, path)
        if wanted is None or own is None or own.shape == wanted.shape:
            continue
        new = layer_like(old, wanted.shape, bias)
        if new is not None:
            parent, _, leaf = path.rpartition(".")
            setattr(module.get_submodule(parent), leaf, new)
