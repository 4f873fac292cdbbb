#pragma once
/// \file
/// ONNX Runtime through its C API, loaded when first used, and comparison of results.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/port.h"
#include "tv2onnx/tensor.h"

namespace TV2ONNX_API tv2onnx {

/// By the names that ONNX Runtime documents: "device_id" is "0".
using ProviderOptions = std::map<std::string, std::string>;

struct SessionOptions {
  std::string library;            ///< path of libonnxruntime; empty: search (see find_runtime)
  int threads = 0;                ///< intra-op threads; 0: ONNX Runtime's default
  bool denormals_as_zero = true;  ///< session.set_denormal_as_zero
  bool optimize = true;           ///< false: graph optimisations off
  /// What computes: one of provider_names(); empty: the CPU. What it cannot compute, the CPU does.
  std::string provider = {};
  ProviderOptions provider_options = {};
  /// Threads that wait for each other within a run keep their cores busy: a little faster where
  /// nothing else wants them, much slower where something does (docs/benchmarks.md).
  bool spinning = true;
};

/// Loads the library: `library`, else $TV2ONNX_ORT (each a file or a folder; one that is named but
/// does not load is an error), else what lies beside the program or shared object that has this
/// library or in `lib/tv2onnx` of its installation (in a build tree: what scripts/setup fetched),
/// else the system's. Returns its path and version.
/// \throws Error R001 (none found: says where it looked), R004 (too old).
std::pair<std::string, std::string> find_runtime(const std::string& library);

/// The names of SessionOptions::provider.
std::vector<std::string> provider_names();
/// What a library (as find_runtime finds it) was built with, as ONNX Runtime calls it:
/// "CPUExecutionProvider". \throws Error as find_runtime.
std::vector<std::string> available_providers(const std::string& library);

/// A loaded model. Movable; run() may be called from several threads.
class Session {
 public:
  /// \throws Error R001 or R004 (no runtime), R009 (no such provider), C001 (the file cannot be
  /// read), R002 (the runtime refuses the model; its message is kept), R005 (a port that is not a
  /// numeric tensor).
  Session(const std::filesystem::path& model, const SessionOptions& options);
  /// Of an ONNX file in memory, whose bytes are not needed afterwards; `name` stands for it in
  /// errors. \throws Error as above, O001 or O002 (no ONNX file, or a damaged one), R008 (weights
  /// that lie in other files).
  Session(std::span<const std::byte> model, const std::string& name, const SessionOptions& options);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  const std::vector<PortInfo>& inputs() const;
  const std::vector<PortInfo>& outputs() const;
  /// metadata_props of the model.
  const std::map<std::string, std::string>& metadata() const;
  std::string_view producer() const;
  const std::string& file() const;

  /// Runs the model on one tensor per input, in the order of inputs(). Results are in the order of
  /// outputs() and own their bytes. Contiguous aligned inputs are used in place; float32 for a
  /// float16 input is rounded. \throws Error R003 (the runtime's message), R006 (number, types).
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace TV2ONNX_API tv2onnx
