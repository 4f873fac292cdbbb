#include "checkpoint/unwrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/class_names.h"
#include "checkpoint/detector_prefixes.h"
#include "checkpoint/find_weights.h"
#include "checkpoint/globals.h"
#include "checkpoint/identities.h"
#include "checkpoint/modules.h"
#include "checkpoint/plain.h"
#include "checkpoint/quantised_tensor.h"
#include "checkpoint/tensor_spec.h"
#include "checkpoint/weights_at.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::string described_list(const PickleTree& tree, NodeId id) {
  std::size_t tensors = 0;
  tree.each(id, [&](NodeId item) { tensors += is_tensor(tree, item) ? 1 : 0; });
  if (tensors == 0 || tensors != tree[id].count) {
    return fmt::format("a list of {} values", tree[id].count);
  }
  return fmt::format("a list of {} tensors without names, as model.parameters() gives", tensors);
}

std::string described(const PickleTree& tree, NodeId id) {
  if (is_optimizer(tree, id)) return "the state of an optimizer, without weights";
  if (is_tensor(tree, id)) return "a single tensor";
  switch (tree[id].kind) {
    case NodeKind::kObject: return fmt::format("an object of class {}", tree.class_name(id));
    case NodeKind::kPersistent: return "a single storage or tensor";
    case NodeKind::kDict: {
      std::string keys;
      std::size_t left = 8;
      tree.each_member(id, [&](NodeId key, NodeId) {
        if (left == 0) return;
        const std::string key_name = fmt::format("'{}'", printable(key_text(tree, key), 40));
        keys += (keys.empty() ? "" : ", ") + (--left == 0 ? "..." : key_name);
      });
      if (keys.empty()) return "an empty dict";
      return fmt::format("a dict with the key{} {} and no weights",
                         keys.find("', '") == std::string::npos ? "" : "s", keys);
    }
    case NodeKind::kList:
    case NodeKind::kTuple: return described_list(tree, id);
    default: return "a single value";
  }
}

/// Weight and bias, if there is one, of a converted linear layer.
void add_packed(const PickleTree& tree, NodeId tuple, const Container& container,
                const std::string& name, Checkpoint& checkpoint) {
  int index = 0;
  tree.each(tuple, [&](NodeId part) {
    const std::string key = fmt::format("{}.{}", name, index++);
    if (is_tensor(tree, part)) read_weight(tree, part, container, key, checkpoint.tensors);
  });
}

/// A key without text (a tuple, None) is no name of a weight, and nobody could ask for it.
void add_state_dict(const PickleTree& tree, NodeId dict, const Container& container, Budget& budget,
                    Checkpoint& checkpoint) {
  each_weight(tree, dict, [&](NodeId key, NodeId value) {
    const std::string name = key_text(tree, key);
    budget.spend(sizeof(NamedTensor) + name.size());
    if (is_tensor(tree, value)) {
      read_weight(tree, value, container, name, checkpoint.tensors);
    } else if (name.ends_with("_packed_params") && tree.is(value, NodeKind::kTuple)) {
      add_packed(tree, value, container, name, checkpoint);
    } else {
      checkpoint.extras.emplace_back(name, to_setting(tree, value, budget));
    }
  });
  // An OrderedDict pickles its attributes, of which there is one.
  const NodeId metadata = tree.member(tree[dict].state, "_metadata");
  if (!tree.is(metadata, NodeKind::kDict)) return;
  Setting setting = to_setting(tree, metadata, budget);
  checkpoint.metadata = std::get<SettingDict>(std::move(setting.value));
}

/// What stands beside the weights.
class Extras {
 public:
  Extras(const PickleTree& tree, const std::vector<WeightsAt>& found, Budget& budget)
      : tree_(tree), found_(found), budget_(budget) {}

  /// The members of a dict on the way from the root to the weights, which are left out.
  SettingDict collect(NodeId dict, int depth = 0) const {
    SettingDict extras;
    if (!tree_.is(dict, NodeKind::kDict) || dict == found_.front().node) return extras;
    tree_.each_member(dict, [&](NodeId key, NodeId value) {
      if (value == found_.front().node) return;
      if (tree_.is(value, NodeKind::kDict)) budget_.look(tree_[value].count);
      budget_.spend(sizeof(SettingDict::value_type) + tree_.text_or_empty(key).size());
      extras.emplace_back(key_text(tree_, key), summary(value, depth));
    });
    return extras;
  }

 private:
  Setting summary(NodeId value, int depth) const {
    const auto other = std::ranges::find(found_, value, &WeightsAt::node);
    if (other != found_.end()) {
      return {fmt::format("<weights that were not taken: {}>", other->path)};
    }
    if (is_optimizer(tree_, value)) return {std::string("<the state of an optimizer>")};
    constexpr int kSearchedDepth = 4;  // deeper they are not searched for
    if (tree_.is(value, NodeKind::kDict) && depth < kSearchedDepth) {
      return {collect(value, depth + 1)};
    }
    return to_setting(tree_, value, budget_);
  }

  const PickleTree& tree_;
  const std::vector<WeightsAt>& found_;
  Budget& budget_;
};

