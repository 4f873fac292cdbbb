#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace tv2onnx {
namespace {

/// What xxh128sum prints of it stands below.
std::string long_text() {
  std::string text(300'001, ' ');
  for (std::size_t k = 0; k < text.size(); ++k) text[k] = static_cast<char>(k * k % 251);
  return text;
}

TEST(Hash, IsThatOfXxhsum) {
  EXPECT_EQ(hash_digits(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash_digits(long_text()), "49eb3d20df4c858b6d187c54d33b1858");
}

TEST(Hash, PartsDoNotMatter) {
  const std::string text = long_text();
  for (const std::size_t part : {1U, 63U, 4096U, 65'537U}) {
    Hash hash;
    for (std::size_t k = 0; k < text.size(); k += part) hash.add(text.substr(k, part));
    EXPECT_EQ(hash.digits(), hash_digits(text)) << part;
  }
}

}  // namespace
}  // namespace tv2onnx
