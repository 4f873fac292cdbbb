#!/usr/bin/python3
"""Writes tests/golden/checkpoint/: small checkpoints of every format, wrapping, element type and
kind of view, and expected.txt with what torch itself holds in each tensor.

Needs Debian's python3-torch (1.13) and python3-torchvision. What newer or older versions of torch
write is written here byte by byte, and read back with torch.load where that can read it.
Run without arguments; the products are committed.
"""
import argparse
import collections
import io
import json
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy
import torch
import torch.serialization
from torch import nn
from torchvision.models.detection._utils import BoxCoder

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "checkpoint"
LEGACY = {"_use_new_zipfile_serialization": False}
expected = []


def raw(tensor):
    """Bytes in row-major order, as hexadecimal text."""
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes().hex()


def note(name, tensors):
    expected.append(f"[{name}]")
    for key, tensor in tensors.items():
        dtype = str(tensor.dtype).replace("torch.", "")
        shape = ",".join(map(str, tensor.shape))
        expected.append(f"{key}|{dtype}|{shape}|{raw(tensor)}")


def save(name, obj, tensors, **options):
    torch.save(obj, OUT / name, **options)
    note(name, tensors)


def dtypes():
    torch.manual_seed(0)
    values = torch.randn(2, 3) * 3
    kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int16,
             torch.int32, torch.int64]
    tensors = collections.OrderedDict((str(k)[6:], values.to(k)) for k in kinds)
    tensors["uint8"] = torch.tensor([0, 1, 127, 128, 255], dtype=torch.uint8)
    tensors["bool"] = torch.tensor([[True, False], [False, True]])
    tensors["scalar"] = torch.tensor(-2.5)
    tensors["empty"] = torch.zeros(0, 3)
    return tensors


def views():
    base = torch.arange(24, dtype=torch.float32)
    matrix = base.view(4, 6)
    return collections.OrderedDict(
        base=base, matrix=matrix, transposed=matrix.t(), row=matrix[2], column=matrix[:, 3],
        window=matrix[1:3, 2:5], every_second=base[1::2], expanded=matrix[:, :1].expand(4, 3),
        permuted=base.view(2, 3, 4).permute(2, 0, 1), last=base[23])


def small_model():
    torch.manual_seed(1)
    model = nn.Sequential(collections.OrderedDict(
        stem=nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4, eps=0.003)),
        head=nn.Linear(4, 2)))
    model.register_buffer("kept", torch.arange(3.0))
    model.register_buffer("scratch", torch.arange(5.0), persistent=False)
    model.register_buffer("absent", None)
    model.head.register_parameter("absent", None)
    model.add_module("nothing", None)
    model.threshold = 0.25
    model.sizes = ((32,), (64, 128))
    model.limits = {"training": 2000, "testing": 1000}
    model.cells = [torch.zeros(3, 4)]
    model.box_coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    return model.eval()


def patched_location(location, action):
    original = torch.serialization.location_tag
    torch.serialization.location_tag = lambda storage: location
    try:
        action()
    finally:
        torch.serialization.location_tag = original


def zip_files():
    save("zip_dtypes.pth", dtypes(), dtypes())
    save("zip_views.pth", views(), views())
    for protocol in (1, 3, 4, 5):
        save(f"zip_protocol{protocol}.pth", dtypes(), dtypes(), pickle_protocol=protocol)
    model = small_model()
    state = model.state_dict()
    save("zip_state.pth", state, state)
    save("zip_parameters.pth", dict(model.named_parameters()), dict(model.named_parameters()))
    save("zip_module.pth", model, state)
    save("zip_trainer.pth", argparse.Namespace(model=model, epoch=3), state)
    save("zip_module_in_dict.pth", {"epoch": 3, "model": model}, state)
    optimizer = torch.optim.Adam(model.parameters())
    training = {"epoch": 7, "best": numpy.float64(0.5), "count": numpy.int64(-3),
                "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(),
                "args": argparse.Namespace(lr=0.01, device=torch.device("cuda:0")),
                "loss": torch.tensor(0.5), "classes": ["background", "cat", "dog"],
                "ema": collections.OrderedDict((k, v + 1) for k, v in state.items())}
    save("zip_training.pth", training, state)
    save("zip_data_parallel.pth", nn.DataParallel(model).state_dict(), state)
    save("zip_lightning.pth", {"state_dict": {"model." + k: v for k, v in state.items()},
                               "hyper_parameters": {"names": {0: "cat", 1: "dog"}}}, state)
    save("zip_averaged.pth", {"model_ema": torch.optim.swa_utils.AveragedModel(model).state_dict()},
         {k: v for k, v in state.items()})
    save("zip_label_map.pth", {"class_to_idx": {"cat": 1, "dog": 3}, "weights": state}, state)
    patched_location("cuda:1", lambda: save("zip_cuda.pth", dtypes(), dtypes()))
    zip_byte_orders()
    zip_untyped()


