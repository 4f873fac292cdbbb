#pragma once
// What the files of the extension share. Reports go to Python as the JSON that the program prints.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "tv2onnx/export.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/tensor.h"

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

/// What tv2onnx.export and rebuild take, by its names in Python.
ExportOptions export_options(const nb::dict& options);

/// Steps that one thread begins and another one tells a function of Python.
class Steps {
 public:
  /// `tell`: called with name, index and count of each step; None: nobody is told.
  explicit Steps(nb::object tell) : tell_(std::move(tell)) {}

  /// For the thread that works.
  std::function<void(const Step&)> collector() {
    if (tell_.is_none()) return {};
    return [this](const Step& step) {
      const std::scoped_lock lock(mutex_);
      begun_.push_back({std::string(step.name), step.index, step.count});
    };
  }
  /// In the thread that holds the GIL. \throws nb::python_error of the function.
  void tell() {
    std::vector<Begun> begun;
    {
      const std::scoped_lock lock(mutex_);
      begun.swap(begun_);
    }
    for (const Begun& step : begun) tell_(step.name, step.index, step.count);
  }

 private:
  struct Begun {
    std::string name;
    std::size_t index;
    std::size_t count;
  };
  nb::object tell_;
  std::mutex mutex_;
  std::vector<Begun> begun_;
};

/// Calls `work(control)` in a thread of its own, while other threads of Python run and this one
/// waits for it, or for Ctrl-C or an exception of `progress`, which end it. `progress` is called
/// here, in the thread of the caller.
template <typename Work>
auto without_gil(Work work, nb::object progress = nb::none()) {
  using Result = std::invoke_result_t<Work, const CallControl&>;
  std::stop_source stop;
  Steps steps(std::move(progress));
  const CallControl control{.progress = steps.collector(), .cancel = stop.get_token()};
  std::future<Result> future =
      std::async(std::launch::async, [&work, &control] { return work(control); });
  const auto is_ready = [&future](std::chrono::milliseconds time) {
    const nb::gil_scoped_release released;
    return future.wait_for(time) == std::future_status::ready;
  };
  try {
    while (!is_ready(std::chrono::milliseconds(50))) {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      steps.tell();
    }
    steps.tell();
  } catch (...) {
    stop.request_stop();
    while (!is_ready(std::chrono::seconds(1))) {
    }
    throw;
  }
  return future.get();
}

/// The file with its first inputs and outputs under these names. \throws Error U002.
nb::bytes with_names(const nb::bytes& file, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs);

void bind_checkpoint(nb::module_& module);
void bind_run(nb::module_& module);
void bind_tasks(nb::module_& module);
void bind_doctor(nb::module_& module);

}  // namespace tv2onnx::python
