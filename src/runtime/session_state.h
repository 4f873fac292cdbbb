#pragma once
// What a session keeps of ONNX Runtime, and what is asked of its C API: session.cpp makes sessions
// and runs them, session_ports.cpp reads what the model says of itself, session_tensors.cpp shows
// tensors to the runtime and its results to the caller.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/library.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// Owner of an object of the C API.
template <typename T>
using Handle = std::unique_ptr<T, void(ORT_API_CALL*)(T*)>;

/// Nothing for types that tensors here do not have.
std::optional<DType> our_type(ONNXTensorElementDataType type);

struct Session::State {
  static std::unique_ptr<State> make(const std::string& file, const SessionOptions& options);

  const Runtime& runtime;
  std::string file;
  bool denormals_as_zero = true;
  std::shared_ptr<OrtSession> session;
  std::shared_ptr<OrtMemoryInfo> memory;
  std::vector<PortInfo> inputs;
  std::vector<PortInfo> outputs;
  std::map<std::string, std::string> metadata;
  std::string producer;

  void check(OrtStatus* status, ErrorCode code, const std::string& found) const {
    runtime.check(status, code, found, file);
  }
  /// Makes the session with what `create` calls.
  using Create = std::function<OrtStatus*(const OrtSessionOptions*, OrtSession**)>;
  void open(const SessionOptions& options, const Create& create);
  void read_ports();
  PortInfo read_port(std::string name, const OrtTypeInfo* type, const char* kind) const;
  void read_metadata();
  std::string take_text(char* text) const;
  Handle<OrtValue> bind(const Tensor& tensor, const PortInfo& port, Tensor& kept) const;
  Tensor show(const std::shared_ptr<OrtValue>& value, const PortInfo& port) const;
};

}  // namespace tv2onnx
