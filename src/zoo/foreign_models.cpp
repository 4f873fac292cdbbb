#include "zoo/foreign_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/text.h"
#include "zoo/foreign_signs.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kSaveFloat =
    "save the float model before it is quantised: torch.save(model.state_dict(), 'weights.pth')";

constexpr std::string_view kUnprepared =
    "load it with strict=False into a model that was not prepared, and save that one's "
    "state_dict(): the same weights, without the rounding that was simulated";

constexpr std::string_view kPacked = "_packed_params";
constexpr std::string_view kObserver = "activation_post_process";

struct QuantisedSign {
  std::string_view part;  ///< of a key
  std::string_view name;
  std::string_view way_out;
};
constexpr auto kQuantised = std::to_array<QuantisedSign>({
    {kObserver, "a model prepared for quantisation (prepare_qat or prepare)", kUnprepared},
    {"weight_fake_quant", "a model prepared for quantisation (prepare_qat or prepare)",
     kUnprepared},
    {kPacked, "a quantised model of torch.ao.quantization", kSaveFloat},
    {"quant_state.bitsandbytes", "a model quantised by bitsandbytes", kSaveFloat},
    {"qweight", "a model quantised by GPTQ or AWQ", kSaveFloat},
});

bool has_key(const Checkpoint& checkpoint, std::string_view sign) {
  return std::ranges::any_of(checkpoint.tensors, [&](const NamedTensor& tensor) {
    const std::string_view name = tensor.name;
    if (name.starts_with(sign)) return true;
    for (std::size_t at = name.find(sign); at != std::string_view::npos;
         at = name.find(sign, at + 1)) {
      if (at > 0 && name[at - 1] == '.') return true;
    }
    return false;
  });
}

/// The first name of a tensor, or of another value of the state dict, that has the text in it.
std::string name_with(const Checkpoint& checkpoint, std::string_view part) {
  const auto has = [&](const auto& name) { return name.find(part) != std::string::npos; };
  const auto tensor = std::ranges::find_if(checkpoint.tensors, has, &NamedTensor::name);
  if (tensor != checkpoint.tensors.end()) return tensor->name;
  const auto value = std::ranges::find_if(checkpoint.extras, has, &SettingMember::first);
  return value != checkpoint.extras.end() ? value->first : "";
}

ForeignModel first_sign(const Checkpoint& checkpoint, std::span<const ForeignSign> signs) {
  for (const ForeignSign& sign : signs) {
    std::vector<std::string_view> keys;
    for (const std::string_view key : sign.keys) {
      if (!key.empty()) keys.push_back(key);
    }
    if (!std::ranges::all_of(keys, [&](auto key) { return has_key(checkpoint, key); })) continue;
    return {.name = std::string(sign.name),
            .reason = fmt::format("has {}", fmt::join(keys, ", ")),
            .way_out = std::string(sign.way_out)};
  }
  return {};
}

}  // namespace

ForeignModel computed_weights(const Checkpoint& checkpoint) {
  return first_sign(checkpoint, computed_weight_signs());
}

ForeignModel foreign_by_keys(const Checkpoint& checkpoint) {
  return first_sign(checkpoint, foreign_key_signs());
}

ForeignModel foreign_by_classes(const Checkpoint& checkpoint) {
  for (const auto& [package, name, way_out] : foreign_packages()) {
    const auto used = std::ranges::find_if(checkpoint.globals, [&](const GlobalUse& global) {
      return global.name.starts_with(package);
    });
    if (used == checkpoint.globals.end()) continue;
    return {.name = std::string(name),
            .reason = fmt::format("refers to {}", printable(used->name)),
            .way_out = std::string(way_out)};
  }
  return {};
}

ForeignModel quantised_model(const Checkpoint& checkpoint) {
  for (const QuantisedSign& sign : kQuantised) {
    const std::string name = name_with(checkpoint, sign.part);
    if (name.empty()) continue;
    return {.name = std::string(sign.name),
            .reason = fmt::format("has {}", printable(name)),
            .way_out = std::string(sign.way_out),
            .converted = sign.part == kPacked || sign.part == kObserver};
  }
  return {};
}

}  // namespace tv2onnx
