#include "doctor/rebuild/network_equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/text.h"
#include "doctor/rebuild/shown_images.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

// Of how much the image changes the result. Two float32 runs of the deepest networks differ by some
// 3e-5 of that, most by 3e-6; an eps that is taken for another one shows as 4e-4.
constexpr double kNetworkTolerance = 1e-4;
// Usual sizes of traced images first, then odd ones.
constexpr auto kNetworkSizes = std::to_array<ImageSize>(
    {{224, 224}, {192, 160}, {97, 130}, {256, 256}, {128, 136}, {299, 299}, {384, 384}, {64, 64}});
// RAFT, the one network of two images, takes multiples of 8 from 128 on.
constexpr auto kPairSizes = std::to_array<ImageSize>(
    {{224, 224}, {192, 160}, {128, 136}, {256, 256}, {136, 200}, {384, 384}});
constexpr std::size_t kEnough = 3;  // sizes that were compared
// Times the contrast of a drawn scene. At the first the deepest attention may be so sensitive that
// rounding alone is more than the tolerance.
constexpr auto kGlaring = std::to_array<float>({256, 64, 16});
const float kHairsbreadth = 1 + std::ldexp(1.0F, -20);

using Numbers = std::vector<std::vector<float>>;

/// What a network makes of two images, as one list of numbers for each.
struct Answers {
  Numbers first;
  Numbers second;
  std::string failure;
};

Numbers run(const Session& session, const Shown& shown, const std::vector<PortInfo>& ports) {
  std::vector<Tensor> inputs;
  for (std::size_t k = 0; k < ports.size(); ++k) {
    inputs.push_back(drawn(ports[k], {shown.size, shown.scene + k, shown.contrast}));
  }
  Numbers answers;
  for (const Tensor& output : session.run(inputs)) answers.push_back(to_float(output));
  return answers;
}

/// With probabilities also their logarithms: where one class is certain, nothing else of the
/// logits shows.
Numbers with_logarithms(Numbers answers) {
  constexpr double kRounding = 1e-3;
  constexpr float kSmallest = 1e-30F;
  const std::vector<float> values = answers.empty() ? std::vector<float>() : answers.front();
  const bool shares = std::ranges::all_of(values, [](float p) { return p >= 0 && p <= 1; });
  if (!shares || !(std::abs(std::reduce(values.begin(), values.end(), 0.0) - 1) < kRounding)) {
    return answers;
  }
  std::vector<float>& logarithms = answers.emplace_back();
  for (const float p : values) logarithms.push_back(std::log(std::max(p, kSmallest)));
  return answers;
}

Answers answers_of(const Session& session, const ImageSize& size,
                   const std::vector<PortInfo>& ports) {
  try {
    return {with_logarithms(run(session, {size, 0}, ports)),
            with_logarithms(run(session, {size, 1}, ports)), ""};
  } catch (const Error& error) {
    if (error.code() != "R003" && error.code() != "R006") throw;
    const ErrorParts& parts = error.parts();
    return {{}, {}, parts.details.empty() ? parts.found : parts.details.back()};
  }
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : HUGE_VAL;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    const double difference = std::abs(static_cast<double>(a[k]) - b[k]);
    largest = difference >= 0 ? std::max(largest, difference) : HUGE_VAL;  // not a number
  }
  return largest;
}

struct Distance {
  double difference = 0;  ///< between the files
  double response = 0;    ///< between the images
  bool equal() const {
    return std::isfinite(response) && response > 0 && difference <= kNetworkTolerance * response;
  }
};

/// Of the outputs that both have, the one that is furthest apart.
Distance distance_of(const Answers& was, const Answers& is) {
  Distance worst{0, HUGE_VAL};
  const std::size_t outputs = std::min(was.first.size(), is.first.size());
  for (std::size_t k = 0; k < outputs; ++k) {
    const Distance one{std::max(largest_difference(was.first[k], is.first[k]),
                                largest_difference(was.second[k], is.second[k])),
                       largest_difference(was.first[k], was.second[k])};
    if (k == 0 || one.difference * worst.response > worst.difference * one.response) worst = one;
  }
  return worst;
}

/// What contrast changes of the outputs of an image; infinity where numbers are none.
std::vector<double> responses(const Answers& was, const Numbers& glaring) {
  std::vector<double> all;
  for (std::size_t k = 0; k < glaring.size(); ++k) {
    all.push_back(std::max(largest_difference(was.first[k], glaring[k]),
                           largest_difference(was.first[k], was.second[k])));
  }
  return all;
}

/// Whether an output differs by more than this share of its response.
bool any_beyond(const Numbers& a, const Numbers& b, const std::vector<double>& response,
                double share) {
  for (std::size_t k = 0; k < std::min(a.size(), response.size()); ++k) {
    if (k >= b.size()) return true;
    if (std::isfinite(response[k]) && largest_difference(a[k], b[k]) > share * response[k]) {
      return true;
    }
  }
  return false;
}

