// Checkpoints of files, bytes and live objects; what is in them; exporting them.

#include <fmt/format.h>

#include <memory>

#include "base/output_file.h"
#include "bindings.h"
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
