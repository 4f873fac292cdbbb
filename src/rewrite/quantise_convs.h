#pragma once
// Convolutions in 8 bits, in the form that runtimes know: every value that an 8-bit kernel makes or
// takes goes through QuantizeLinear and DequantizeLinear, whose ranges were measured before.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rewrite/quantise_numbers.h"
#include "rewrite/view.h"

namespace tv2onnx {

/// A value that gets a pair of QuantizeLinear and DequantizeLinear.
struct QuantisedValue {
  std::string value;
  std::string range_of;  ///< whose range: its own, or that of what it was pooled or resized from
  /// Made in 8 bits: all readers read behind the pair. Otherwise only the convolutions do.
  bool made = false;
};

/// What is between a convolution and the next kernel: the value behind its Relu, if that alone
/// reads it.
std::string quantised_result(const View& view, const OnnxNode& conv);

/// The values of the convolutions with these names, and of the sums, pooling and enlarging between
/// them, in the order of the graph.
std::vector<QuantisedValue> quantised_values(const View& view, const std::set<std::string>& convs);

/// Puts the pairs in, and 8-bit weights with one scale per channel. A weight that several
/// convolutions share is stored once, its bias once for each of them, as the scale of their inputs
/// differs. \param most of quantise_weight()
void quantise_convs(OnnxModel& model, const std::set<std::string>& convs,
                    const std::map<std::string, ValueRange>& ranges, int most);

}  // namespace tv2onnx
