"""What is in a checkpoint: the state dict of a detector, or a module. For load_detector.py."""
import inspect
import json
import os
import pickle

import torch

import find_model

PARTS = ("backbone.", "rpn.", "roi_heads.", "head.")  # what detectors consist of
OWN_CODE = ("record a reference from the code that makes your model:\n"
            "  from record_reference import record\n"
            "  record(model, \"reference.safetensors\")\n"
            "with this script's folder, {}, in PYTHONPATH, and verify against that file")


def own_code():
    return OWN_CODE.format(os.path.dirname(os.path.abspath(__file__)))


class Unusable(Exception):
    """The checkpoint or the arguments do not give a model; the text says why and what to do."""


def read_safetensors(path):
    kinds = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16,
             "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8,
             "BOOL": torch.bool}
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    state = {}
    for name, row in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = (start + offset for offset in row["data_offsets"])
        flat = torch.empty(0, dtype=kinds[row["dtype"]])
        if end > begin:
            flat = torch.frombuffer(bytearray(data[begin:end]), dtype=kinds[row["dtype"]])
        state[name] = flat.reshape(row["shape"])
    return state


def is_safetensors(path):
    with open(path, "rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 2 ** 27


def read_checkpoint(path, trust):
    """What torch.load gives. Code in the file runs only with `trust`."""
    if is_safetensors(path):
        return read_safetensors(path)
    options = {"map_location": "cpu"}
    if "weights_only" in inspect.signature(torch.load).parameters:
        options["weights_only"] = not trust
    elif not trust:
        raise Unusable(f"torch {torch.__version__} cannot load a checkpoint without running code "
                       "that it may hold; if you trust where it comes from, give --trust")
    try:
        return torch.load(path, **options)
    except (pickle.UnpicklingError, RuntimeError, EOFError, AttributeError, ImportError) as problem:
        if trust:
            raise Unusable(f"{path} cannot be loaded: {type(problem).__name__}: {problem}\n"
                           + own_code())
        raise Unusable(f"{path} holds more than weights, or is not a checkpoint: {problem}\n"
                       "Loading a whole module runs code that the file names. If you trust where "
                       "it comes from, give --trust")


def find_state(content, prefix=""):
    """The state dict in a checkpoint, or the module itself where there is one."""
    try:
        found = find_model.find_model(content, prefix)
    except find_model.NotFound as problem:
        raise Unusable(str(problem))
    if isinstance(found, torch.nn.Module):
        return found
    # Metrics and losses beside the detector are not its own.
    return {key: value for key, value in found.items() if key.startswith(PARTS)} or found


def class_names_of(content):
    names = content.get("classes", content.get("class_names")) if isinstance(content, dict) else None
    is_list = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
    return list(names) if is_list and names else None
