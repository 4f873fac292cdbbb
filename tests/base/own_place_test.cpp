#include "base/own_place.h"

#include <gtest/gtest.h>

#include "support/files.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

TEST(OwnPlace, IsTheFolderOfTheProgram) {
  EXPECT_EQ(own_folder(), fs::read_symlink("/proc/self/exe").parent_path());
}

TEST(OwnPlace, TheBuildTreeTellsItsCheckout) {
  EXPECT_TRUE(fs::equivalent(checkout_of(own_folder()), TV2ONNX_SOURCE_DIR));
  EXPECT_TRUE(fs::exists(script_place("record_reference.py")));
}

TEST(OwnPlace, ElsewhereThereIsNoCheckout) {
  const testing::TemporaryFolder folder;
  fs::create_directories(folder / "lib/a");
  EXPECT_EQ(checkout_of(folder / "lib/a"), "");
  testing::write_file(folder / "CMakeCache.txt", "other_SOURCE_DIR:STATIC=/somewhere\n");
  EXPECT_EQ(checkout_of(folder / "lib/a"), "");
  testing::write_file(folder / "CMakeCache.txt", "tv2onnx_SOURCE_DIR:STATIC=/somewhere\n");
  EXPECT_EQ(checkout_of(folder / "lib/a"), "/somewhere");
  EXPECT_EQ(checkout_of(""), "");
}

}  // namespace
}  // namespace tv2onnx
