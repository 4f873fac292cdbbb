#include "support/onnx_checker.h"

#include "tv2onnx/onnx.h"

#ifdef TV2ONNX_HAVE_LIBONNX
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#endif

namespace tv2onnx::testing {

#ifdef TV2ONNX_HAVE_LIBONNX

bool onnx_checker_knows(int opset) {
  const auto& range = onnx::OpSchemaRegistry::DomainToVersionRange::Instance();
  return opset <= range.Map().at(onnx::ONNX_DOMAIN).second;
}

namespace {

/// \throws std::exception what onnx has to say against it.
onnx::ModelProto inferred(const std::filesystem::path& path) {
  onnx::ModelProto model;
  std::ifstream file(path, std::ios::binary);
  if (!model.ParseFromIstream(&file)) throw std::runtime_error("protobuf cannot parse the file");
  constexpr bool kCheckTypes = true;
  constexpr int kStopAtTheFirstError = 1;
  constexpr bool kPropagateData = true;
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                     {kCheckTypes, kStopAtTheFirstError, kPropagateData});
  return model;
}

bool is_fixed(const onnx::TypeProto& type) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return false;
  for (const auto& dim : type.tensor_type().shape().dim()) {
    if (!dim.has_dim_value()) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> values_without_fixed_shape(const std::filesystem::path& path) {
  const onnx::ModelProto model = inferred(path);
  std::map<std::string, bool> fixed;
  for (const auto& value : model.graph().value_info()) fixed[value.name()] = is_fixed(value.type());
  for (const auto& value : model.graph().output()) fixed[value.name()] = is_fixed(value.type());
  std::vector<std::string> names;
  for (const auto& node : model.graph().node()) {
    for (const std::string& name : node.output()) {
      if (!fixed[name]) names.push_back(name);
    }
  }
  return names;
}

std::string check_with_onnx(const std::filesystem::path& path) {
  const OnnxSummary summary = read_onnx_summary(path);
  const auto opset = summary.opsets.find("");
  if (opset == summary.opsets.end()) return "the file imports no opset of ai.onnx";
  if (!onnx_checker_knows(static_cast<int>(opset->second))) return "";
  try {
    onnx::checker::check_model(path.string());
    inferred(path);
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return "";
}

std::optional<std::pair<int, int>> least_arity(const std::string& op, int opset) {
  const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(op, opset, onnx::ONNX_DOMAIN);
  if (schema == nullptr || !onnx_checker_knows(opset)) return std::nullopt;
  return std::pair{schema->min_input(), schema->min_output()};
}

#else

std::optional<std::pair<int, int>> least_arity(const std::string&, int) {
  return std::nullopt;
}
bool onnx_checker_knows(int) {
  return false;
}
std::string check_with_onnx(const std::filesystem::path&) {
  return "";
}
std::vector<std::string> values_without_fixed_shape(const std::filesystem::path&) {
  return {};
}

#endif

}  // namespace tv2onnx::testing
