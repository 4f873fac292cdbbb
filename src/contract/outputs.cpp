#include "contract/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "contract/output_names.h"

namespace tv2onnx {
namespace {

using Form = DetectionOutputs::Form;
using Index = std::optional<std::size_t>;
using Filter = std::function<bool(const PortInfo&)>;

bool is_integer(const PortInfo& port) {
  return port.dtype == DType::kInt64 || port.dtype == DType::kInt32;
}

/// Integers or floats of this rank.
Filter integers(std::size_t rank) {
  return [rank](const PortInfo& port) { return is_integer(port) && port.shape.size() == rank; };
}
Filter floats(std::size_t rank) {
  return
      [rank](const PortInfo& port) { return is_floating(port.dtype) && port.shape.size() == rank; };
}

/// Floats of this rank whose last dimension is `last`.
Filter float_rows(std::size_t rank, std::int64_t last) {
  return [rank, last](const PortInfo& port) {
    return floats(rank)(port) && port.shape.back() == last;
  };
}

/// Masks [..., 1, height, width]; the single channel may be left open.
Filter masks_behind(std::size_t rank) {
  return [rank](const PortInfo& port) {
    return floats(rank + 3)(port) && (port.shape[rank] == 1 || port.shape[rank] < 0);
  };
}

/// The rows of both may be one for each detection: as many, or both left open.
bool same_rows(const PortInfo& a, const PortInfo& b, std::size_t axis) {
  const auto rows = [axis](const PortInfo& port) {
    return std::max<std::int64_t>(port.shape[axis], -1);
  };
  return rows(a) == rows(b);
}

class Finder {
 public:
  explicit Finder(const std::vector<PortInfo>& ports) : ports_(ports), named_(ports.size()) {
    const Index boxes = port_index(ports, "boxes");
    const auto rows = [&](std::size_t rank) {
      return boxes && (float_rows(rank, 4)(ports[*boxes]) || float_rows(rank, -1)(ports[*boxes]));
    };
    const bool batched = rows(3) || (!rows(2) && std::ranges::any_of(ports, float_rows(3, 4)));
    rank_ = batched ? 2 : 1;
    found_.outputs.form = batched ? Form::kBatched : Form::kFlat;
  }

  FoundOutputs run() {
    DetectionOutputs& outputs = found_.outputs;
    take_names();
    find_parts();
    find(boxes_, "boxes", box_filter());
    if (!outputs.keypoints) {
      outputs.keypoints_scores.reset();
    } else {
      const Filter scores = floats(rank_ + 1);
      find(outputs.keypoints_scores, "scores of the keypoints",
           [&](const PortInfo& port) { return scores(port) && index_of(port) != boxes_; });
    }
    if (outputs.form == Form::kBatched) {
      find(outputs.num_detections, "number of detections", integers(1));
    }
    find(labels_, "labels", integers(rank_));
    find(scores_, "scores", floats(rank_));
    refuse_repetition();
    if (!found_.doubt.empty()) {
      outputs = {};
      return std::move(found_);
    }
    outputs.boxes = *boxes_;
    outputs.labels = *labels_;
    outputs.scores = *scores_;
    return std::move(found_);
  }

 private:
  std::size_t index_of(const PortInfo& port) const {
    return static_cast<std::size_t>(&port - ports_.data());
  }

  /// An output with a name of its own keeps it.
  void take(Index& slot, std::string_view name, const Filter& fits) {
    const Index index = port_index(ports_, name);
    if (!index || !fits(ports_[*index])) return;
    slot = index;
    named_[*index] = true;
  }

  void take_names() {
    DetectionOutputs& outputs = found_.outputs;
    take(outputs.masks, "masks", masks_behind(rank_));
    take(outputs.keypoints, "keypoints", float_rows(rank_ + 2, 3));
    take(outputs.keypoints_scores, "keypoints_scores", floats(rank_ + 1));
    take(boxes_, "boxes", box_filter());
    take(labels_, "labels", integers(rank_));
    take(scores_, "scores", floats(rank_));
    if (outputs.form == Form::kBatched) {
      take(outputs.num_detections, "num_detections", integers(1));
    } else {
      take(outputs.batch_index, "batch_index", integers(1));
    }
  }

  std::vector<std::size_t> unnamed(const Filter& filter) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < ports_.size(); ++k) {
      if (!named_[k] && !is_others(k) && filter(ports_[k])) found.push_back(k);
    }
    return found;
  }

  /// Beside boxes, labels and scores with their names, what has another name has nothing to do with
  /// them, unless it may be masks or keypoints: values for each box.
  bool is_others(std::size_t k) const {
    const auto named = [&](const Index& slot) { return slot && named_[*slot]; };
    const PortInfo& port = ports_[k];
    if (!named(boxes_) || !named(labels_) || !named(scores_) || !is_own_name(port.name)) {
      return false;
    }
    const PortInfo& boxes = ports_[*boxes_];
    const std::size_t rank = port.shape.size();
    const bool planes = rank == rank_ + 3 && port.shape[rank_] != 1;
    return planes || rank <= rank_ || !same_rows(port, boxes, 0) ||
           !same_rows(port, boxes, rank_ - 1);
  }