def rezip(source, target, extra):
    """As torch >= 2.1 writes it: with an entry for the byte order."""
    with zipfile.ZipFile(OUT / source) as old, zipfile.ZipFile(OUT / target, "w") as new:
        for info in old.infolist():
            new.writestr(zipfile.ZipInfo(info.filename), old.read(info))
        folder = old.namelist()[0].split("/")[0]
        for name, content in extra.items():
            new.writestr(zipfile.ZipInfo(f"{folder}/{name}"), content)


def zip_byte_orders():
    rezip("zip_views.pth", "zip_byteorder_little.pth",
          {"byteorder": "little", ".data/serialization_id": "1234"})
    note("zip_byteorder_little.pth", views())
    rezip("zip_views.pth", "zip_byteorder_big.pth", {"byteorder": "big"})


class Rebuilt:
    """Pickles as a call of a function that this torch may not have."""

    def __init__(self, module, name, *arguments):
        self.module, self.name, self.arguments = module, name, arguments


class Call:
    def __init__(self, module, name):
        self.module, self.name = module, name


class Writer(pickle._Pickler):
    """A pickler that writes globals by name and references as they are given."""

    def persistent_id(self, obj):
        return obj.value if isinstance(obj, Reference) else None

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Call):
            self.write(b"c" + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Rebuilt):
            self.save(Call(obj.module, obj.name))
            self.save(obj.arguments)
            self.write(b"R")
        else:
            super().save(obj, save_persistent_id)


class Reference:
    def __init__(self, value):
        self.value = value


def pickled(obj, protocol=2):
    stream = io.BytesIO()
    Writer(stream, protocol).dump(obj)
    return stream.getvalue()


