// The extension tv2onnx._core: errors, tables, the command line, and the functions of the other
// files.

#include <fmt/format.h>

#include "bindings.h"
#include "cli/program.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::python {
namespace {

/// Raises the class of tv2onnx._errors that belongs to the code.
void raise(const Error& error) {
  const ErrorParts& parts = error.parts();
  nb::dict fields;
  fields["code"] = std::string(error.code().name());
  fields["message"] = error.what();
  fields["found"] = parts.found;
  fields["file"] = parts.where.file;
  fields["item"] = parts.where.item;
  fields["expected"] = parts.expected;
  fields["details"] = parts.details;
  fields["hint"] = parts.hint;
  const nb::object exception = nb::module_::import_("tv2onnx._errors").attr("error_of")(fields);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
}

int run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  const int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  const nb::gil_scoped_release released;
  return cli::run_program(count, arguments.data());
}

nb::dict explain(const std::string& code) {
  nb::dict row;
  const ErrorCodeRow* found = find_error_code(code);
  if (found == nullptr) throw nb::key_error(code.c_str());
  row["code"] = code;
  row["title"] = std::string(found->title);
  row["explanation"] = std::string(found->explanation);
  return row;
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const Model& model : models()) names.push_back(model.name);
  return names;
}

}  // namespace
}  // namespace tv2onnx::python

NB_MODULE(_core, module) {
  using namespace tv2onnx::python;  // NOLINT: the module is what this namespace has
  module.doc() = "The library under the package tv2onnx; use that.";
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const tv2onnx::Error& error) {
      raise(error);
    }
  });
  module.attr("version") = TV2ONNX_VERSION;
  module.def("run_program", &run, nb::arg("words"), "Runs a command; gives its exit code.");
  module.def("explain", &explain, nb::arg("code"), "The row of a code of errors and findings.");
  module.def("model_names", &model_names, "The architectures that can be exported.");
  module.def(
      "find_runtime",
      [](const std::string& library) {
        const auto [path, version] = tv2onnx::find_runtime(library);
        return nb::make_tuple(path, version);
      },
      nb::arg("library"), "Path and version of the ONNX Runtime that is used.");
  bind_checkpoint(module);
  bind_run(module);
  bind_tasks(module);
  bind_doctor(module);
  bind_measures(module);
}
