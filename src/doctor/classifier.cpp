#include "doctor/classifier.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "onnx/schema.h"
#include "tv2onnx/contract.h"

namespace tv2onnx::doctor {
namespace {

constexpr int kSteps = 40;  // a file may have rings

const OnnxValueInfo* image_of(const View& view) {
  const auto& inputs = view.model().graph.inputs;
  const auto found = std::ranges::find_if(inputs, [&](const OnnxValueInfo& input) {
    return view.initializer(input.name) == nullptr && input.dims && input.dims->size() == 4;
  });
  return found != inputs.end() ? &*found : nullptr;
}

bool is_float(const OnnxValueInfo& value) {
  return value.data_type == schema::data_type(DType::kFloat32) ||
         value.data_type == schema::data_type(DType::kFloat16);
}

/// What passes pixels on; weights come behind.
const OnnxNode* reader_of_pixels(const View& view, std::string_view value) {
  static const std::set<std::string_view> questions{"Shape", "Size", "ReduceMax", "ReduceMin"};
  for (const View::Use& use : view.uses(value)) {
    if (use.input == 0 && !questions.contains(use.node->op)) return use.node;
  }
  return nullptr;
}

}  // namespace

bool is_classifier(const View& view) {
  if (const auto task = read_metadata(view.model().metadata).task) {
    return *task == Task::kClassification;
  }
  const OnnxGraph& graph = view.model().graph;
  if (graph.outputs.size() != 1 || image_of(view) == nullptr) return false;
  const OnnxValueInfo& output = graph.outputs.front();
  return is_float(output) && output.dims && output.dims->size() == 2 && (*output.dims)[1].value > 1;
}

std::vector<OnnxNode*> before_first_layer(const View& view) {
  static const std::set<std::string_view> layers{"Conv", "Gemm", "MatMul", "BatchNormalization"};
  std::vector<OnnxNode*> found;
  const OnnxValueInfo* image = image_of(view);
  std::string value = image != nullptr ? image->name : "";
  for (int step = 0; step < kSteps && !value.empty(); ++step) {
    const OnnxNode* reader = reader_of_pixels(view, value);
    if (reader == nullptr || layers.contains(reader->op) || reader->outputs.empty()) break;
    value = reader->output(0);
    found.push_back(view.producer(value));
  }
  return found;
}

std::vector<OnnxNode*> behind_last_layer(const View& view) {
  static const std::set<std::string_view> forms{"Identity",  "Reshape", "Flatten", "Squeeze",
                                                "Unsqueeze", "Cast",    "Softmax"};
  std::vector<OnnxNode*> found;
  std::string value = view.model().graph.outputs.front().name;
  for (int step = 0; step < kSteps; ++step) {
    OnnxNode* node = view.producer(value);
    if (node == nullptr || !forms.contains(node->op)) break;
    found.push_back(node);
    value = node->input(0);
  }
  return found;
}

bool feeds_linear(const View& view, const OnnxNode& node) {
  static const std::set<std::string_view> forms{"Flatten", "Reshape", "Squeeze", "Identity",
                                                "Dropout"};
  constexpr int kFormsBetween = 6;
  std::string value = node.output(0);
  for (int step = 0; step < kFormsBetween; ++step) {
    const std::vector<View::Use>& uses = view.uses(value);
    const auto next = std::ranges::find(uses, std::size_t{0}, &View::Use::input);
    if (next == uses.end()) return false;
    if (next->node->op == "Gemm" || next->node->op == "MatMul") return true;
    if (!forms.contains(next->node->op) || next->node->outputs.empty()) return false;
    value = next->node->output(0);
  }
  return false;
}

bool declares_any_batch(const View& view) {
  const OnnxValueInfo* image = image_of(view);
  return image != nullptr && (*image->dims)[0].value < 0;
}

bool declares_any_size(const View& view) {
  const OnnxValueInfo* image = image_of(view);
  if (image == nullptr) return false;
  const auto& dims = *image->dims;
  const bool pixels = dims[3].value == 3 && dims[1].value != 3;
  return dims[pixels ? 1 : 2].value < 0 || dims[pixels ? 2 : 3].value < 0;
}

}  // namespace tv2onnx::doctor