  /// The one output that the filter lets pass, if there is no named one.
  void find(Index& slot, std::string_view role, const Filter& filter) {
    if (slot || !found_.doubt.empty()) return;
    const std::vector<std::size_t> found = unnamed(filter);
    if (found.size() == 1) {
      slot = found[0];
    } else if (found.empty()) {
      found_.doubt = fmt::format("no output can be the {}", role);
      found_.remedy = kReexport;
    } else {
      repeated(role, found.size());
    }
  }

  void repeated(std::string_view role, std::size_t count) {
    found_.doubt = fmt::format("{} outputs can be the {}", count, role);
    found_.remedy =
        "a file traced with several images repeats its outputs for each of them; trace it with "
        "one image, or use tv2onnx export";
  }

  /// What Mask and Keypoint R-CNN have besides.
  void find_parts() {
    DetectionOutputs& outputs = found_.outputs;
    if (!unnamed(masks_behind(rank_)).empty()) find(outputs.masks, "masks", masks_behind(rank_));
    const Filter keypoints = float_rows(rank_ + 2, 3);
    if (!unnamed(keypoints).empty()) find(outputs.keypoints, "keypoints", keypoints);
  }

  /// A last dimension that is left open counts only if no output says 4. The scores of four
  /// keypoints look the same; torchvision puts keypoints and then their scores behind the boxes.
  Filter box_filter() const {
    const bool stated = std::ranges::any_of(ports_, float_rows(rank_ + 1, 4));
    return [this, rows = float_rows(rank_ + 1, stated ? 4 : -1)](const PortInfo& port) {
      const Index& keypoints = found_.outputs.keypoints;
      return rows(port) && (!keypoints || named_[*keypoints] || index_of(port) < *keypoints);
    };
  }

  /// Names do not help where only the first image's outputs have them.
  void refuse_repetition() {
    if (!found_.doubt.empty()) return;
    const auto others = [&](const Filter& filter, const Index& own) {
      return std::ranges::count_if(unnamed(filter), [&](std::size_t k) { return k != own; });
    };
    const auto boxes = others(float_rows(rank_ + 1, 4), boxes_);
    if (boxes > 0 && others(integers(rank_), labels_) > 0 && others(floats(rank_), scores_) > 0) {
      repeated("boxes", static_cast<std::size_t>(boxes) + 1);
    }
  }

  const std::vector<PortInfo>& ports_;
  std::vector<bool> named_;
  std::size_t rank_ = 1;  ///< of labels and scores
  FoundOutputs found_;
  Index boxes_;
  Index labels_;
  Index scores_;
};

std::vector<std::size_t> indices(const std::vector<PortInfo>& ports, const Filter& filter) {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < ports.size(); ++k) {
    if (filter(ports[k])) found.push_back(k);
  }
  return found;
}

}  // namespace

std::optional<std::size_t> port_index(const std::vector<PortInfo>& ports, std::string_view name) {
  const auto port = std::ranges::find(ports, name, &PortInfo::name);
  if (port == ports.end()) return std::nullopt;
  return static_cast<std::size_t>(port - ports.begin());
}

FoundOutputs find_outputs(const std::vector<PortInfo>& ports) {
  return Finder(ports).run();
}

std::vector<DetectionOutputs> outputs_of_each_image(const std::vector<PortInfo>& outputs,
                                                    std::size_t images) {
  const std::vector<std::size_t> boxes = indices(outputs, float_rows(2, 4));
  const std::vector<std::size_t> labels = indices(outputs, integers(1));
  const std::vector<std::size_t> scores = indices(outputs, floats(1));
  const std::vector<std::size_t> masks = indices(outputs, floats(4));
  const std::vector<std::size_t> keypoints = indices(outputs, floats(3));
  const std::vector<std::size_t> values =
      indices(outputs, [](const PortInfo& port) { return floats(2)(port) && port.shape[1] != 4; });
  std::vector<DetectionOutputs> all;
  if (boxes.size() != images || labels.size() != images || scores.size() != images) return all;
  for (std::size_t k = 0; k < images; ++k) {
    DetectionOutputs& one = all.emplace_back();
    one = {.form = Form::kFlat, .boxes = boxes[k], .labels = labels[k], .scores = scores[k]};
    if (k < masks.size()) one.masks = masks[k];
    if (k >= keypoints.size() || k >= values.size()) continue;
    one.keypoints = keypoints[k];
    one.keypoints_scores = values[k];
  }
  return all;
}

}  // namespace tv2onnx
