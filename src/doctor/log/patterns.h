#pragma once
// Messages of runtimes and exporters that have a known cause. One table per speaker; a row says how
// a message is recognised, what it means and what to do.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/error_code.h"

namespace tv2onnx::doctor {

/// How much a message tells; what tells more is shown first.
enum class Detail {
  kExact,    ///< its numbers or names leave one cause
  kKind,     ///< the kind of cause is known
  kGeneric,  ///< it says where, not why
  kHarmless  ///< nothing is wrong
};

/// Parts of a message: group 0 is what matched, then the groups of the expression, then what
/// `read` adds.
using Groups = std::vector<std::string>;

/// The code of what is no fault of the file.
inline constexpr ErrorCode kNoFault = {};

struct LogPattern {
  Detail detail = Detail::kKind;
  ErrorCode code;           ///< "D01", or kNoFault
  std::string_view needle;  ///< must be in the line; searched before `regex` because that is slow
  std::string_view regex;   ///< around the needle, may go on in the next lines; "": the needle does
  std::string_view cause;   ///< "{1}" is group 1
  std::string_view remedy;  ///< likewise
  std::string_view source;  ///< public address that shows the message or the rule behind it
  /// Computes from the groups; nullopt: the numbers say that it is something else.
  std::optional<Groups> (*read)(Groups groups) = nullptr;
};

struct LogTable {
  std::string_view speaker;
  std::span<const LogPattern> patterns;
};

/// All tables.
std::vector<LogTable> log_tables();

LogTable onnx_runtime_shape_patterns();
LogTable onnx_runtime_model_patterns();
LogTable onnx_runtime_setup_patterns();
LogTable onnx_runtime_web_patterns();
LogTable tensorrt_patterns();
LogTable openvino_patterns();
LogTable opencv_patterns();
LogTable triton_patterns();
LogTable torch_patterns();
LogTable torch_checkpoint_patterns();
LogTable torchvision_patterns();
LogTable torchscript_patterns();
LogTable onnx_patterns();
LogTable ncnn_patterns();
LogTable coreml_patterns();
LogTable compiler_patterns();

namespace remedy {
inline constexpr std::string_view kFix = "tv2onnx doctor MODEL.onnx --fix FIXED.onnx";
inline constexpr std::string_view kExport =
    "export from the checkpoint: tv2onnx export MODEL.pth -o NEW.onnx";
inline constexpr std::string_view kDoctor =
    "tv2onnx doctor MODEL.onnx --run names the place in the graph";
}  // namespace remedy

}  // namespace tv2onnx::doctor
