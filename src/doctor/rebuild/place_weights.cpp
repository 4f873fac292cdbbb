#include "doctor/rebuild/place_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "doctor/rebuild/asked_weights.h"
#include "doctor/rebuild/window_tables.h"

namespace tv2onnx::doctor {
namespace {

bool fits(const Shape& wanted, const Shape& found) {
  return std::ranges::equal(wanted, found, [](std::int64_t want, std::int64_t have) {
    return want == kAny || want == have;
  });
}

bool is_open(const Shape& wanted) {
  return std::ranges::find(wanted, kAny) != wanted.end();
}

/// A normalisation that does nothing but add.
LayerNorm shift_by(const std::optional<Tensor>& bias, const Shape& channels) {
  const auto all = [&](float value) {
    return make_tensor(channels, std::vector<float>(static_cast<std::size_t>(channels[0]), value));
  };
  return {"", all(1), bias ? *bias : all(0), 0, LayerNorm::Statistics{all(0), all(1)}, 0};
}

class Placement {
 public:
  Placement(const Model& row, NetworkParts& parts) : row_(row), parts_(parts) {
    known_.insert(parts.kept.begin(), parts.kept.end());
    for (Layer& layer : parts.layers) {
      if (layer.module.empty()) continue;
      know_layer(layer);
    }
  }

  PlacedWeights run() {
    PlacedWeights placed;
    AskedWeights asked = asked_by(row_, known_);
    while (asked.fits && !asked.complete() && fill(asked)) asked = asked_by(row_, known_);
    for (const Layer& layer : parts_.layers) {
      const bool has_place = asked.fits && !layer.module.empty() && is_asked(asked, layer);
      if (has_place) {
        ++placed.layers;
      } else {
        placed.left.push_back(
            fmt::format("  {} {}", printable(layer.node->label()), shape_text(layer.weight.shape)));
      }
    }
    const bool full = asked.fits && asked.complete();
    if (full) add_others(asked, placed.left);
    placed.complete = full && placed.left.empty();
    if (placed.complete) collect(asked, placed);
    return placed;
  }

 private:
  /// What beside layers has no place in a row that has all that it asks for.
  void add_others(const AskedWeights& asked, std::vector<std::string>& left) const {
    for (const LayerNorm& norm : parts_.norms) {
      if (norm.module.empty()) left.push_back("  a BatchNormalization without a name");
    }
    for (const auto& [key, tensor] : parts_.kept) {
      if (is_of_layer(key) && !asked.has(key)) left.push_back("  " + printable(key));
    }
  }

  /// The layer's weight is asked for, and so is its bias, or it is that of a normalisation.
  bool is_asked(const AskedWeights& asked, const Layer& layer) const {
    const auto found = std::ranges::find(asked.modules, layer.module, &AskedModule::path);
    if (found == asked.modules.end()) return false;
    const bool has_bias = std::ranges::any_of(
        found->weights, [](const AskedWeight& weight) { return weight.leaf.ends_with("bias"); });
    return !layer.bias || has_bias || folded_.contains(layer.module);
  }

  /// Fills in what can be told. Shapes behind one that was open are not known before the next
  /// build. False: nothing was.
  bool fill(const AskedWeights& asked) {
    bool progress = false;
    const AskedModule* before = nullptr;
    for (const AskedModule& module : asked.modules) {
      const bool open = std::ranges::any_of(module.weights, [](const AskedWeight& weight) {
        return weight.missing && is_open(weight.shape);
      });
      if (module.misses()) {
        const bool filled =
            module.find("running_mean") != nullptr ? fill_norm(module, before) : fill_layer(module);
        progress = progress || filled;
        if (open) return progress;
      }
      before = &module;
    }
    return progress;
  }

  /// The bias of a convolution may be that of a normalisation.
  void know_layer(Layer& layer) {
    known_.insert_or_assign(layer.module + ".weight", layer.weight);
    if (layer.bias && layer.node->op != "Conv") {
      known_.insert_or_assign(layer.module + ".bias", *layer.bias);
    }
    by_module_.emplace(layer.module, &layer);
  }

  void know(const AskedModule& module, std::string_view leaf, const Tensor& tensor) {
    known_.insert_or_assign(fmt::format("{}.{}", module.path, leaf), tensor);
  }

