// What is wrong with an ONNX file, and its repair.

#include "tv2onnx/doctor.h"
#include "bindings.h"

namespace tv2onnx::python {
namespace {

std::string diagnose_json(const std::string& path, const std::string& target, bool run,
                          const nb::object& progress) {
  return without_gil(
      [&](const CallControl& control) {
        const Diagnosis diagnosis = diagnose(path, {.target = target});
        if (!run) return to_json(diagnosis);
        const Trial trial = try_out(path, {}, control);
        return to_json(with_trial(diagnosis, trial), &trial);
      },
      progress);
}

std::string fix_json(const std::string& path, const std::string& out, const nb::dict& options,
                     const nb::object& progress) {
  const ExportOptions taken = export_options(options);
  FixOptions fixes{.overwrite = taken.write.overwrite};
  if (taken.build.input) fixes.input = *taken.build.input;
  if (options.contains("torchvision")) fixes.torchvision = taken.build.torchvision;
  return without_gil(
      [&](const CallControl& control) {
        fixes.control = control;
        return to_json(fix(path, out, fixes));
      },
      progress);
}

std::string rebuild_json(const std::string& path, const std::string& out, const nb::dict& options,
                         const nb::object& progress) {
  RebuildOptions rebuilding{.core = export_options(options)};
  if (options.contains("torchvision")) rebuilding.torchvision = rebuilding.core.build.torchvision;
  if (options.contains("unproven")) rebuilding.unproven = nb::cast<bool>(options["unproven"]);
  return without_gil(
      [&](const CallControl& control) {
        rebuilding.core.control = control;
        return to_json(rebuild(path, out, rebuilding), out);
      },
      progress);
}

}  // namespace

void bind_doctor(nb::module_& module) {
  module.def("diagnose_json", &diagnose_json, nb::arg("path"), nb::arg("target"), nb::arg("run"),
             nb::arg("progress").none());
  module.def("fix_json", &fix_json, nb::arg("path"), nb::arg("out"), nb::arg("options"),
             nb::arg("progress").none());
  module.def("rebuild_json", &rebuild_json, nb::arg("path"), nb::arg("out"), nb::arg("options"),
             nb::arg("progress").none());
  module.def(
      "explain_log_json", [](const std::string& log) { return to_json(explain_log(log)); },
      nb::arg("log"));
}

}  // namespace tv2onnx::python
