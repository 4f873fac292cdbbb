#pragma once
// What the files of the extension share. Reports go to Python as the JSON that the program prints.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "tv2onnx/export.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/quantize.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::cli {
struct DetectorEvaluation;
}

namespace tv2onnx::python {

namespace nb = nanobind;

/// A numpy array that the library reads: of the host, in C order.
using ArrayIn = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

/// The array in place; valid as long as it is. \throws nb::type_error for types beyond uint8,
/// int64, float32 and float64.
Tensor tensor_of(const ArrayIn& array);
/// A numpy array that shares and keeps the tensor's bytes.
nb::object array_of(const Tensor& tensor);
nb::dict arrays_of(const NamedTensors& tensors);
NamedTensors tensors_of(const nb::dict& arrays);

nb::bytes bytes_of(std::span<const std::byte> bytes);

std::span<const std::byte> span_of(const nb::bytes& bytes);

/// What tv2onnx.export and rebuild take, by its names in Python.
ExportOptions export_options(const nb::dict& options);
/// What tv2onnx.quantize takes.
QuantizeOptions quantize_options(const nb::dict& options);
/// What tv2onnx.evaluate takes of detectors.
cli::DetectorEvaluation detector_evaluation(const nb::dict& options);
/// The option of that name; kFloat32: none.
Precision precision_of(const nb::dict& options);

/// Calls `work(control)` in a thread of its own, while other threads of Python run and this one
/// waits for it, or for Ctrl-C or an exception of `progress`, which end it. `progress` is called
/// with name, index and count of each step, here, in the thread of the caller; None: nobody is.
void run_without_gil(const std::function<void(const CallControl&)>& work, nb::object progress);

/// The same of work that has a result.
template <typename Work>
auto without_gil(Work work, nb::object progress = nb::none()) {
  std::optional<std::invoke_result_t<Work, const CallControl&>> result;
  run_without_gil([&](const CallControl& control) { result.emplace(work(control)); },
                  std::move(progress));
  return std::move(*result);
}

/// The file with its first inputs and outputs under these names. \throws Error U002.
nb::bytes with_names(const nb::bytes& file, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs);

void bind_checkpoint(nb::module_& module);
void bind_run(nb::module_& module);
void bind_tasks(nb::module_& module);
void bind_doctor(nb::module_& module);
void bind_measures(nb::module_& module);

}  // namespace tv2onnx::python
