// Checkpoints of files, bytes and live objects; what is in them; exporting them.

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "base/output_file.h"
#include "bindings.h"
#include "tv2onnx/backbone.h"
#include "tv2onnx/error.h"
#include "tv2onnx/inspect.h"
#include "tv2onnx/live_checkpoint.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx::python {
namespace {

/// Keeps a Python object alive, and lets go of it in whatever thread.
std::shared_ptr<const void> keeper(const nb::object& object) {
  PyObject* kept = object.inc_ref().ptr();
  return {kept, [](PyObject* one) {
            const nb::gil_scoped_acquire held;
            Py_DECREF(one);
          }};
}

std::span<const std::byte> span_of(const nb::bytes& bytes) {
  return {static_cast<const std::byte*>(bytes.data()), bytes.size()};
}

Checkpoint open_path(const std::string& path, const std::string& prefix) {
  return without_gil([&](const CallControl&) { return open_checkpoint(path, {.prefix = prefix}); });
}

Checkpoint open_bytes(const nb::bytes& bytes, const std::string& name, const std::string& prefix) {
  const std::span<const std::byte> span = span_of(bytes);
  return without_gil([&, owner = keeper(bytes)](const CallControl&) {
    return open_checkpoint(span, name, owner, {.prefix = prefix});
  });
}

/// memory: [(key, address, bytes)]
Checkpoint open_live(const nb::bytes& pickle, const nb::list& memory, const nb::object& owner,
                     const std::string& name, const std::string& prefix) {
  std::vector<NamedMemory> named;
  for (const nb::handle row : memory) {
    const auto* data = reinterpret_cast<const std::byte*>(nb::cast<std::uintptr_t>(row[1]));
    named.push_back({nb::cast<std::string>(row[0]), {data, nb::cast<std::size_t>(row[2])}});
  }
  return live_checkpoint(span_of(pickle), named, name, keeper(owner), {.prefix = prefix});
}

/// What an option of type T is in Python.
template <typename T>
constexpr std::string_view wanted() {
  if constexpr (std::is_same_v<T, bool>) return "True or False";
  if constexpr (std::is_same_v<T, std::string>) return "text";
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return "a list of names";
  if constexpr (std::is_same_v<T, std::optional<std::vector<std::int64_t>>>)
    return "(height, width)";
  return "a number";
}

/// Reads the attribute `name`, if it is there and not None, into `member`.
template <typename T>
void take(const nb::dict& options, const char* name, T& member) {
  if (!options.contains(name) || options[name].is_none()) return;
  if (nb::try_cast<T>(options[name], member)) return;
  throw nb::type_error(fmt::format("{} is a {}; give {}", name,
                                   Py_TYPE(nb::object(options[name]).ptr())->tp_name, wanted<T>())
                           .c_str());
}

template <typename Mode, std::size_t kCount, typename Member>
void take_mode(const nb::dict& options, const char* name, const ModeNames<Mode, kCount>& names,
               Member& member) {
  std::string text;
  take(options, name, text);
  if (text.empty()) return;
  std::vector<std::string> known;
  for (const auto& [one, mode] : names) {
    if (one == text) {
      member = mode;
      return;
    }
    known.emplace_back(one);
  }
  throw Error({.code = "U001",
               .found = "'" + text + "' is no value of " + name,
               .expected = "one of: " + nb::cast<std::string>(nb::str(", ").attr("join")(known))});
}

void take_settings(const nb::dict& options, ExportOptions& taken) {
  std::string text;
  take(options, "settings", text);
  if (text.empty()) return;
  const Setting settings = parse_json(text);
  for (const auto& [name, value] : *settings.dict()) {
    taken.overrides.push_back({name, value, "settings"});
  }
}

/// A path, or bytes, which the options keep.
void take_backbone(const nb::dict& options, ExportOptions& taken) {
  if (!options.contains("backbone")) return;
  BackboneFile file{.path = "<the backbone>"};
  if (nb::isinstance<nb::bytes>(options["backbone"])) {
    file.bytes = span_of(nb::borrow<nb::bytes>(options["backbone"]));
  } else {
    file.path = nb::cast<std::string>(options["backbone"]);
  }
  file.measure = run_backbone(file.path, file.bytes, {});
  taken.backbone = std::move(file);
}

std::string inspect_json(const Checkpoint& checkpoint, bool tensors) {
  return without_gil(
      [&](const CallControl&) { return to_json(checkpoint, inspect(checkpoint), tensors); });
}

std::string export_to_path(const Checkpoint& checkpoint, const std::string& path,
                           const nb::dict& options, const nb::object& progress) {
  ExportOptions taken = export_options(options);
  return without_gil(
      [&](const CallControl& control) {
        taken.control = control;
        return to_json(export_onnx(checkpoint, path, taken));
      },
      progress);
}

nb::tuple export_to_bytes(const Checkpoint& checkpoint, const nb::dict& options,
                          const nb::object& progress) {
  ExportOptions taken = export_options(options);
  const ExportedModel exported = without_gil(
      [&](const CallControl& control) {
        taken.control = control;
        return export_to_memory(checkpoint, taken);
      },
      progress);
  return nb::make_tuple(to_json(exported.report), bytes_of(exported.bytes));
}

void write_file(const nb::bytes& bytes, const std::string& path, bool overwrite) {
  const std::span<const std::byte> span = span_of(bytes);
  without_gil([&](const CallControl& control) {
    OutputFile file(path, overwrite);
    constexpr std::size_t kPart = 16 << 20;
    for (std::size_t at = 0; at < span.size(); at += kPart) {
      stop_if_cancelled(control);
      file.write(span.subspan(at, std::min(kPart, span.size() - at)));
    }
    file.commit();
    return true;
  });
}

}  // namespace

