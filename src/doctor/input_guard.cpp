#include "doctor/input_guard.h"

#include <algorithm>

#include "contract/image_input.h"
#include "onnx/schema.h"
#include "rewrite/edit.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr float kLargestOfUnitRange = 1.5F;  // as files of tv2onnx export --input auto
constexpr std::int64_t kAxesAsInput = 18;    // opset from which ReduceMax has them so

[[noreturn]] void refuse(std::string found, std::string hint) {
  throw Error({.code = "D113",
               .found = std::move(found),
               .where = {.item = "--input"},
               .expected = "a file that takes float images, RGB 0..1, channels first",
               .hint = std::move(hint)});
}

ImageInput guarded_input(const View& view) {
  const std::optional<ImageInput> contract = find_image_input(view);
  if (!contract) refuse("the file takes no image", "");
  const bool planes = contract->layout == Layout::kPlanes;
  const bool unit = contract->range == PixelRange::kUnit;
  if (contract->port.dtype == DType::kFloat32 && planes && unit) {
    return *contract;
  }
  refuse("the file takes " + text_of(*contract),
         contract->range == PixelRange::kUnknown
             ? "its caller normalises; tv2onnx doctor --rebuild moves that into the file"
             : "");
}

/// Puts nodes in front of the first one of the model.
class Front {
 public:
  explicit Front(const View& view) : view_(view), first_(&view.model().graph.nodes.front()) {}

  std::string add(std::string op, std::vector<std::string> inputs,
                  std::vector<OnnxAttribute> attributes = {}) const {
    return insert_before(view_, *first_, std::move(op), std::move(inputs), std::move(attributes));
  }
  std::string number(float value) const { return add_number(view_, "number", value); }

 private:
  const View& view_;
  const OnnxNode* first_;
};

/// uint8, channels last, divided in float32 as torchvision's to_tensor does it.
std::string from_bytes(const Front& front, const std::string& input, std::size_t rank) {
  std::vector<std::int64_t> order{2, 0, 1};
  if (rank == 4) order = {0, 3, 1, 2};
  const std::string planes = front.add("Transpose", {input}, {integers_attribute("perm", order)});
  const std::string floats =
      front.add("Cast", {planes}, {integer_attribute("to", schema::data_type(DType::kFloat32))});
  return front.add("Div", {floats, front.number(255)});
}

std::string of_either_range(const View& view, const Front& front, const std::string& input,
                            std::size_t rank) {
  std::vector<std::int64_t> axes{0, 1, 2};
  if (rank == 4) axes = {1, 2, 3};
  std::vector<std::string> inputs{input};
  std::vector<OnnxAttribute> attributes{integer_attribute("keepdims", 1)};
  if (view.model().opset() >= kAxesAsInput) {
    inputs.push_back(add_integers(view, "axes", axes));
  } else {
    attributes.push_back(integers_attribute("axes", axes));
  }
  const std::string largest = front.add("ReduceMax", std::move(inputs), std::move(attributes));
  const std::string wide = front.add("Greater", {largest, front.number(kLargestOfUnitRange)});
  const std::string divisor = front.add("Where", {wide, front.number(255), front.number(1)});
  return front.add("Div", {input, divisor});
}

/// float [batch, 3, height, width] becomes uint8 [batch, height, width, 3].
void declare_bytes(OnnxValueInfo& port) {
  port.data_type = schema::data_type(DType::kUInt8);
  std::vector<OnnxValueInfo::Dim>& dims = *port.dims;
  std::rotate(dims.end() - 3, dims.end() - 2, dims.end());
  port.source = {};
}

}  // namespace

void add_input_guard(OnnxModel& model, InputMode mode) {
  if (mode == InputMode::kFloat) return;
  const View view(model);
  const ImageInput image_input = guarded_input(view);
  const std::string input = image_input.port.name;
  const std::size_t rank = image_input.port.shape.size();
  const Front front(view);
  const std::string image = mode == InputMode::kUint8 ? from_bytes(front, input, rank)
                                                      : of_either_range(view, front, input, rank);
  replace_readers(view, input, image);  // of the view: the new nodes still read the input
  const auto port = std::ranges::find(model.graph.inputs, input, &OnnxValueInfo::name);
  if (mode == InputMode::kUint8) declare_bytes(*port);
}

}  // namespace tv2onnx::doctor
