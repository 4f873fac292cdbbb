#include "nn/module_differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "checkpoint/identities.h"
#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

std::string_view parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view leaf_of(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

/// "the model" has an empty path.
std::string shown(std::string_view path) {
  return path.empty() ? "the model" : printable(path);
}

/// "roi_heads.box_coder"
std::string member(const std::string& path, std::string_view name) {
  return printable(path.empty() ? std::string(name) : fmt::format("{}.{}", path, name));
}

bool close(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

/// As same_meaning, but numbers may differ by what a library's logarithm rounds.
bool equal(const Setting& a, const Setting& b) {
  double x = 0;
  double y = 0;
  if (a.number(x) && b.number(y)) return close(x, y);
  if (a.list() != nullptr && b.list() != nullptr) {
    return std::ranges::equal(*a.list(), *b.list(), equal);
  }
  return same_meaning(a, b) ||
         (a.list() != nullptr && !a.list()->empty() &&
          std::ranges::all_of(*a.list(), [&](const Setting& part) { return equal(part, b); }));
}

bool is_number(const Setting& value) {
  double number = 0;
  return value.number(number);
}

/// What the graph takes over of a module as it is, without comparing.
bool is_taken_number(std::string_view attribute) {
  return attribute == "eps" || attribute == "num_groups" || attribute == "multiplier";
}

bool same_numbers(const NamedTensor& a, const NamedTensor& b) {
  return a.tensor.shape == b.tensor.shape && to_float(a.tensor) == to_float(b.tensor);
}

/// The attribute at a path that leads through objects, or null.
const Setting* attribute_at(const ModuleInfo& module, std::string_view path) {
  const Setting* found = module.find(path.substr(0, path.find('.')));
  while (found != nullptr && path.find('.') != std::string_view::npos) {
    path.remove_prefix(path.find('.') + 1);
    found = found->find(path.substr(0, path.find('.')));
  }
  return found;
}

class Comparison {
 public:
  Comparison(const Checkpoint& checkpoint, const LoadReport& load) : checkpoint_(checkpoint) {
    for (const ModuleInfo& module : checkpoint.modules) modules_[module.path] = &module;
    for (const ComputedModule& computed : load.computed) {
      add(computed.path, &computed);
      for (std::string_view path = computed.path; !path.empty();) {
        path = parent_of(path);
        add(path, nullptr);
      }
    }
  }

  std::vector<std::string> run() {
    for (const ModuleInfo& module : checkpoint_.modules) {
      const auto place = places_.find(module.path);
      if (place == places_.end()) {
        look_at_stranger(module);
      } else {
        compare(module, place->second);
      }
    }
    for (const auto& [path, place] : places_) {
      if (!modules_.contains(path) && modules_.contains(parent_of(path))) {
        report("{} is missing", shown(path));
      }
    }
    check_order();
    return std::move(found_);
  }

 private:
  /// A module that the graph has.
  struct Place {
    std::vector<const ComputedModule*> computed;  ///< none: it holds others
    std::size_t order = 0;                        ///< of the first use
  };

  void add(std::string_view path, const ComputedModule* computed) {
    const auto [entry, first] = places_.try_emplace(std::string(path));
    if (first) entry->second.order = places_.size();
    if (computed != nullptr) entry->second.computed.push_back(computed);
  }

  template <typename... Args>
  void report(fmt::format_string<Args...> format, Args&&... args) {
    std::string sentence = fmt::format(format, std::forward<Args>(args)...);
    if (seen_.insert(sentence).second) found_.push_back(std::move(sentence));
  }

  void compare(const ModuleInfo& module, const Place& place) {
    const bool holds = place.computed.empty();
    const ModuleKind kind = holds ? ModuleKind::kContainer : place.computed.front()->kind;
    for (const std::string& hook : module.hooks) {
      report("{} has the hook {}, which can change its result", shown(module.path),
             printable(hook));
    }
    for (const auto& [name, value] : module.attributes) {
      look_for_methods(module, kind, name, value);
      if (!holds && is_taken_number(name) && !is_number(value)) {
        report("{} is {}, which is no number", member(module.path, name),
               printable(to_json(value), 80));
      }
    }
    if (!is_of_kind(module.class_name, kind)) return report_class(module, kind, holds);
    for (const ComputedModule* computed : place.computed) compare_attributes(module, *computed);
  }

  /// Of the module, and of an object that it has for a part of its work.
  void look_for_methods(const ModuleInfo& module, ModuleKind kind, const std::string& name,
                        const Setting& value) {
    if (has_method(kind, name)) {
      report("{} is replaced on the object by {}", member(module.path, name),
             printable(to_json(value), 80));
    } else if (value.dict() != nullptr && name.find('.') == std::string::npos) {
      for (const auto& [inner, replaced] : *value.dict()) {
        const std::string place = fmt::format("{}.{}", name, inner);
        if (has_method(kind, place)) look_for_methods(module, kind, place, replaced);
      }
    }
  }

  void report_class(const ModuleInfo& module, ModuleKind kind, bool holds) {
    const std::string name = printable(module.class_name);
    if (!has_known_code(module.class_name)) {
      report("{} is {}; its code is not in the file", shown(module.path), name);
    } else {
      report("{} is {}, torchvision has {} there", shown(module.path), name,
             holds ? "nn.Sequential" : module_kind_name(kind));
    }
  }

  void compare_attributes(const ModuleInfo& module, const ComputedModule& computed) {
    for (const auto& [name, value] : computed.attributes) {
      const Setting* stated = attribute_at(module, name);
      // What an older release does not have, or what is set when the first image comes.
      if (stated == nullptr || stated->is_none() || equal(*stated, value)) continue;
      report("{} is {}, torchvision has {}", member(module.path, name),
             printable(to_json(*stated), 80), to_json(value));
    }
    const std::vector<NamedTensor>& tensors = computed.tensors;
    if (tensors.empty()) return;
    const std::string_view list = parent_of(tensors.front().name);
    const Setting* stated = module.find(list);
    if (stated == nullptr || stated->is_none()) return;  // made when the first image comes
    std::vector<NamedTensor> found = module.tensors;
    std::erase_if(found, [&](const NamedTensor& one) { return parent_of(one.name) != list; });
    if (std::ranges::equal(found, tensors, same_numbers)) return;
    report("{} are not those that its settings make", member(module.path, list));
  }

  /// A module that the graph does not have: does it run?
  void look_at_stranger(const ModuleInfo& module) {
    const auto parent = modules_.find(parent_of(module.path));
    if (module.path.empty() || parent == modules_.end()) return;
    const auto place = places_.find(parent->second->path);
    if (place == places_.end()) return;  // a part of another stranger
    const bool runs = runs_its_children(parent->second->class_name);
    const bool list = is_of_kind(parent->second->class_name, ModuleKind::kContainer);
    const bool optional = !place->second.computed.empty() &&
                          runs_if_there(place->second.computed.front()->kind, leaf_of(module.path));
    if (!runs && !list && !optional) return;  // the classes of torchvision run what they know
    if (does_nothing(module.class_name) && module.hooks.empty() &&
        module.find("forward") == nullptr) {
      return;
    }
    report("{} is {}, which runs there and is not in torchvision's model", shown(module.path),
           printable(module.class_name));
  }

  /// The children of a Sequential run in the order of the file.
  void check_order() {
    std::map<std::string_view, std::size_t> last;
    for (const ModuleInfo& module : checkpoint_.modules) {
      const auto place = places_.find(module.path);
      const auto parent = modules_.find(parent_of(module.path));
      if (module.path.empty() || place == places_.end() || parent == modules_.end()) continue;
      if (!runs_its_children(parent->second->class_name)) continue;
      std::size_t& before = last[parent->first];
      if (place->second.order < before) {
        report("{} runs after modules that come later in torchvision's model", shown(module.path));
      }
      before = std::max(before, place->second.order);
    }
  }

  const Checkpoint& checkpoint_;
  std::unordered_map<std::string_view, const ModuleInfo*> modules_;
  std::map<std::string, Place, std::less<>> places_;
  std::vector<std::string> found_;
  std::unordered_set<std::string> seen_;  ///< heads run once for each map
};

}  // namespace

std::vector<std::string> module_differences(const Checkpoint& checkpoint, const LoadReport& load) {
  const ModuleInfo* root = checkpoint.module("");
  if (root == nullptr || root->class_name.empty()) return {};  // nothing says what the modules are
  return Comparison(checkpoint, load).run();
}

}  // namespace tv2onnx
