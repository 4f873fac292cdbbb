"""Live objects as checkpoints: the pickle that torch.save would write, without the weights, which
stay where they are. Nothing is looked up again, so hooks, lambdas and local classes are no trouble;
what the pickle says of them is what the library judges.
"""
from __future__ import annotations

import collections
import io
import pickle
import types
from typing import Any

from tv2onnx import _core
from tv2onnx._plain import WRAPPERS, changed_methods, is_known, is_plain, plain_class

_DEEPEST = 40  # beyond which attributes are no settings of a model

_STORAGES = {"float32": "FloatStorage", "float64": "DoubleStorage", "float16": "HalfStorage",
             "bfloat16": "BFloat16Storage", "int8": "CharStorage", "int16": "ShortStorage",
             "int32": "IntStorage", "int64": "LongStorage", "uint8": "ByteStorage",
             "bool": "BoolStorage", "complex64": "ComplexFloatStorage",
             "complex128": "ComplexDoubleStorage", "qint8": "QInt8Storage",
             "quint8": "QUInt8Storage", "qint32": "QInt32Storage"}


class _Global:
    """A class or function, by its name."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


def _changed(kind: type) -> _Global:
    """What the class of an object is called that has other methods or hooks."""
    return _Global(kind.__module__, kind.__qualname__ + " with changes")


class _Storage:
    """What a tensor's bytes are called."""

    def __init__(self, identity: tuple[Any, ...]) -> None:
        self.identity = identity


_Pickler: Any = pickle._Pickler  # the one that is written in Python


class _Writer(_Pickler):  # type: ignore[misc]
    """torch.save's pickle of an object. `memory` names the bytes of its tensors, `owners` keeps them."""

    def __init__(self, file: io.BytesIO) -> None:
        import torch
        super().__init__(file, protocol=2)
        self.torch = torch
        self.memory: dict[str, tuple[int, int]] = {}
        self.owners: list[Any] = []
        self.depth = 0
        hooks = torch.nn.modules.module
        self.global_hooks = {"_forward_hooks": hooks._global_forward_hooks,
                             "_forward_pre_hooks": hooks._global_forward_pre_hooks}

    def persistent_id(self, obj: Any) -> Any:
        return obj.identity if isinstance(obj, _Storage) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, (type, types.FunctionType, types.BuiltinFunctionType)):
            self._save_name(obj)
        elif isinstance(obj, self.torch.nn.Module) and id(obj) not in self.memo:
            self._save_module(obj)
        else:
            self._save_plain(obj, save_persistent_id)

    def _save_plain(self, obj: Any, save_persistent_id: bool) -> None:
        self.depth += 1
        try:
            if self.depth > _DEEPEST and not isinstance(obj, (int, float, str, type(None))):
                obj = None
            super().save(obj, save_persistent_id)
        finally:
            self.depth -= 1

    def _save_module(self, module: Any) -> None:
        depth, self.depth = self.depth, 0
        kind = plain_class(type(module))
        self.save(kind if kind.__name__ not in WRAPPERS or is_plain(module) else _changed(kind))
        self.write(pickle.EMPTY_TUPLE + pickle.NEWOBJ)
        self.memoize(module)
        # What torch.fx made is named by its class; its graph is no setting, and deeper than all others.
        state = {name: value for name, value in vars(module).items() if name != "_graph"}
        for name in changed_methods(kind):  # as if it were replaced on the object
            state[name] = getattr(kind, name)
        if kind.__name__ not in WRAPPERS:
            for name, hooks in self.global_hooks.items():
                state[name] = {**state.get(name, {}), **hooks}
            self.global_hooks = {}  # those of all modules count as the outermost's
        self._save_plain(state, True)
        self.write(pickle.BUILD)
        self.depth = depth

    def _save_name(self, obj: Any) -> None:
        """A class or function, whether it could be looked up again or not."""
        if id(obj) in self.memo:
            self.write(self.get(self.memo[id(obj)][0]))
            return
        self.save_global(obj)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        module = getattr(obj, "__module__", None) or type(obj).__module__
        name = name or getattr(obj, "__qualname__", None) or getattr(obj, "__name__", "unknown")
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(obj)

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, self.torch.Tensor):
            return self._tensor(obj)
        if type(obj) in self.dispatch:  # dicts, numbers, ...
            return NotImplemented
        try:
            reduced = obj.__reduce_ex__(2)
        except Exception:  # what cannot be pickled: a lock, a generator, a process group
            return _Global("builtins", "object"), (_Global(type(obj).__module__,
                                                           type(obj).__qualname__),)
        reduced = _without_checks(reduced)
        if is_known(type(obj)) and hasattr(obj, "__dict__") and not is_plain(obj):
            return _changed(type(obj)), (), *reduced[2:]
        return reduced

    def _tensor(self, tensor: Any) -> Any:
        torch = self.torch
        kept = tensor.detach().as_subclass(torch.Tensor).resolve_conj()
        kept = kept.resolve_neg() if hasattr(kept, "resolve_neg") else kept
        kept = kept.cpu()
        self.owners.append(kept)
        size, stride = tuple(kept.shape), tuple(kept.stride())
        span = 0 if 0 in size else 1 + sum((n - 1) * step for n, step in zip(size, stride))
        key = f"{kept.data_ptr():x}.{span}"
        self.memory[key] = kept.data_ptr(), span * kept.element_size()
        dtype = str(kept.dtype).split(".")[-1]
        storage = _Storage(("storage", _Global("torch", _STORAGES.get(dtype, dtype)), key, "cpu",
                            span))
        rest: tuple[Any, ...] = (False, collections.OrderedDict())
        if not kept.is_quantized:
            return _Global("torch._utils", "_rebuild_tensor_v2"), (storage, 0, size, stride, *rest)
        scheme = kept.qscheme()
        if scheme == torch.per_tensor_affine:
            quantiser: tuple[Any, ...] = scheme, kept.q_scale(), kept.q_zero_point()
        else:
            quantiser = (scheme, kept.q_per_channel_scales(), kept.q_per_channel_zero_points(),
                         kept.q_per_channel_axis())
        return (_Global("torch._utils", "_rebuild_qtensor"),
                (storage, 0, size, stride, quantiser, *rest))

    def save_reduce(self, func: Any, args: Any, state: Any = None, listitems: Any = None,
                    dictitems: Any = None, state_setter: Any = None, *, obj: Any = None) -> None:
        """Without the checks of what is called, which nothing here is."""
        self.save(func)
        if self.depth < _DEEPEST:
            self.save(args)
        else:
            self.write(pickle.EMPTY_TUPLE)
        self.write(pickle.REDUCE)
        if obj is not None and id(obj) not in self.memo:
            self.memoize(obj)
        if listitems is not None:
            self._batch_appends(listitems)
        if dictitems is not None:
            self._batch_setitems(dictitems)
        if state is not None:
            self.save(state)
            self.write(pickle.BUILD)


