#include "tv2onnx/task.h"

#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

TEST(Task, EveryNameIsFoundAgain) {
  for (const Task task :
       {Task::kDetection, Task::kClassification, Task::kSegmentation, Task::kVideo, Task::kFlow}) {
    EXPECT_EQ(find_task(task_name(task)), task) << task_name(task);
  }
  EXPECT_EQ(task_name(Task::kFlow), "flow");
  EXPECT_EQ(find_task("Detection"), std::nullopt);
  EXPECT_EQ(find_task(""), std::nullopt);
}

}  // namespace
}  // namespace tv2onnx
