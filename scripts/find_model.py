"""Finds the model in what torch.load gives, by the rules of src/checkpoint/: below any prefix,
without the names of wrappers, of several members the one at a usual place."""
import torch

USUAL = ["model_state_dict", "state_dict", "model", "model_state", "net", "network", "module",
         "weights", "params", "generator", "model_ema", "ema", "ema_state_dict", "params_ema"]
INSIDE = {"module", "_orig_mod", "_fsdp_wrapped_module", "_fpw_module",
          "_checkpoint_wrapped_module", "_forward_module", "_module"}
PARTS = {"backbone.": 1, "rpn.head.": 2, "roi_heads.": 4, "head.classification_head.": 8,
         "head.regression_head.": 16}
TWO_STAGES, ONE_STAGE = 1 | 2 | 4, 1 | 8 | 16
COMMON = ["model.", "net.", "network.", "detector.", "ema_model.", "base_model."]
DEPTH = 4


class NotFound(Exception):
    """There is no model, or there are several; the text says which."""


def is_state(content):
    return (isinstance(content, dict) and content and all(isinstance(key, str) for key in content)
            and any(isinstance(value, torch.Tensor) for value in content.values()))


def without_wrappers(state):
    def short(key):
        *path, leaf = key.split(".")
        return ".".join([part for part in path if part not in INSIDE] + [leaf])
    shortened = {short(key): value for key, value in state.items() if key != "n_averaged"}
    return shortened if len(shortened) >= len(state) - 1 else state


def detector_prefixes(keys):
    """What the keys of detectors begin with, incomplete ones only if there are no others."""
    found = {}
    for key in keys:
        for part, bit in PARTS.items():
            at = key.find(part)
            while at >= 0:
                if at == 0 or key[at - 1] == ".":
                    found[key[:at]] = found.get(key[:at], 0) | bit
                at = key.find(part, at + 1)
    whole = [prefix for prefix, parts in found.items()
             if parts & TWO_STAGES == TWO_STAGES or parts & ONE_STAGE == ONE_STAGE]
    return whole or [prefix for prefix, parts in found.items() if bin(parts).count("1") > 1]


def same_weights(state, one, other):
    def pointers(prefix):
        return {key[len(prefix):]: value.data_ptr() for key, value in state.items()
                if key.startswith(prefix) and isinstance(value, torch.Tensor)}
    return pointers(one) == pointers(other)


def below(state, prefix):
    """What a caller asks for by what its keys begin with; "." is the top."""
    prefix = "" if prefix == "." else prefix.rstrip(".") + "."
    found = {key[len(prefix):]: value for key, value in state.items() if key.startswith(prefix)}
    if not found:
        raise NotFound(f"nothing in the checkpoint begins with {prefix}")
    return found


def plain_state(state, asked=""):
    """The state dict of the model itself."""
    state = without_wrappers(state)
    if asked:
        return below(state, asked)
    prefixes = detector_prefixes(state)
    prefixes = prefixes[:1] + [other for other in prefixes[1:]
                               if not same_weights(state, prefixes[0], other)]
    if len(prefixes) > 1:
        raise NotFound(f"the checkpoint holds {len(prefixes)} detectors: "
                       + ", ".join(prefix or "." for prefix in prefixes) + "; --prefix chooses")
    prefix = prefixes[0] if prefixes else ""
    while not prefixes:
        more = next((name for name in COMMON
                     if all(key.startswith(prefix + name) for key in state)), None)
        if more is None:
            break
        prefix += more
    return {key[len(prefix):]: value for key, value in state.items() if key.startswith(prefix)}


def inside(content, key, depth, usual=False):
    """The candidates in a member, whose place begins with its key."""
    for found, is_usual, place in candidates(content, depth + 1):
        yield found, usual and is_usual, f"{key}.{place}" if place else str(key)


def candidates(content, depth=0):
    """Modules and state dicts, the likely ones first, whether each is at a usual place, and that
    place."""
    if isinstance(content, torch.nn.Module):
        yield content, True, ""
    elif getattr(content, "__self__", None) is not None and callable(content):
        yield from candidates(content.__self__, depth)  # a method that was saved without a call
    elif is_state(content) and all(isinstance(v, torch.Tensor) for v in content.values()):
        yield content, True, ""
    elif depth <= DEPTH and isinstance(content, dict):
        members = ([(key, True) for key in USUAL if key in content]
                   + [(key, False) for key in content if key not in USUAL])
        for key, usual in members:
            yield from inside(content[key], key, depth, usual)
        if is_state(content):
            yield content, depth == 0, ""
    elif depth <= DEPTH and isinstance(content, (list, tuple)):
        if content and all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
                           and isinstance(item[1], torch.Tensor) for item in content):
            yield dict(content), True, ""
        else:
            for k, item in enumerate(content):
                yield from inside(item, k, depth)


def holds_detector(found):
    state = found.state_dict() if isinstance(found, torch.nn.Module) else found
    return bool(detector_prefixes(without_wrappers(state)))


def member(module, path):
    """The module at a path that does not name the wrappers on the way."""
    for name in [] if path == "." else path.rstrip(".").split("."):
        while name not in module._modules and INSIDE & set(module._modules):
            module = module._modules[next(iter(INSIDE & set(module._modules)))]
        if name not in module._modules:
            raise NotFound(f"the module in the checkpoint has no {path}")
        module = module._modules[name]
    return module


def unwrapped(module):
    """What DataParallel and its like hold, which do not pass attributes on."""
    while len(module._modules) == 1 and set(module._modules) <= INSIDE:
        module = next(iter(module._modules.values()))
    return module


def asked_for(found, prefix):
    """What is at the place that a prefix begins with, and the rest of it."""
    for model, _, place in found:
        if place and prefix.rstrip(".") == place:
            return model, ""
        if place and prefix.startswith(place + "."):
            return model, prefix[len(place) + 1:]
    return found[0][0], prefix


def find_model(content, prefix=""):
    """The state dict in a checkpoint, or the module itself where there is one; of several what the
    prefix says, as `tv2onnx export --prefix` takes it."""
    found = list(candidates(content))
    if not found:
        raise NotFound(f"no weights in the checkpoint, which is a {type(content).__name__}")
    detectors = [one for one in found if holds_detector(one[0])]
    if prefix:
        model, rest = asked_for(found, prefix)
    elif len(detectors) > 1 and not detectors[0][1]:
        raise NotFound(f"the checkpoint holds {len(detectors)} detectors: "
                       + ", ".join(place for _, _, place in detectors) + "; --prefix chooses")
    else:
        model, rest = (detectors or found)[0][0], ""
    if isinstance(model, torch.nn.Module):
        return member(model, rest) if rest else unwrapped(model)
    return plain_state(model, rest)