ExportOptions export_options(const nb::dict& options) {
  ExportOptions taken;
  take(options, "arch", taken.arch);
  take(options, "weights", taken.weights);
  take(options, "assume_torchvision", taken.assume_torchvision);
  take(options, "class_names", taken.class_names);
  take(options, "external_data", taken.write.external_data);
  take(options, "overwrite", taken.write.overwrite);
  take(options, "bgr", taken.build.bgr);
  take(options, "features", taken.build.features);
  std::optional<int> opset;
  std::optional<std::int64_t> top;
  std::optional<std::vector<std::int64_t>> size;
  std::string torchvision;
  take(options, "opset_version", opset);
  take(options, "top", top);
  take(options, "size", size);
  take(options, "torchvision", torchvision);
  taken.opset = opset;
  taken.build.top = top;
  if (size && size->size() == 2) taken.build.detection.size = {{(*size)[0], (*size)[1]}};
  if (!torchvision.empty()) taken.build.torchvision = parse_torchvision_version(torchvision);
  take_mode(options, "input", kInputModes, taken.build.input);
  take_mode(options, "outputs", kOutputModes, taken.build.outputs);
  take_mode(options, "preprocess", kPreprocesses, taken.build.preprocess);
  take_mode(options, "masks", kMaskOutputs, taken.build.detection.masks);
  take_settings(options, taken);
  take_backbone(options, taken);
  return taken;
}

void bind_checkpoint(nb::module_& module) {
  nb::class_<Checkpoint>(module, "Checkpoint", "Weights, and what else a checkpoint says.")
      .def_ro("file", &Checkpoint::file, "The path, or what stands for it.")
      .def("inspect_json", &inspect_json, nb::arg("tensors"), "The report of inspecting, as JSON.")
      .def("export_to_path", &export_to_path, nb::arg("path"), nb::arg("options"),
           nb::arg("progress").none(), "Writes the ONNX file. Gives the report as JSON.")
      .def("export_to_bytes", &export_to_bytes, nb::arg("options"), nb::arg("progress").none(),
           "The report as JSON, and the ONNX file.");
  module.def("open_path", &open_path, nb::arg("path"), nb::arg("prefix"),
             "Opens the file of torch.save, or a safetensors file.");
  module.def("open_bytes", &open_bytes, nb::arg("bytes"), nb::arg("name"), nb::arg("prefix"),
             "The same of a file in memory.");
  module.def("open_live", &open_live, nb::arg("pickle"), nb::arg("memory"), nb::arg("owner"),
             nb::arg("name"), nb::arg("prefix"),
             "The same of live objects, as tv2onnx._live describes them.");
  module.def("with_names", &with_names, nb::arg("file"), nb::arg("inputs"), nb::arg("outputs"),
             "The ONNX file with its first inputs and outputs under these names.");
  module.def("write_file", &write_file, nb::arg("bytes"), nb::arg("path"), nb::arg("overwrite"),
             "Writes a file whole or not at all.");
  module.def(
      "onnx_summary_json",
      [](const std::string& path, bool initializers) {
        return to_json(read_onnx_summary(path), path, initializers);
      },
      nb::arg("path"), nb::arg("initializers"), "What an ONNX file declares, as JSON.");
}

}  // namespace tv2onnx::python