def zip_untyped():
    """torch >= 2.1 writes types without a storage class of their own with _rebuild_tensor_v3."""
    tensor = torch.arange(6, dtype=torch.int32).reshape(2, 3)
    storage = Reference(("storage", Call("torch.storage", "UntypedStorage"), "0", "cpu", 24))

    def rebuilt(dtype):
        return Rebuilt("torch._utils", "_rebuild_tensor_v3", storage, 0, (2, 3), (3, 1), False,
                       collections.OrderedDict(), Call("torch", dtype), {})

    for name, dtype in (("zip_untyped.pth", "int32"), ("zip_uint32.pth", "uint32")):
        with zipfile.ZipFile(OUT / name, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a/data.pkl"), pickled({"weight": rebuilt(dtype)}))
            archive.writestr(zipfile.ZipInfo("a/data/0"), tensor.numpy().tobytes())
            archive.writestr(zipfile.ZipInfo("a/version"), "3\n")
    note("zip_untyped.pth", {"weight": tensor})


def legacy_files():
    save("legacy_dtypes.pth", dtypes(), dtypes(), **LEGACY)
    save("legacy_views.pth", views(), views(), **LEGACY)
    save("legacy_protocol4.pth", views(), views(), pickle_protocol=4, **LEGACY)
    model = small_model()
    save("legacy_module.pth", model, model.state_dict(), **LEGACY)
    patched_location("cuda:0", lambda: save("legacy_cuda.pth", views(), views(), **LEGACY))
    name = "legacy_storage_views.pth"
    (OUT / name).write_bytes(legacy_with_views(True))
    note(name, {k: v for k, v in torch.load(OUT / name).items()})
    (OUT / "legacy_big_endian.pth").write_bytes(legacy_with_views(False))


def legacy_with_views(little_endian):
    """torch 0.1 to 0.3 could save a part of a storage, as a view into it."""
    values = numpy.arange(10, dtype="<f4" if little_endian else ">f4")

    def tensor(view, size):
        storage = Reference(("storage", Call("torch", "FloatStorage"), "94", "cpu", 10, view))
        return Rebuilt("torch._utils", "_rebuild_tensor", storage, 0, (size,), (1,))

    info = {"protocol_version": 1001, "little_endian": little_endian,
            "type_sizes": {"short": 2, "int": 4, "long": 4}}
    state = collections.OrderedDict(all=tensor(None, 10), part=tensor(("95", 3, 4), 4))
    parts = [0x1950A86A20F9469CFC6C, 1001, info, state, ["94"]]
    return b"".join(map(pickled, parts)) + struct.pack("<q", 10) + values.tobytes()


def tar_archive(path, members):
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mtime = 1234567890.5  # written as an extended header, as Python 3 did
            archive.addfile(info, io.BytesIO(content))


def tar_members(little_endian=True):
    floats = numpy.arange(12, dtype="<f4").tobytes()
    longs = numpy.array([5, -6], "<i8").tobytes()
    storages = pickled(2)
    storages += pickled((101, "cpu", Call("torch", "FloatStorage"))) + struct.pack("<q", 12) + floats
    storages += pickled((102, "cpu", Call("torch", "LongStorage"))) + struct.pack("<q", 2) + longs
    storages += pickled([(103, 101, 4, 6)])

    def entry(key, storage, kind, shape, strides, offset):
        rank = len(shape)
        return (pickled((key, storage, Call("torch", kind))) + struct.pack("<i4x", rank)
                + struct.pack(f"<{rank}q", *shape) + struct.pack(f"<{rank}q", *strides)
                + struct.pack("<q", offset))

    tensors = pickled(4)
    tensors += entry(201, 101, "FloatTensor", (3, 4), (4, 1), 0)
    tensors += entry(202, 101, "FloatTensor", (4, 3), (1, 4), 0)
    tensors += entry(203, 103, "FloatTensor", (2, 2), (3, 1), 1)
    tensors += entry(204, 102, "LongTensor", (2,), (1,), 0)
    names = ("weight", "transposed", "part", "count")
    state = collections.OrderedDict((n, Reference(str(201 + k))) for k, n in enumerate(names))
    info = {"protocol_version": 1000, "little_endian": little_endian,
            "type_sizes": {"short": 2, "int": 4, "long": 4}}
    return {"sys_info": pickled(info), "pickle": pickled(state), "tensors": tensors,
            "storages": storages}


def tar_files():
    tar_archive(OUT / "tar.pth", tar_members())
    note("tar.pth", torch.load(OUT / "tar.pth"))
    tar_archive(OUT / "tar_big_endian.pth", tar_members(False))


def pickle_files():
    tensors = views()
    for protocol in (0, 2, 4):
        name = f"pickle_protocol{protocol}.pkl"
        with open(OUT / name, "wb") as file:
            pickle.dump({"state_dict": tensors, "note": "caf\u00e9 \u4f60"}, file, protocol)
        note(name, tensors)
    values = numpy.arange(-3, 3, dtype="f4").reshape(2, 3) / 4
    arrays = {"weight": values, "column_major": numpy.asfortranarray(values),
              "half": values.astype("f2"), "count": numpy.array(7), "empty": values[:0],
              "bytes": numpy.array([0, 127, 128, 255], "u1"), "mask": values > 0}
    for protocol in (2, 4):
        name = f"pickle_numpy{protocol}.pkl"
        with open(OUT / name, "wb") as file:
            pickle.dump({"model": arrays}, file, protocol)
        note(name, {key: torch.from_numpy(value) for key, value in arrays.items()})
    with open(OUT / "pickle_numpy.pkl", "wb") as file:
        pickle.dump({"model": {"weight": numpy.array([{}, None])}}, file, 2)


SAFE_NAMES = {"float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16",
              "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64", "uint8": "U8",
              "bool": "BOOL"}


def safetensors(tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for key, tensor in tensors.items():
        content = bytes.fromhex(raw(tensor))
        header[key] = {"dtype": SAFE_NAMES[str(tensor.dtype)[6:]], "shape": list(tensor.shape),
                       "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def safetensors_files():
    metadata = {"format": "pt", "class_names": '["cat", "dog"]'}
    (OUT / "safe_dtypes.safetensors").write_bytes(safetensors(dtypes(), metadata))
    note("safe_dtypes.safetensors", dtypes())
    state = {"module." + k: v for k, v in small_model().state_dict().items()}
    (OUT / "safe_prefixed.safetensors").write_bytes(safetensors(state, {}))
    note("safe_prefixed.safetensors", small_model().state_dict())


def by_channel(x, axis):
    return torch.quantize_per_channel(x, torch.tensor([0.125, 0.25]).double(),
                                      torch.zeros(2, dtype=torch.int64), axis, torch.qint8)


def quantised_file():
    torch.save({"weight": torch.quantize_per_tensor(torch.tensor([-2.875, 3.75]), 0.125, 3,
                                                    torch.qint8),
                "rows": by_channel(torch.tensor([[1.0, 2.0], [1.0, 2.0]]), 0)},
               OUT / "zip_quantised.pth")


def refused_files():
    torch.save({"phase": torch.zeros(2, dtype=torch.complex64)}, OUT / "zip_complex.pth")
    torch.save({"phase": torch.zeros(2, dtype=torch.complex64)}, OUT / "legacy_complex.pth", **LEGACY)
    torch.save({"mask": torch.eye(2).to_sparse()}, OUT / "zip_sparse.pth")
    torch.save({"weight": by_channel(torch.ones(2, 2), 1)}, OUT / "zip_quantised_axis.pth")
    model = small_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    torch.save(optimizer.state_dict(), OUT / "zip_optimizer.pth")
    torch.manual_seed(3)
    layers = nn.Sequential(nn.Conv2d(2, 2, 1, stride=2), nn.BatchNorm2d(2, eps=0.5))
    script = torch.jit.script(layers.eval())
    torch.jit.save(script, OUT / "zip_torchscript.pt")
    note("zip_torchscript.pt", script.state_dict())
    torch.jit.save(torch.jit.freeze(script), OUT / "zip_torchscript_frozen.pt")


SCALAR_TYPES = {"uint8": 1, "int8": 2, "int16": 3, "int32": 4, "int64": 5, "float16": 6,
                "float32": 7, "float64": 8, "bool": 12, "bfloat16": 13}


def tensor_meta(tensor):
    return {"dtype": SCALAR_TYPES[str(tensor.dtype)[6:]], "requires_grad": False, "layout": 7,
            "sizes": [{"as_int": size} for size in tensor.shape],
            "strides": [{"as_int": step} for step in tensor.stride()],
            "storage_offset": {"as_int": tensor.storage_offset()},
            "device": {"type": "cpu", "index": None}}


def export_files():
    """As torch.export.save writes them, by the specification in torch 2.8 and by torch 2.6's source:
    this torch has neither."""
    base = torch.arange(12, dtype=torch.float32)
    views = {"model.weight": base.view(3, 4), "model.column": base.view(3, 4)[:, 1]}
    config, payloads = {}, {"weight_0": bytes.fromhex(raw(base))}
    for key, tensor in views.items():
        config[key] = {"path_name": "weight_0", "is_param": True, "use_pickle": False,
                       "tensor_meta": tensor_meta(tensor)}
    others = {key: value for key, value in dtypes().items() if key != "empty"}
    for index, (key, tensor) in enumerate(others.items()):
        payloads[f"weight_{index + 1}"] = bytes.fromhex(raw(tensor))
        config["model." + key] = {"path_name": f"weight_{index + 1}", "is_param": False,
                                  "use_pickle": False, "tensor_meta": tensor_meta(tensor)}
    with zipfile.ZipFile(OUT / "zip_export.pt2", "w") as archive:
        add = lambda name, content: archive.writestr(zipfile.ZipInfo("zip_export/" + name), content)
        add("archive_format", "pt2")
        add("archive_version", "0")
        add("models/model.json", "{}")
        add("data/weights/model_weights_config.json", json.dumps({"config": config}))
        for name, content in payloads.items():
            add("data/weights/" + name, content)
        add("data/constants/model_constants_config.json", json.dumps({"config": {}}))
    note("zip_export.pt2", {key.replace("model.", ""): value
                            for key, value in {**views, **others}.items()})
    state = io.BytesIO()
    torch.save(dtypes(), state)
    with zipfile.ZipFile(OUT / "zip_export_old.pt2", "w") as archive:
        for name, content in {"serialized_exported_program.json": "{}", "version": "8.2",
                              "serialized_state_dict.pt": state.getvalue()}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    note("zip_export_old.pt2", dtypes())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    zip_files()
    legacy_files()
    tar_files()
    pickle_files()
    export_files()
    safetensors_files()
    quantised_file()
    refused_files()
    (OUT / "expected.txt").write_text("\n".join(expected) + "\n")


if __name__ == "__main__":
    main()
