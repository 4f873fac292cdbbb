#include "checkpoint/globals.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tv2onnx {
namespace {

struct GlobalRow {
  std::string_view module;
  std::string_view name;
};

constexpr auto kHarmless = std::to_array<GlobalRow>({
    {"argparse", "Namespace"},
    {"builtins", "bytearray"},
    {"builtins", "complex"},
    {"builtins", "dict"},
    {"builtins", "frozenset"},
    {"builtins", "list"},
    {"builtins", "object"},
    {"builtins", "range"},
    {"builtins", "set"},
    {"builtins", "slice"},
    {"builtins", "tuple"},
    {"collections", "Counter"},
    {"collections", "OrderedDict"},
    {"collections", "defaultdict"},
    {"collections", "deque"},
    {"copyreg", "_reconstructor"},
    {"_codecs", "encode"},
    {"datetime", "date"},
    {"datetime", "datetime"},
    {"datetime", "timedelta"},
    {"numpy", "dtype"},
    {"numpy", "ndarray"},
    {"numpy.core.multiarray", "_reconstruct"},
    {"numpy.core.multiarray", "scalar"},
    {"numpy._core.multiarray", "_reconstruct"},
    {"numpy._core.multiarray", "scalar"},
    {"pathlib", "PosixPath"},
    {"pathlib", "PurePosixPath"},
    {"pathlib", "WindowsPath"},
    {"pathlib", "PureWindowsPath"},
    {"pathlib._local", "PosixPath"},
    {"torch", "Size"},
    {"torch", "Tensor"},
    {"torch", "device"},
    {"torch._tensor", "_rebuild_from_type_v2"},
    {"torch.autograd.variable", "Variable"},
    {"torch.jit._pickle", "build_boollist"},
    {"torch.jit._pickle", "build_doublelist"},
    {"torch.jit._pickle", "build_intlist"},
    {"torch.jit._pickle", "build_tensorlist"},
    {"torch.jit._pickle", "restore_type_tag"},
    {"torch.nn.parameter", "Buffer"},
    {"torch.nn.parameter", "Parameter"},
    {"torch.nn.parameter", "UninitializedParameter"},
    {"torch.serialization", "_get_layout"},
    {"torch.storage", "TypedStorage"},
    {"torch.storage", "UntypedStorage"},
    {"torch.storage", "_load_from_bytes"},
    {"torch.tensor", "_rebuild_from_type_v2"},
    {"torchvision.ops.boxes", "box_iou"},
});

constexpr auto kDTypeNames = std::to_array<std::string_view>(
    {"bfloat16", "bool", "complex128", "complex64", "double", "float", "float16", "float32",
     "float64", "half", "int16", "int32", "int64", "int8", "long", "quint8", "qint8", "uint8"});

// Classes of these packages, not their functions: some of those download or load files.
constexpr auto kClassPackages = std::to_array<std::string_view>(
    {"torch.nn.modules.", "torch.nn.parallel.", "torchvision.models.", "torchvision.ops.",
     "torchvision.transforms."});

constexpr auto kAttackModules = std::to_array<std::string_view>(
    {"_pickle", "aiohttp",    "asyncio",   "bdb",        "code",     "commands", "ctypes",
     "http",    "httpx",      "nt",        "os",         "pdb",      "pickle",   "pip",
     "popen2",  "posix",      "pty",       "pydoc",      "requests", "runpy",    "shutil",
     "smtplib", "socket",     "ssl",       "subprocess", "sys",      "timeit",   "urllib",
     "urllib2", "webbrowser", "importlib", "profile",    "cProfile", "trace"});

constexpr auto kAttackBuiltins =
    std::to_array<std::string_view>({"__import__", "apply", "breakpoint", "compile", "eval", "exec",
                                     "execfile", "file", "input", "open"});

/// Python 2 names of modules as Python 3 calls them.
std::string_view modern(std::string_view module) {
  if (module == "__builtin__") return "builtins";
  if (module == "copy_reg") return "copyreg";
  return module;
}

bool looks_like_class(std::string_view name) {
  if (name.find('.') != std::string_view::npos) return false;  // a way out of the module
  const std::size_t letter = name.find_first_not_of('_');
  return letter != std::string_view::npos &&
         std::isupper(static_cast<unsigned char>(name[letter])) != 0;
}

}  // namespace

bool is_harmless_global(std::string_view module, std::string_view name) {
  module = modern(module);
  if (module == "__torch__" || module.starts_with("__torch__.")) return true;  // no Python class
  const auto equal = [&](const GlobalRow& row) { return row.module == module && row.name == name; };
  if (std::ranges::any_of(kHarmless, equal)) return true;
  if (module == "torch" && std::ranges::find(kDTypeNames, name) != kDTypeNames.end()) return true;
  if (module == "torch" || module == "torch.cuda") return name.ends_with("Storage");
  if (module == "torch._utils") return name.starts_with("_rebuild_");
  if (!looks_like_class(name)) return false;
  return std::ranges::any_of(kClassPackages,
                             [&](std::string_view package) { return module.starts_with(package); });
}

bool is_attack_global(std::string_view module, std::string_view name) {
  module = modern(module);
  if (module == "builtins") {
    return std::ranges::find(kAttackBuiltins, name.substr(0, name.find('.'))) !=
           kAttackBuiltins.end();
  }
  return std::ranges::find(kAttackModules, module.substr(0, module.find('.'))) !=
         kAttackModules.end();
}

}  // namespace tv2onnx
