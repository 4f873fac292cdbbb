#include "run/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::string port_text(const PortInfo& port) {
  std::string dims;
  for (std::size_t k = 0; k < port.shape.size(); ++k) {
    if (k > 0) dims += ",";
    const std::string& symbol = port.symbols[k];
    dims += port.shape[k] >= 0 ? std::to_string(port.shape[k])
                               : (symbol.empty() ? "?" : printable(symbol, 30));
  }
  return fmt::format("{} {} [{}]", printable(port.name, 40), dtype_name(port.dtype), dims);
}

struct TaskText {
  std::string_view inputs;  ///< of tv2onnx predict
  std::string_view ports;   ///< what a file must have to be understood
};

const TaskText& text_for(Task task) {
  static constexpr std::string_view kOurs = "a file as tv2onnx export writes it, with its metadata";
  static constexpr std::array<TaskText, 5> kTexts{
      // in the order of the enum
      {{"PHOTO",
        "input float32 [3,h,w] or [batch,3,h,w], or uint8 [batch,h,w,3]; outputs boxes float "
        "[n,4], labels int64 [n], scores float [n] in any order, of some models masks float "
        "[n,1,h,w] or keypoints float [n,k,3] with their scores float [n,k]"},
       {"PHOTO",
        "one input float32 [batch,3,h,w], or uint8 [batch,h,w,3]; one output float "
        "[batch,classes]"},
       {"PHOTO", kOurs},
       {"FOLDER_OF_FRAMES", kOurs},
       {"FIRST_PHOTO SECOND_PHOTO", kOurs}}};
  return kTexts[static_cast<std::size_t>(task)];
}

/// What a file takes and gives, one line each.
std::vector<std::string> ports_of(const Session& session) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> details;
  for (const PortInfo& port : session.inputs()) details.push_back("input     " + port_text(port));
  const std::vector<PortInfo>& outputs = session.outputs();
  for (std::size_t k = 0; k < std::min(outputs.size(), kShown); ++k) {
    details.push_back("output    " + port_text(outputs[k]));
  }
  if (outputs.size() > kShown) {
    details.push_back(fmt::format("output    ... and {} more", outputs.size() - kShown));
  }
  return details;
}

std::string axis_text(std::int64_t number) {
  return number < 0 ? "any" : std::to_string(number);
}

}  // namespace

void require_task(const Session& session, const Contract& contract, Task task) {
  if (contract.task == task) return;
  const std::string which = contract.architecture.empty()
                                ? ""
                                : fmt::format(" ({})", printable(contract.architecture, 60));
  throw Error({.code = "R007",
               .found = fmt::format("the file is a {}{}", model_noun(contract.task), which),
               .where = {.file = session.file()},
               .expected = fmt::format("a {}", model_noun(task)),
               .details = ports_of(session),
               .hint = fmt::format("tv2onnx predict {} {} runs it", shell_quoted(session.file()),
                                   text_for(contract.task).inputs)});
}

void require_images(const Tensor& images, std::int64_t channels, const std::string& file) {
  const bool known = images.dtype == DType::kUInt8 || images.dtype == DType::kFloat32;
  if (known && images.shape.size() == 4 && extent_of(images).channels == channels &&
      (images.shape[0] == 0 || images.size() > 0)) {
    return;
  }
  throw Error(
      {.code = "R006",
       .found = fmt::format("images of type {} and shape {}", dtype_name(images.dtype),
                            shape_text(images.shape)),
       .where = {.file = file},
       .expected = fmt::format(
           "uint8 [n,height,width,{0}] or float32 [n,{0},height,width], not empty", channels),
       .hint = channels == 3 ? ""
                             : fmt::format("the model was trained on images of {} channels, which "
                                           "photos do not have; give them as arrays",
                                           channels)});
}

void require_batch(std::int64_t images, const Contract& contract, const std::string& file) {
  const std::int64_t batch = contract.input.batch();
  if (batch <= 1 || batch == images) return;
  throw Error({.code = "R006",
               .found = fmt::format("{} images at once", images),
               .where = {.file = file},
               .expected = fmt::format("{}: the file was exported for this batch only", batch),
               .hint = "export the checkpoint with tv2onnx: its files take every batch"});
}

void require_size(const Extent& extent, const Contract& contract, const std::string& file) {
  const bool any =
      contract.outputs.form == DetectionOutputs::Form::kRaw;  // images are resized before
  const auto [height, width] = any ? ImageSize{-1, -1} : contract.input.size();
  const bool fits = (height < 0 || height == extent.height) && (width < 0 || width == extent.width);
  if (!fits) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("an image of height {} and width {}", extent.height, extent.width),
         .where = {.file = file},
         .expected = fmt::format("height {} and width {}: the file was exported for this "
                                 "size only",
                                 axis_text(height), axis_text(width)),
         .hint = "tv2onnx export writes a file for every size"});
  }
  require_batch(extent.batch, contract, file);
}

void refuse_unknown(const Session& session, const Contract& contract) {
  throw Error({.code = "R007",
               .found = contract.doubt,
               .where = {.file = session.file()},
               .expected = std::string(text_for(contract.task).ports),
               .details = ports_of(session),
               .hint = contract.remedy});
}

}  // namespace tv2onnx
