"""Which objects compute what their classes of torch and torchvision compute."""
from __future__ import annotations

import functools
import types
from typing import Any

# Members of a subclass that change no result of its base class.
_HARMLESS = {"__init__", "__doc__", "__module__", "__qualname__", "__dict__", "__weakref__",
             "__annotations__", "__repr__", "extra_repr", "__orig_bases__", "__parameters__",
             "__firstlineno__", "__static_attributes__", "__abstractmethods__", "_abc_impl"}

# Where torch's functions and what decorates them are from.
_DECORATORS = ("torch", "torchvision", "typing", "typing_extensions", "warnings", "contextlib",
               "functools", "builtins")

# Classes that only pass on what the module inside gives, and its attribute.
WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module",
             "AveragedModel": "module", "OptimizedModule": "_orig_mod"}


def is_known(kind: type) -> bool:
    return kind.__module__.split(".")[0] in ("torch", "torchvision")


def _names_used(code: types.CodeType) -> set[str]:
    """Attributes and names that a function reads or sets, and those in it do."""
    inner = (one for one in code.co_consts if isinstance(one, types.CodeType))
    return set(code.co_names).union(*map(_names_used, inner))


@functools.lru_cache(maxsize=None)
def _members(base: type) -> frozenset[str]:
    """What the class has, and what its methods read or set of its objects."""
    used = [_names_used(value.__code__) for one in base.__mro__ if is_known(one)
            for value in vars(one).values() if isinstance(value, types.FunctionType)]
    return frozenset(dir(base)).union(*used)


def plain_class(kind: type) -> type:
    """The class of torch or torchvision whose results a subclass has: it adds members that the base
    class does not have, or none. The class itself if it changes one."""
    base = next((one for one in kind.__mro__ if is_known(one)), kind)
    if base is kind or len(kind.__bases__) != 1 or base.__name__ == "Module":
        return kind
    for one in kind.__mro__[:kind.__mro__.index(base)]:
        if len(one.__bases__) != 1 or (vars(one).keys() - _HARMLESS) & _members(base):
            return kind
    return base


def _is_foreign(value: Any, home: str) -> bool:
    """Whether a member of a class of torch's is none of torch's functions."""
    if isinstance(value, (staticmethod, classmethod, types.MethodType)):
        value = value.__func__
    if isinstance(value, (functools.partial, functools.partialmethod)):
        return True
    if isinstance(value, types.FunctionType):
        home = value.__globals__.get("__name__", home)
    elif callable(value) and not isinstance(value, type):
        home = type(value).__module__
    return home.split(".")[0] not in _DECORATORS


def changed_methods(kind: type) -> list[str]:
    """Methods of torch's and torchvision's classes that were replaced on the class."""
    return [name for one in kind.__mro__ if is_known(one) for name, value in vars(one).items()
            if _is_foreign(value, one.__module__)]


def is_plain(module: Any) -> bool:
    """Whether an object has its class's methods, and no hook."""
    own = vars(module)
    kind = type(module)
    compiled = kind.__name__ == "OptimizedModule"  # whose forward is torch's, on the object
    replaced = any(callable(getattr(kind, name, None)) for name, value in own.items()
                   if not compiled or _is_foreign(value, ""))
    return not (replaced or changed_methods(kind) or own.get("_forward_hooks")
                or own.get("_forward_pre_hooks"))
