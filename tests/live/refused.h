#pragma once
// Whole modules that are no model of torchvision's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <span>
#include <string>

#include "support/errors.h"
#include "tv2onnx/export.h"

namespace tv2onnx::testing {

struct Refused {
  const char* name;      ///< the file, without ".pth"
  const char* sentence;  ///< what the message says of it
};

/// Each is refused with the module that differs.
inline void expect_refused(std::span<const Refused> rows, const std::filesystem::path& folder) {
  for (const Refused& row : rows) {
    const Checkpoint module = open_checkpoint(folder / (row.name + std::string(".pth")));
    EXPECT_THAT(message_of([&] { export_to_memory(module, {}); }),
                ::testing::AllOf(::testing::HasSubstr("W005"), ::testing::HasSubstr(row.sentence)))
        << row.name;
  }
}

}  // namespace tv2onnx::testing
