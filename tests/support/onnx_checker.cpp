#include "support/onnx_checker.h"

#include "tv2onnx/onnx.h"

#ifdef TV2ONNX_HAVE_LIBONNX
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <fstream>
#endif

namespace tv2onnx::testing {

#ifdef TV2ONNX_HAVE_LIBONNX

bool onnx_checker_knows(int opset) {
  const auto& range = onnx::OpSchemaRegistry::DomainToVersionRange::Instance();
  return opset <= range.Map().at(onnx::ONNX_DOMAIN).second;
}

std::string check_with_onnx(const std::filesystem::path& path) {
  const OnnxSummary summary = read_onnx_summary(path);
  const auto opset = summary.opsets.find("");
  if (opset == summary.opsets.end()) return "the file imports no opset of ai.onnx";
  if (!onnx_checker_knows(static_cast<int>(opset->second))) return "";
  try {
    onnx::checker::check_model(path.string());
    onnx::ModelProto model;
    std::ifstream file(path, std::ios::binary);
    if (!model.ParseFromIstream(&file)) return "protobuf cannot parse the file";
    constexpr bool kCheckTypes = true;
    constexpr int kStopAtTheFirstError = 1;
    constexpr bool kPropagateData = true;
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                       {kCheckTypes, kStopAtTheFirstError, kPropagateData});
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return "";
}

#else

bool onnx_checker_knows(int) {
  return false;
}
std::string check_with_onnx(const std::filesystem::path&) {
  return "";
}

#endif

}  // namespace tv2onnx::testing
