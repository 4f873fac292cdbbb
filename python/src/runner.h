#pragma once
// What the classes that run a file have in common.

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>

#include "bindings.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::python {

/// Labels, scores, logits and features of an image or clip.
nb::dict arrays_of(const Classification& classes);

/// `source` is a path, or the file's bytes.
template <typename Runner>
Runner load(const nb::object& source, const std::string& library, int threads, bool spinning) {
  const SessionOptions options{.library = library, .threads = threads, .spinning = spinning};
  if (nb::isinstance<nb::bytes>(source)) {
    const nb::bytes bytes(source);
    const std::span<const std::byte> span{static_cast<const std::byte*>(bytes.data()),
                                          bytes.size()};
    return without_gil([&](const CallControl&) {
      Session session(span, "the file in memory", options);
      Contract contract = read_contract(session);
      return Runner(std::move(session), std::move(contract));
    });
  }
  const std::string path = nb::cast<std::string>(source);
  return without_gil([&](const CallControl&) { return Runner(path, options); });
}

template <typename Runner>
nb::class_<Runner> bind_runner(nb::module_& module, const char* name) {
  return nb::class_<Runner>(module, name)
      .def(
          "__init__",
          [](Runner* self, const nb::object& source, const std::string& library, int threads,
             bool spinning) {
            new (self) Runner(load<Runner>(source, library, threads, spinning));
          },
          nb::arg("source"), nb::arg("library"), nb::arg("threads"), nb::arg("spinning"))
      .def_prop_ro("class_names", [](const Runner& one) { return one.contract().class_names; })
      .def_prop_ro("architecture", [](const Runner& one) { return one.contract().architecture; })
      .def_prop_ro("input", [](const Runner& one) { return text_of(one.contract().input); })
      .def_prop_ro("metadata", [](const Runner& one) { return one.session().metadata(); })
      .def_prop_ro("only_comparable_size", [](const Runner& one) {
        const std::optional<ImageSize> size = only_comparable_size(one.contract());
        return size ? std::optional(std::pair((*size)[0], (*size)[1])) : std::nullopt;
      });
}

/// The report of comparing with `against`, as JSON.
template <typename Runner, typename Options>
std::string verify_json(const Runner& runner, const std::string& against, const std::string& images,
                        bool trust, const nb::dict& record_options, const nb::object& progress) {
  RecordOptions record;
  record.quick = true;
  record.trust = trust;
  if (!images.empty()) record.images = {images};
  if (record_options.contains("python")) {
    record.python = nb::cast<std::string>(record_options["python"]);
  }
  return without_gil(
      [&](const CallControl& control) {
        record.control = control;
        const Reference reference = reference_for(runner, against, record);
        Options options;
        options.control = control;
        return to_json(verify(runner, reference, options));
      },
      progress);
}

}  // namespace tv2onnx::python