bool has_numpy_arrays(const PickleTree& tree) {
  return std::ranges::any_of(tree.globals(), [](const PickleGlobal& global) {
    return global.module.starts_with("numpy") && global.name == "_reconstruct";
  });
}

[[noreturn]] void refuse_without_weights(const PickleTree& tree) {
  const bool numpy = has_numpy_arrays(tree);
  throw Error(
      {.code = "C010",
       .found = fmt::format("the file is {}{}", described(tree, tree.root),
                            numpy ? ", and numpy arrays where tensors should be" : ""),
       .expected = "a state dict, a dict that contains one, or a whole module",
       .hint = numpy ? "in Python: torch.save({k: torch.from_numpy(v) for k, v in weights.items()"
                       "}, 'weights.pth')"
                     : "in Python: torch.save(model.state_dict(), 'weights.pth')"});
}

/// What the caller asks for by its place, and the beginning of keys that is asked for below it.
std::string take_asked(std::vector<WeightsAt>& found, std::string_view asked) {
  const std::string_view place = asked.ends_with('.') ? asked.substr(0, asked.size() - 1) : asked;
  for (std::size_t k = 0; k < found.size(); ++k) {
    const std::string path = found[k].path;
    const bool whole = !path.empty() && place == path;
    if (!whole && (path.empty() || !asked.starts_with(path + "."))) continue;
    std::rotate(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k),
                found.begin() + static_cast<std::ptrdiff_t>(k) + 1);
    return whole ? "" : std::string(asked.substr(path.size() + 1));
  }
  return std::string(asked);
}

/// Puts what holds a detector first, and says what else does.
void prefer_detectors(const PickleTree& tree, std::vector<WeightsAt>& found, Budget& budget,
                      Checkpoint& checkpoint) {
  if (found.size() < 2) return;
  const auto others = std::ranges::stable_partition(found, [&](const WeightsAt& at) {
    return !detector_prefixes(weight_keys(tree, at, budget)).empty();
  });
  const std::span<const WeightsAt> detectors(found.begin(), others.begin());
  if (detectors.size() < 2) return;
  if (!detectors.front().is_usual) {
    for (const WeightsAt& at : detectors) checkpoint.choices.push_back(at.path);
    return;
  }
  for (const WeightsAt& at : detectors.subspan(1)) {
    checkpoint.notes.push_back(fmt::format("'{}' holds a detector, too; --prefix {} takes it",
                                           printable(at.path), shell_quoted(at.path)));
  }
}

void read_weights(const PickleTree& tree, const WeightsAt& weights, const Container& container,
                  Budget& budget, Checkpoint& checkpoint) {
  checkpoint.state_dict_path = place_text(weights);
  if (!weights.method.empty()) {
    checkpoint.notes.push_back(fmt::format(
        "the file is the method {} of a module, saved without calling it; the module is used",
        printable(weights.method)));
  }
  if (weights.is_module) {
    walk_module(tree, weights.node, container, budget, checkpoint);
    leave_out_identities(checkpoint);
  } else {
    add_state_dict(tree, weights.node, container, budget, checkpoint);
  }
  if (!checkpoint.tensors.empty()) return;
  throw Error(
      {.code = "C010",
       .found = fmt::format("the module {} has no parameters", tree.class_name(weights.node)),
       .hint = "in Python: torch.save(model.state_dict(), 'weights.pth')"});
}

}  // namespace

void unwrap(const PickleTree& tree, const Container& container, const OpenOptions& options,
            Checkpoint& checkpoint) {
  list_globals(tree, checkpoint);
  std::vector<WeightsAt> found = find_weights(tree);
  if (found.empty()) refuse_without_weights(tree);
  Budget budget(checkpoint.bytes().size());
  std::string asked = take_asked(found, options.prefix);
  if (options.prefix.empty()) prefer_detectors(tree, found, budget, checkpoint);
  checkpoint.extras = Extras(tree, found, budget).collect(tree.root);
  read_weights(tree, found.front(), container, budget, checkpoint);
  require_unique_names(checkpoint, "P001");
  const std::size_t places = checkpoint.choices.size();
  take_model(checkpoint, asked);
  if (places > 0) {
    checkpoint.choices.resize(places);  // first the place, then what is below it
  } else if (!found.front().is_usual && !found.front().path.empty()) {
    for (std::string& choice : checkpoint.choices) choice = found.front().path + "." + choice;
  }
  checkpoint.class_lists = find_class_names(checkpoint);
}

void list_globals(const PickleTree& tree, Checkpoint& checkpoint) {
  for (const PickleGlobal& global : tree.globals()) {
    checkpoint.globals.push_back(
        {.name = global.full(),
         .count = std::max(global.named, global.called),
         .would_run_code = !is_harmless_global(global.module, global.name)});
  }
  std::ranges::sort(checkpoint.globals, {}, &GlobalUse::name);
}

void require_unique_names(const Checkpoint& checkpoint, ErrorCode code) {
  std::vector<std::string_view> names;
  for (const NamedTensor& tensor : checkpoint.tensors) names.push_back(tensor.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return;
  throw Error({.code = code,
               .found = "two tensors have the same name",
               .where = {.file = {}, .offset = {}, .item = printable(*twice)}});
}

}  // namespace tv2onnx
