#pragma once
/// \file
/// Writing graphs as ONNX files, and reading what an ONNX file declares.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/graph.h"

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

/// Writes a graph that check() finds sound. Weights are streamed from where they lie; the file is
/// has no name until it is complete. The same graph gives the same bytes.
/// \throws Error O003, O004 (output), G001 (the graph is not sound: a bug of the caller).
WriteReport write_onnx(const Graph& graph, const std::filesystem::path& path,
                       const WriteOptions& options);

/// The same bytes in memory. \throws Error G001, O003 (the model must have external data).
std::vector<std::byte> write_onnx(const Graph& graph, const WriteOptions& options);

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
  std::vector<OnnxValue> inputs;  ///< without those that are initialisers
  std::vector<OnnxValue> outputs;
  std::vector<OnnxValue> initializers;
  /// Operator to number of nodes, with those of nested graphs; `com.microsoft.Gelu` is one of
  /// another domain.
  std::map<std::string, std::size_t> operators;
  std::uint64_t file_size = 0;
};

/// Reads an ONNX file of any producer; weights beside it need not be there.
/// \throws Error C001 (cannot be read), C002 (empty), O001 (no ONNX file), O002 (damaged).
OnnxSummary read_onnx_summary(const std::filesystem::path& path);

}  // namespace TV2ONNX_API tv2onnx