/// A limit that no drawn scene reaches, such as ReLU6's in the place of a ReLU, shows where all
/// numbers are far larger. Where they are none, nothing is said; after a LayerNorm they are as
/// ever. Returns the contrast that shows a difference, at the first one where the original itself
/// hardly changes with a change of the image that is as small as rounding; 0: none.
float differing_contrast(const Session& foreign, const Session& rebuilt, const ImageSize& size,
                         const std::vector<PortInfo>& ports, const Answers& was) {
  for (const float contrast : kGlaring) {
    const Numbers glaring = run(foreign, {size, 0, contrast}, ports);
    const std::vector<double> response = responses(was, glaring);
    const Numbers moved = run(foreign, {size, 0, contrast * kHairsbreadth}, ports);
    if (any_beyond(glaring, moved, response, kNetworkTolerance / 8)) continue;
    const Numbers is = run(rebuilt, {size, 0, contrast}, ports);
    return any_beyond(glaring, is, response, kNetworkTolerance) ? contrast : 0;
  }
  return 0;
}

std::string range_text(const Answers& answers) {
  if (!answers.failure.empty()) return "fails: " + printable(answers.failure, 60);
  if (answers.first.empty() || answers.first.front().empty()) return "no numbers";
  const auto [low, high] = std::ranges::minmax(answers.first.front());
  return fmt::format("{:.4g} to {:.4g}", low, high);
}

std::string verdict_on(const Distance& distance) {
  if (!(distance.response > 0)) return "says nothing: two images give the same numbers";
  if (!std::isfinite(distance.response)) return "says nothing: not all results are numbers";
  return fmt::format("{}, {:.1e} of the difference between two images",
                     distance.equal() ? "same" : "differs",
                     distance.difference / distance.response);
}

ProofRow row_of(const ImageSize& size, const Answers& was, const Answers& is, float contrast) {
  ProofRow row;
  row.input = fmt::format("drawn {}x{}", size[0], size[1]);
  row.before = range_text(was);
  row.after = range_text(is);
  row.failure = is.failure;
  if (!was.failure.empty()) {
    row.verdict = is.failure.empty() ? "fixed" : "not compared";
  } else if (!is.failure.empty()) {
    row.verdict = "fails";
  } else if (contrast > 0) {
    row.verdict = fmt::format("differs with {} times the contrast", contrast);
  } else {
    row.verdict = verdict_on(distance_of(was, is));
  }
  return row;
}

[[noreturn]] void refuse(const NetworkEquality& equality) {
  std::vector<std::string> details;
  for (const ProofRow& row : equality.rows) {
    details.push_back(
        fmt::format("  {}: {}; {}; {}", row.input, row.before, row.after, row.verdict));
  }
  throw Error({.code = "D112",
               .found = "the rebuilt file does not give the numbers that the original gives",
               .details = std::move(details),
               .hint = "the layers stand in another order than in torchvision, something is "
                       "between them that no weight shows, or the network is untrained and its "
                       "images change nothing; export from the checkpoint with tv2onnx export"});
}

/// Height and width, if the input takes no others.
std::optional<ImageSize> only_size_of(const PortInfo& input) {
  const std::size_t rank = input.shape.size();
  if (rank < 4 || input.shape[rank - 2] < 0 || input.shape[rank - 1] < 0) return std::nullopt;
  return ImageSize{input.shape[rank - 2], input.shape[rank - 1]};
}

std::vector<ImageSize> sizes_for(const std::vector<PortInfo>& foreign,
                                 const std::vector<PortInfo>& rebuilt) {
  if (const auto only = only_size_of(foreign.front())) return {*only};
  if (const auto only = only_size_of(rebuilt.front())) return {*only};
  if (rebuilt.size() > 1) return {kPairSizes.begin(), kPairSizes.end()};
  return {kNetworkSizes.begin(), kNetworkSizes.end()};
}

}  // namespace

NetworkEquality require_equal_networks(const Session* foreign, const Session& rebuilt, bool bound,
                                       const CallControl& control) {
  // What both are given, in the shape that the foreign one takes.
  const std::vector<PortInfo>& ports = foreign != nullptr ? foreign->inputs() : rebuilt.inputs();
  require_images(ports);
  require_images(rebuilt.inputs());
  NetworkEquality equality;
  std::size_t equal = 0;
  bool refused = false;
  const std::vector<ImageSize> sizes = sizes_for(ports, rebuilt.inputs());
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    const ImageSize& size = sizes[k];
    if (equality.compared >= kEnough && equal > 0) break;
    begin_step(control, {fmt::format("{}x{}", size[0], size[1]), k, sizes.size()});
    // Once is enough. RAFT computes each flow from the one before, and rounding grows with it.
    const bool glaring = equal == 0 && ports.size() == 1;
    const Answers was = foreign != nullptr ? answers_of(*foreign, size, ports)
                                           : Answers{{}, {}, "it cannot be loaded"};
    const Answers is = answers_of(rebuilt, size, ports);
    const bool both = was.failure.empty() && is.failure.empty();
    const bool alike = both && distance_of(was, is).equal();
    const float contrast =
        alike && glaring ? differing_contrast(*foreign, rebuilt, size, ports, was) : 0;
    const bool same = alike && contrast == 0;
    ProofRow row = row_of(size, was, is, contrast);
    if (both) ++equality.compared;
    if (same) ++equal;
    refused = refused || (was.failure.empty() && !same);
    if (both && !same && bound) row.verdict = "differs: the original has its traced size built in";
    equality.rows.push_back(std::move(row));
  }
  if (equality.compared > 0 && (equal == 0 || (refused && !bound))) refuse(equality);
  return equality;
}

}  // namespace tv2onnx::doctor