def _without_checks(reduced: Any) -> Any:
    """copyreg's ways to make an object as a call of its class."""
    if not isinstance(reduced, tuple):
        return reduced
    func, args, *rest = reduced
    if getattr(func, "__name__", "") in ("__newobj__", "_reconstructor") and args:
        return (args[0], tuple(args[1:]) if func.__name__ == "__newobj__" else (), *rest)
    return reduced


def _require_weights(module: Any) -> None:
    """Modules whose weights are not there yet."""
    torch_nn = __import__("torch").nn
    for path, one in [*module.named_parameters(), *module.named_buffers()]:
        if isinstance(one, (torch_nn.parameter.UninitializedParameter,
                            torch_nn.parameter.UninitializedBuffer)):
            raise ValueError(f"'{path}' of the module has no shape yet (a lazy module); run the "
                             "module once on an image, then export it")
        if one.device.type == "meta":
            raise ValueError(f"'{path}' of the module is on the device meta and has no numbers; load "
                             "the weights first: module.to_empty(device='cpu'), then "
                             "module.load_state_dict(...)")
        if one.layout is not __import__("torch").strided:
            raise ValueError(f"'{path}' of the module is a tensor of layout {one.layout}; "
                             "make it dense first: tensor.to_dense()")


def _require_what_is_named(module: Any) -> None:
    """Weights and parts that torch would not use as they are named."""
    own = __import__("torch").Tensor.__torch_function__.__func__
    for path, one in [*module.named_parameters(), *module.named_buffers()]:
        function = type(one).__torch_function__
        if not is_known(type(one)) and getattr(function, "__func__", function) is not own:
            raise ValueError(f"'{path}' of the module is a {type(one).__qualname__}, which has its own "
                             "arithmetic (__torch_function__); put a plain torch.nn.Parameter there")
    for path, one in module.named_modules():
        for name in vars(one):
            if any(name in vars(one)[kind] for kind in ("_modules", "_parameters", "_buffers")):
                raise ValueError(f"'{name}' of the module '{path}' is there twice: registered, and in "
                                 f"its __dict__, which torch uses; del module.__dict__[{name!r}]")


def name_of(source: Any) -> str:
    """What stands for the file in messages."""
    return f"<{type(source).__name__} in memory>"


def open_live(source: Any, prefix: str = "") -> Any:
    """A Checkpoint of a module, or of a dict with weights."""
    import torch
    if isinstance(source, torch.nn.Module):
        _require_weights(source)
        _require_what_is_named(source)
    file = io.BytesIO()
    writer = _Writer(file)
    with torch.no_grad():
        writer.dump(source)
    memory = [(key, address, size) for key, (address, size) in writer.memory.items()]
    return _core.open_live(file.getvalue(), memory, writer.owners, name_of(source), prefix)
