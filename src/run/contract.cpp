// What goes into a detector file and what its outputs mean. Names prove nothing: torch.onnx.export
// numbers outputs or lets users name them, and the families of torchvision differ in their order
// (R-CNN: boxes, labels, scores; one-stage models: boxes, scores, labels). So files of tv2onnx are
// taken at the word of their metadata, all others are judged by types and shapes.

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {
namespace {

using Input = DetectorContract::Input;
using Output = DetectorContract::Output;
using Ports = std::vector<PortInfo>;

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

[[noreturn]] void fail(const Session& session, std::string found, std::string hint) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> details;
  for (const PortInfo& port : session.inputs()) details.push_back("input     " + port_text(port));
  const Ports& outputs = session.outputs();
  for (std::size_t k = 0; k < std::min(outputs.size(), kShown); ++k) {
    details.push_back("output    " + port_text(outputs[k]));
  }
  if (outputs.size() > kShown) {
    details.push_back(fmt::format("output    ... and {} more", outputs.size() - kShown));
  }
  throw Error(
      {.code = "R007",
       .found = std::move(found),
       .where = {.file = session.file()},
       .expected =
           "input float32 [3,h,w] or [batch,3,h,w], or uint8 [batch,h,w,3]; outputs "
           "boxes float [n,4], labels int64 [n], scores float [n] in any order, of some models "
           "masks float [n,1,h,w] or keypoints float [n,k,3] with their scores float [n,k]",
       .details = std::move(details),
       .hint = std::move(hint)});
}

constexpr const char* kReexport =
    "give a file of tv2onnx export, or of torch.onnx.export of a torchvision detector";

/// True if dimension `axis` is `number` or left open.
bool fits(const PortInfo& port, std::size_t axis, std::int64_t number) {
  return port.shape[axis] == number || port.shape[axis] < 0;
}

/// The length of an axis that holds channels; 0 if it cannot. Files without metadata must be for
/// RGB images, as nothing says what other channels mean.
std::int64_t channels_of(const PortInfo& port, std::size_t axis, bool any) {
  constexpr std::int64_t kColours = 3;
  const std::int64_t length = port.shape[axis];
  if (length < 0) return kColours;
  return any || length == kColours ? length : 0;
}

void read_input(const Session& session, DetectorContract& contract, bool any_channels) {
  if (session.inputs().size() != 1) {
    fail(session, fmt::format("a model with {} inputs", session.inputs().size()), "");
  }
  const PortInfo& port = session.inputs()[0];
  const std::size_t rank = port.shape.size();
  const bool ranked = rank == 3 || rank == 4;
  const std::size_t first = rank == 4 ? 1 : 0;  // axis behind the batch
  const auto size = [&](std::size_t axis) { return port.shape[first + axis]; };
  const bool bytes = port.dtype == DType::kUInt8;
  const std::int64_t batch = rank == 4 ? port.shape[0] : 1;
  const std::int64_t channels =
      ranked ? channels_of(port, bytes ? first + 2 : first, any_channels) : 0;
  if (channels > 0 && (port.dtype == DType::kFloat32 || port.dtype == DType::kFloat16)) {
    contract.input = Input::kFloatUnit;
    contract.size = {batch, channels, size(1), size(2)};
  } else if (channels > 0 && bytes) {
    contract.input = Input::kUint8;
    contract.size = {batch, channels, size(0), size(1)};
  } else {
    fail(session, fmt::format("input '{}' is no RGB image", printable(port.name)), "");
  }
}

std::optional<std::size_t> index_of(const Ports& ports, std::string_view name) {
  const auto port = std::ranges::find(ports, name, &PortInfo::name);
  if (port == ports.end()) return std::nullopt;
  return static_cast<std::size_t>(port - ports.begin());
}

std::size_t named_output(const Session& session, std::string_view name) {
  if (const auto index = index_of(session.outputs(), name)) return *index;
  fail(session, fmt::format("the metadata promises output '{}', which is not there", name),
       "the file was edited after tv2onnx export; export it again");
}

std::vector<std::string> names_in(const Session& session, const std::string& json) {
  std::vector<std::string> names;
  const Setting list = parse_json(json);
  if (list.list() == nullptr) fail(session, "tv2onnx.class_names is not a list", kReexport);
  for (const Setting& name : *list.list()) {
    names.push_back(name.string() != nullptr ? *name.string() : to_json(name));
  }
  return names;
}

DetectorContract from_metadata(const Session& session) {
  const auto& metadata = session.metadata();
  const auto value = [&](const char* key) {
    const auto entry = metadata.find(key);
    return entry == metadata.end() ? std::string() : entry->second;
  };
  DetectorContract contract;
  contract.origin = "metadata of tv2onnx " + printable(value("tv2onnx.version"), 30);
  contract.architecture = value("tv2onnx.architecture");
  contract.bgr = value("tv2onnx.channel_order") == "bgr";
  contract.class_names = metadata.contains("tv2onnx.class_names")
                             ? names_in(session, value("tv2onnx.class_names"))
                             : std::vector<std::string>();
  read_input(session, contract, true);
  if ((contract.input == Input::kUint8) != (value("tv2onnx.input") == "uint8")) {
    fail(session,
         fmt::format("the metadata promises input '{}'", printable(value("tv2onnx.input"), 30)),
         "the file was edited after tv2onnx export; export it again");
  }
  if (value("tv2onnx.outputs") == "raw") {
    contract.output = Output::kRaw;
    contract.size[2] = contract.size[3] = -1;  // images are resized before
    return contract;
  }
  contract.boxes = named_output(session, "boxes");
  contract.labels = named_output(session, "labels");
  contract.scores = named_output(session, "scores");
  if (value("tv2onnx.outputs") == "flat") {
    contract.output = Output::kFlat;
    contract.batch_index = named_output(session, "batch_index");
  } else {
    contract.output = Output::kBatched;
    contract.num_detections = named_output(session, "num_detections");
  }
  contract.masks = index_of(session.outputs(), "masks");
  if (contract.masks) contract.masks_pasted = value("tv2onnx.masks") == "full";
  contract.keypoints = index_of(session.outputs(), "keypoints");
  if (contract.keypoints) contract.keypoints_scores = named_output(session, "keypoints_scores");
  return contract;
}

using Filter = std::function<bool(const PortInfo&)>;

/// The one output that the filter lets pass.
std::size_t find_output(const Session& session, const char* role, const Filter& filter) {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < session.outputs().size(); ++k) {
    if (filter(session.outputs()[k])) found.push_back(k);
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) fail(session, fmt::format("no output can be the {}", role), kReexport);
  fail(session, fmt::format("{} outputs can be the {}", found.size(), role),
       "a file traced with several images repeats its outputs for each of them; trace it with one "
       "image, or use tv2onnx export");
}

