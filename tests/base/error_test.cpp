#include "tv2onnx/error.h"

#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

TEST(Error, PrintsOnlyWhatIsThere) {
  EXPECT_STREQ(Error({.code = "C002", .found = "the file ends early"}).what(),
               "error[C002]: the file ends early");
}

TEST(Error, PrintsEveryPartInOrder) {
  const Error error({.code = "W003",
                     .found = "2 missing",
                     .where = {.file = "pets.pth", .offset = 70, .item = "head.weight"},
                     .expected = "[7,1024]",
                     .details = {"missing  a", "missing  b"},
                     .hint = "tv2onnx inspect pets.pth"});
  EXPECT_STREQ(error.what(),
               "error[W003]: 2 missing\n"
               "  at        pets.pth, byte 70, head.weight\n"
               "  expected  [7,1024]\n"
               "  missing  a\n"
               "  missing  b\n"
               "  hint:     tv2onnx inspect pets.pth");
}

TEST(Error, LocationHasNoStrayCommas) {
  const auto location = [](Where where) {
    return std::string(Error({.code = "X001", .found = "f", .where = std::move(where)}).what());
  };
  EXPECT_EQ(location({.file = "a"}), "error[X001]: f\n  at        a");
  EXPECT_EQ(location({.offset = 0}), "error[X001]: f\n  at        byte 0");
  EXPECT_EQ(location({.item = "key"}), "error[X001]: f\n  at        key");
  EXPECT_EQ(location({.file = "a", .item = "key"}), "error[X001]: f\n  at        a, key");
}

TEST(Error, ExitCodeComesFromTheTable) {
  EXPECT_EQ(Error({.code = "U001", .found = "x"}).exit_code(), 2);
  EXPECT_EQ(Error({.code = "C001", .found = "x"}).exit_code(), 3);
  EXPECT_EQ(Error({.code = "R001", .found = "x"}).exit_code(), 4);
  EXPECT_EQ(Error({.code = "G001", .found = "x"}).exit_code(), 70);
}

TEST(Error, InFileKeepsAFileThatIsKnown) {
  const Error bare({.code = "C002", .found = "x", .where = {.offset = 3}});
  EXPECT_STREQ(bare.in_file("a.pth").what(), "error[C002]: x\n  at        a.pth, byte 3");
  EXPECT_EQ(bare.in_file("a.pth").in_file("b.pth").parts().where.file, "a.pth");
}

}  // namespace
}  // namespace tv2onnx
