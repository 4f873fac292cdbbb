#pragma once
// What the shapes of a model follow from: numbers in the file, the size of the images, or what is
// found in them. Runtimes that plan their memory beforehand need the first, or at least the second.

#include <string>
#include <string_view>
#include <unordered_map>

#include "rewrite/view.h"

namespace tv2onnx {

/// What a shape or a number follows from. Of several it is the last.
enum class Origin {
  kNumbers,  ///< the file alone
  kSize,     ///< shapes of inputs
  kList,     ///< how many NonMaxSuppression selects; of shapes only, see below
  kContent,  ///< elements of inputs
};

/// Propagated from the inputs through all nodes. What cannot be told apart counts as the later one:
/// a shape is one thing here, not one for each axis.
class ShapeOrigins {
 public:
  explicit ShapeOrigins(const View& view);

  /// Of the value's shape. A list of NonMaxSuppression is kList, and so is what is picked with it,
  /// element by element; where something else works on as many rows, it is kContent.
  Origin shape(std::string_view value) const;
  /// Of the value's elements.
  Origin elements(std::string_view value) const;
  /// What the node brings into the shape of its result that the shapes of its inputs do not have.
  /// kList: it carries the list of NonMaxSuppression on.
  Origin begins(const OnnxNode& node) const;

 private:
  struct Known {
    Origin shape = Origin::kNumbers;
    Origin elements = Origin::kNumbers;
  };
  void add_inputs(const View& view, const OnnxGraph& graph);
  Known of(std::string_view value) const;
  Known inherited(const View& view, const OnnxNode& node) const;
  Origin decided(const OnnxNode& node) const;
  Known result_of(const View& view, const OnnxNode& node);

  std::unordered_map<std::string_view, Known> values_;
  std::unordered_map<const OnnxNode*, Origin> begins_;
};

}  // namespace tv2onnx
