// Long calls: the library works in a thread of its own, and Python goes on.

#include <chrono>
#include <future>
#include <mutex>
#include <stop_token>
#include <vector>

#include "bindings.h"

namespace tv2onnx::python {
namespace {

/// Steps that one thread begins and another one tells a function of Python.
class Steps {
 public:
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

bool is_ready(const std::future<void>& future, std::chrono::milliseconds time) {
  const nb::gil_scoped_release released;
  return future.wait_for(time) == std::future_status::ready;
}

}  // namespace

void run_without_gil(const std::function<void(const CallControl&)>& work, nb::object progress) {
  std::stop_source stop;
  Steps steps(std::move(progress));
  const CallControl control{.progress = steps.collector(), .cancel = stop.get_token()};
  std::future<void> future = std::async(std::launch::async, [&work, &control] { work(control); });
  try {
    while (!is_ready(future, std::chrono::milliseconds(50))) {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      steps.tell();
    }
    steps.tell();
  } catch (...) {
    stop.request_stop();
    while (!is_ready(future, std::chrono::seconds(1))) {
    }
    throw;
  }
  future.get();
}

}  // namespace tv2onnx::python
