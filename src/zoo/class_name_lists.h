#pragma once
// Names of the classes of torchvision's own weights.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/task.h"

namespace tv2onnx {

struct StandardNames {
  std::string_view data_set = {};  ///< "ImageNet"
  std::vector<std::string> names = {};
};

/// The categories of the data set that models of the task with so many classes were usually trained
/// on; none for another number.
StandardNames standard_class_names(Task task, std::int64_t classes);

}  // namespace tv2onnx
