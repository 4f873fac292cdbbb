#pragma once
/// \file
/// How ONNX files are written, and what one declares.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// The largest file that protobuf readers accept.
inline constexpr std::uint64_t kMaxProtobufBytes = (std::uint64_t{1} << 31) - 1;

struct WriteOptions {
  bool overwrite = false;
  bool external_data = false;  ///< weights go to `FILE.data` beside the model in any case
  /// A model that would be larger than this gets external data without being asked.
  std::uint64_t max_bytes = kMaxProtobufBytes;
};

struct WriteReport {
  std::uint64_t model_bytes = 0;
  std::uint64_t data_bytes = 0;  ///< size of the external data file, 0 if there is none
};

/// An input, output or initialiser of a model.
struct OnnxValue {
  std::string name;
  std::string type;               ///< "float", "int64", ... as in ONNX's text syntax
  std::vector<std::string> dims;  ///< numbers or symbols; "?" where the file says nothing
};

/// What an ONNX file declares, without its weights.
struct OnnxSummary {
  std::int64_t ir_version = 0;
  std::string producer;                        ///< "tv2onnx 0.1.0"
  std::map<std::string, std::int64_t> opsets;  ///< domain ("" is ai.onnx) to version
  std::map<std::string, std::string> metadata;
  std::string graph_name;
  std::vector<OnnxValue> inputs = {};  ///< without those that are initialisers
  std::vector<OnnxValue> outputs = {};
  std::vector<OnnxValue> initializers = {};
  /// Operator to number of nodes, with those of nested graphs; `com.microsoft.Gelu` is one of
  /// another domain.
  std::map<std::string, std::size_t> operators = {};
  std::uint64_t file_size = 0;
};

/// Reads an ONNX file of any producer; weights beside it need not be there.
/// \throws Error C001 (cannot be read), C002 (empty), O001 (no ONNX file), O002 (damaged).
OnnxSummary read_onnx_summary(const std::filesystem::path& path);

/// `initializers`: with the name, type and shape of each.
std::string to_json(const OnnxSummary& summary, std::string_view file, bool initializers);

}  // namespace TV2ONNX_API tv2onnx