bool is_integer(const PortInfo& port) {
  return port.dtype == DType::kInt64 || port.dtype == DType::kInt32;
}

/// Floats of this rank whose last dimension is `last`.
Filter float_rows(std::size_t rank, std::int64_t last) {
  return [rank, last](const PortInfo& port) {
    return is_floating(port.dtype) && port.shape.size() == rank && port.shape.back() == last;
  };
}

/// The one output that the filter lets pass, if there is any.
std::optional<std::size_t> find_optional(const Session& session, const char* role,
                                         const Filter& filter) {
  if (std::ranges::none_of(session.outputs(), filter)) return std::nullopt;
  return find_output(session, role, filter);
}

/// A last dimension that is left open counts only if no output says 4. The scores of four keypoints
/// look the same; torchvision puts keypoints and then their scores behind the boxes.
std::size_t find_boxes(const Session& session, std::size_t rank,
                       std::optional<std::size_t> keypoints) {
  const Ports& outputs = session.outputs();
  const bool stated = std::ranges::any_of(outputs, float_rows(rank, 4));
  const Filter filter = float_rows(rank, stated ? 4 : -1);
  return find_output(session, "boxes", [&](const PortInfo& port) {
    const auto index = static_cast<std::size_t>(&port - outputs.data());
    return filter(port) && (!keypoints || index < *keypoints);
  });
}

/// What Mask and Keypoint R-CNN have besides. `rank` is that of the boxes.
void find_parts(const Session& session, std::size_t rank, DetectorContract& contract) {
  contract.masks = find_optional(session, "masks", [rank](const PortInfo& port) {
    return is_floating(port.dtype) && port.shape.size() == rank + 2 && fits(port, rank - 1, 1);
  });
  contract.keypoints = find_optional(session, "keypoints", float_rows(rank + 1, 3));
  contract.boxes = find_boxes(session, rank, contract.keypoints);
  if (!contract.keypoints) return;
  contract.keypoints_scores =
      find_output(session, "scores of the keypoints", [&](const PortInfo& port) {
        const auto index = static_cast<std::size_t>(&port - session.outputs().data());
        return is_floating(port.dtype) && port.shape.size() == rank && index != contract.boxes;
      });
}

DetectorContract from_types(const Session& session) {
  DetectorContract contract;
  contract.origin = "types and shapes of inputs and outputs";
  read_input(session, contract, false);
  const Ports& outputs = session.outputs();
  const bool batched = std::ranges::any_of(outputs, float_rows(3, 4));
  const std::size_t rank = batched ? 2 : 1;  // of labels and scores
  contract.output = batched ? Output::kBatched : Output::kFlat;
  if (batched) {
    contract.num_detections = find_output(
        session, "number of detections",
        [](const PortInfo& port) { return is_integer(port) && port.shape.size() == 1; });
  } else {
    contract.batch_index = index_of(outputs, "batch_index");
  }
  find_parts(session, rank + 1, contract);
  contract.labels = find_output(session, "labels", [rank](const PortInfo& port) {
    return is_integer(port) && port.shape.size() == rank && port.name != "batch_index";
  });
  contract.scores = find_output(session, "scores", [rank](const PortInfo& port) {
    return is_floating(port.dtype) && port.shape.size() == rank;
  });
  if (contract.size[0] > 1 && !batched && !contract.batch_index) {
    fail(session,
         fmt::format("the file takes {} images at once and does not say which image a "
                     "detection belongs to",
                     contract.size[0]),
         kReexport);
  }
  return contract;
}

}  // namespace

DetectorContract detector_contract(const Session& session) {
  return session.metadata().contains("tv2onnx.outputs") ? from_metadata(session)
                                                        : from_types(session);
}

}  // namespace tv2onnx
