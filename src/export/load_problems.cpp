#include "export/load_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kShownProblems =
    12;  // lines of each kind; `inspect --tensors` shows the rest

std::string wanted_text(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t dim : shape) {
    text += (text.size() > 1 ? "," : "") + (dim == kAny ? "?" : std::to_string(dim));
  }
  return text + "]";
}

std::string similar_to(const std::string& key, const std::vector<std::string_view>& candidates) {
  const std::string nearest = nearest_name(key, candidates);
  return nearest.empty() ? "" : fmt::format("      similar: {}", printable(nearest));
}

void append_limited(std::vector<std::string>& out, std::vector<std::string> lines) {
  const std::size_t shown = std::min(lines.size(), kShownProblems);
  out.insert(out.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown));
  if (lines.size() > shown) out.push_back(fmt::format("  ... and {} more", lines.size() - shown));
}

/// torch.nn.utils can turn its own hooks back into plain weights.
std::string way_out(const std::vector<std::string>& differences) {
  const auto has = [&](std::string_view hook) {
    return std::ranges::any_of(
        differences, [&](const std::string& line) { return line.find(hook) != std::string::npos; });
  };
  if (has("WeightNorm") || has("SpectralNorm")) {
    return "torch.nn.utils.remove_weight_norm(module) and remove_spectral_norm(module) make plain "
           "weights of these hooks; then save again";
  }
  return "Python can trace it: torch.onnx.export(model, [photo], 'traced.onnx', opset_version=17), "
         "then tv2onnx doctor traced.onnx --fix fixed.onnx; or, if these things change no result, "
         "--assume-torchvision";
}

struct Lines {
  std::vector<std::string> missing;
  std::vector<std::string> misshaped;
  std::vector<std::string> unused;
};

Lines lines_of(const LoadReport& report, const std::vector<std::string>& unused,
               const Checkpoint& checkpoint) {
  Lines lines;
  const std::vector<std::string_view> leftover(unused.begin(), unused.end());
  std::vector<std::string_view> missing;
  for (const LoadReport::Problem& problem : report.problems) {
    if (problem.found) {
      lines.misshaped.push_back(fmt::format("  mis-shaped  {} {}, found {}", problem.key,
                                            wanted_text(problem.expected),
                                            shape_text(*problem.found)));
      continue;
    }
    missing.push_back(problem.key);
    lines.missing.push_back(fmt::format("  missing     {} {}{}", problem.key,
                                        wanted_text(problem.expected),
                                        similar_to(problem.key, leftover)));
  }
  for (const std::string& key : unused) {
    lines.unused.push_back(fmt::format("  unused      {} {}{}", printable(key),
                                       shape_text(checkpoint.find(key)->shape),
                                       similar_to(key, missing)));
  }
  return lines;
}

/// What torch.nn.utils makes of a weight, and what makes a weight of it.
constexpr auto kSplitWeights = std::to_array<std::array<std::string_view, 2>>({
    {".weight_g", "torch.nn.utils.remove_weight_norm(module)"},
    {".weight_orig",
     "torch.nn.utils.remove_spectral_norm(module), or prune.remove(module, "
     "'weight')"},
    {".parametrizations.weight.original0",
     "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')"},
    {".parametrizations.weight.original",
     "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')"},
    {".lora_A.weight", "model.merge_and_unload() of peft"},
});

/// What explains what is missing and what is left over, or "".
std::string cause_of(const LoadReport& report, const std::vector<std::string>& unused) {
  std::size_t statistics = 0;
  std::size_t missing = 0;
  for (const LoadReport::Problem& problem : report.problems) {
    if (problem.found) continue;
    ++missing;
    if (problem.key.ends_with(".running_mean") || problem.key.ends_with(".running_var")) {
      ++statistics;
    }
  }
  if (missing > 0 && statistics == missing) {
    return "no running statistics of the normalisation: saved with parameters() only? Save "
           "model.state_dict()";
  }
  for (const auto& [end, remedy] : kSplitWeights) {
    for (const std::string& key : unused) {
      if (!key.ends_with(end)) continue;
      return fmt::format("{} is not a weight as it is; in Python, then save again: {}",
                         printable(key), remedy);
    }
  }
  return "";
}

}  // namespace

void require_plain_weights(const Checkpoint& checkpoint) {
  std::vector<std::string> made;
  for (const ModuleInfo& module : checkpoint.modules) {
    for (const std::string& hook : module.hooks) {
      if (!hook.ends_with("WeightNorm") && !hook.ends_with("SpectralNorm")) continue;
      made.push_back(fmt::format("{} has the hook {}, which makes its weight",
                                 printable(module.path), printable(hook)));
    }
  }
  require_same_modules(made, checkpoint);
}

void require_same_modules(const std::vector<std::string>& differences,
                          const Checkpoint& checkpoint) {
  if (differences.empty()) return;
  std::vector<std::string> details;
  append_limited(details, differences);
  throw Error({.code = "W005",
               .found = fmt::format("the module is not torchvision's: {} difference{}",
                                    differences.size(), differences.size() == 1 ? "" : "s"),
               .where = {.file = checkpoint.file},
               .expected = "on the way from the image to the result only modules of torchvision, "
                           "with its attributes",
               .details = std::move(details),
               .hint = way_out(differences)});
}

void require_clean(const LoadReport& report, const WeightSource& source,
                   const Checkpoint& checkpoint, const Model& model, const Recognition& guess) {
  const std::vector<std::string> unused = report.unused(source);
  if (report.problems.empty() && unused.empty()) return;
  Lines lines = lines_of(report, unused, checkpoint);
  std::string hint = fmt::format("all tensors of the file: tv2onnx inspect {} --tensors",
                                 shell_quoted(checkpoint.file));
  if (const std::string cause = cause_of(report, unused); !cause.empty()) {
    hint = cause;
  } else if (!guess.name.empty() && guess.model() != &model) {
    hint = fmt::format("the file looks like {}", guess.name);
  }
  std::string counts = fmt::format("{} missing, {} mis-shaped, {} unused", lines.missing.size(),
                                   lines.misshaped.size(), lines.unused.size());
  std::vector<std::string> details;
  append_limited(details, std::move(lines.missing));
  append_limited(details, std::move(lines.misshaped));
  append_limited(details, std::move(lines.unused));
  throw Error({.code = "W003",
               .found = fmt::format("the checkpoint does not fit {}: {}", model.name, counts),
               .where = {.file = checkpoint.file},
               .details = std::move(details),
               .hint = std::move(hint)});
}

}  // namespace tv2onnx
