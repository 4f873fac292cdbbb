#include "contract/class_output.h"

#include <set>
#include <string>
#include <string_view>

namespace tv2onnx {

OutputMode find_class_output(const View& view) {
  static const std::set<std::string_view> neutral{"Identity", "Reshape",   "Flatten",
                                                  "Squeeze",  "Unsqueeze", "Cast"};
  constexpr int kSteps = 8;  // a file may have rings
  std::string value = view.model().graph.outputs.front().name;
  for (int step = 0; step < kSteps; ++step) {
    const OnnxNode* node = view.producer(value);
    if (node == nullptr) break;
    if (node->op == "Softmax") return OutputMode::kProbabilities;
    if (!neutral.contains(node->op)) break;
    value = node->input(0);
  }
  return OutputMode::kLogits;
}

}  // namespace tv2onnx