  /// \param before what is asked for in front of the normalisation
  bool fill_norm(const AskedModule& module, const AskedModule* before) {
    const Shape channels = module.find("running_mean")->shape;
    const auto layer = before != nullptr ? by_module_.find(before->path) : by_module_.end();
    LayerNorm norm;
    if (layer != by_module_.end() && layer->second->norm) {
      norm = *layer->second->norm;
    } else if (layer != by_module_.end() && layer->second->bias) {
      // Folded into the layer, which has its bias, unless that is the layer's own.
      const bool own = before->find("bias") != nullptr;
      folded_.insert(before->path);
      norm = shift_by(own ? std::nullopt : layer->second->bias, channels);
    } else {
      const auto next = std::ranges::find_if(parts_.norms, [&](const LayerNorm& one) {
        return one.module.empty() && fits(channels, one.weight.shape);
      });
      if (next == parts_.norms.end()) return false;
      next->module = module.path;
      norm = *next;
    }
    if (!norm.statistics || !fits(channels, norm.weight.shape)) return false;
    know(module, "weight", norm.weight);
    know(module, "bias", norm.bias);
    know(module, "running_mean", norm.statistics->mean);
    know(module, "running_var", norm.statistics->variance);
    eps_[module.path] = norm.eps;
    return true;
  }

  /// The layer of that name, or the next one without a name that has this shape.
  Layer* layer_for(const AskedModule& module, const Shape& shape) {
    if (const auto found = by_module_.find(module.path); found != by_module_.end()) {
      return fits(shape, found->second->weight.shape) ? found->second : nullptr;
    }
    const auto next = std::ranges::find_if(parts_.layers, [&](const Layer& layer) {
      return layer.module.empty() && fits(shape, layer.weight.shape);
    });
    if (next == parts_.layers.end()) return nullptr;
    next->module = module.path;
    know_layer(*next);
    return &*next;
  }

  bool fill_layer(const AskedModule& module) {
    bool filled = false;
    for (const AskedWeight& weight : module.weights) {
      if (!weight.missing) continue;
      const std::optional<Tensor> tensor = tensor_for(module, weight);
      if (!tensor) continue;
      known_.insert_or_assign(module.key(weight), *tensor);
      filled = true;
    }
    return filled;
  }

  std::optional<Tensor> tensor_for(const AskedModule& module, const AskedWeight& weight) {
    if (std::optional<Tensor> table = window_table(weight, parts_.loose)) return table;
    const bool matrix = weight.shape.size() >= 2 && weight.leaf.ends_with("weight");
    if (matrix) {
      const Layer* layer = layer_for(module, weight.shape);
      return layer != nullptr ? std::optional(layer->weight) : std::nullopt;
    }
    const auto layer = by_module_.find(module.path);
    if (layer != by_module_.end()) {
      const std::optional<Tensor>& bias = layer->second->bias;
      const bool of_layer =
          bias && weight.leaf.ends_with("bias") && fits(weight.shape, bias->shape);
      return of_layer ? bias : std::nullopt;
    }
    return loose(weight);
  }

  /// The next constant without a name that has this shape, and is multiplied if it is a weight.
  std::optional<Tensor> loose(const AskedWeight& weight) {
    const auto reads = [&](const LooseConstant& one) {
      if (weight.leaf == "weight") return one.op == "Mul" || one.op == "LayerNormalization";
      if (weight.leaf == "bias") return one.op == "Add" || one.op == "LayerNormalization";
      return true;
    };
    const auto next = std::ranges::find_if(parts_.loose, [&](const LooseConstant& one) {
      return reads(one) && fits(weight.shape, one.tensor.shape);
    });
    if (next == parts_.loose.end()) return std::nullopt;
    Tensor tensor = next->tensor;
    parts_.loose.erase(next);
    return tensor;
  }

  /// All that is asked for, and what the graph says about the layers.
  void collect(const AskedWeights& asked, PlacedWeights& placed) {
    for (const AskedModule& module : asked.modules) {
      for (const AskedWeight& weight : module.weights) {
        const std::string key = module.key(weight);
        placed.tensors.push_back({key, known_.find(key)->second});
      }
      ModuleInfo info{module.path, "", {}};
      if (const auto eps = eps_.find(module.path); eps != eps_.end()) {
        info.attributes.emplace_back("eps", Setting{eps->second});
      }
      const auto layer = by_module_.find(module.path);
      const OnnxAttribute* dilations =
          layer != by_module_.end() ? layer->second->node->find("dilations") : nullptr;
      if (dilations != nullptr && !dilations->ints.empty()) {
        info.attributes.emplace_back("dilation", Setting{dilations->ints.front()});
      }
      if (!info.attributes.empty()) placed.modules.push_back(std::move(info));
    }
  }

  const Model& row_;
  NetworkParts& parts_;
  KnownWeights known_;
  std::map<std::string, Layer*, std::less<>> by_module_;
  std::map<std::string, double, std::less<>> eps_;
  std::set<std::string> folded_;  ///< layers whose bias is that of a normalisation
};

}  // namespace

PlacedWeights place_weights(const Model& row, NetworkParts parts) {
  return Placement(row, parts).run();
}

}  // namespace tv2onnx::doctor
