#include "onnx/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/errors.h"

namespace tv2onnx::wire {
namespace {

using ::testing::HasSubstr;
using tv2onnx::testing::code_of;
using tv2onnx::testing::error_of;

Reader reader_of(const std::string& bytes, std::uint64_t offset = 0) {
  return Reader(std::as_bytes(std::span(bytes)), offset);
}

std::vector<Field> fields_of(const std::string& bytes) {
  std::vector<Field> fields;
  Reader reader = reader_of(bytes);
  for (Field field; reader.next(field);) fields.push_back(field);
  return fields;
}

/// Numbers at and around every power of two, and random ones of every length.
std::vector<std::uint64_t> interesting_numbers() {
  std::vector<std::uint64_t> numbers{0};
  std::mt19937_64 random(1);
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    for (const std::uint64_t value : {power - 1, power, power + 1, random() >> bit}) {
      numbers.push_back(value);
    }
  }
  numbers.push_back(std::numeric_limits<std::uint64_t>::max());
  return numbers;
}

TEST(Wire, EncodesAsTheSpecificationShows) {
  std::string out;
  put_int(out, 1, 150);
  EXPECT_EQ(out, "\x08\x96\x01");
  out.clear();
  put_bytes(out, 2, "testing");
  EXPECT_EQ(out, "\x12\x07testing");
  out.clear();
  put_float(out, 2, 1.0F);
  EXPECT_EQ(out, std::string("\x15\x00\x00\x80\x3f", 5));
  out.clear();
  put_int(out, 1, -1);
  EXPECT_EQ(out, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Wire, ReadsBackEveryInteger) {
  for (const std::uint64_t number : interesting_numbers()) {
    for (const int field : {1, 15, 16, 2047, 2048, (1 << 29) - 1}) {
      std::string out;
      put_int(out, field, static_cast<std::int64_t>(number));
      const std::vector<Field> fields = fields_of(out);
      ASSERT_EQ(fields.size(), 1U);
      EXPECT_TRUE(fields[0].is_integer(field));
      EXPECT_FALSE(fields[0].is_bytes(field));
      EXPECT_EQ(fields[0].value, number);
    }
  }
}

TEST(Wire, ReadsBackFloatsBytesAndOrder) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    std::string out;
    std::vector<float> floats;
    std::vector<std::string> texts;
    for (int k = 0; k < 20; ++k) {
      floats.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
      texts.emplace_back(random() % 300, static_cast<char>(random()));
      put_float(out, 3, floats.back());
      put_bytes(out, 4, texts.back());
    }
    const std::vector<Field> fields = fields_of(out);
    ASSERT_EQ(fields.size(), 40U);
    for (std::size_t k = 0; k < 20; ++k) {
      EXPECT_EQ(fields[2 * k].value, std::bit_cast<std::uint32_t>(floats[k]));
      EXPECT_EQ(fields[2 * k + 1].text(), texts[k]);
    }
  }
}

TEST(Wire, InnerMessagesKeepTheOffsetInTheFile) {
  std::string inner;
  put_int(inner, 1, 7);
  std::string out;
  put_int(out, 9, 1);
  put_bytes(out, 2, inner);
  Reader reader = reader_of(out, 1000);
  Field field;
  ASSERT_TRUE(reader.next(field) && reader.next(field));
  Reader inside = reader.inside(field);
  EXPECT_EQ(inside.offset(), 1004U);
  ASSERT_TRUE(inside.next(field));
  EXPECT_EQ(inside.offset(), 1006U);
  EXPECT_TRUE(inside.at_end());
  EXPECT_FALSE(inside.next(field));
}

TEST(Wire, DamageIsAnErrorWithItsOffset) {
  const auto at = [](const std::string& bytes) {
    const auto error = error_of([&] { fields_of(bytes); });
    EXPECT_TRUE(error && error->code() == "O002") << bytes.size();
    return error ? error->parts().where.offset.value_or(9999) : 9999;
  };
  EXPECT_EQ(at("\x08"), 1U);  // no value
  EXPECT_EQ(at(std::string("\x08\x01\x12\x05"
                           "abc")),
            4U);                                // three bytes of five
  EXPECT_EQ(at("\x08\x01\x0b"), 2U);            // a group
  EXPECT_EQ(at("\x0d\x01\x02"), 1U);            // half a float
  EXPECT_EQ(at(std::string(11, '\xff')), 10U);  // a number without end
}

TEST(Wire, LengthsNearTheTopDoNotWrap) {
  std::string out;
  put_bytes_header(out, 1, std::numeric_limits<std::uint64_t>::max());
  const auto error = error_of([&] { fields_of(out); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("a field of 18446744073709551615 bytes where 0 are left"));
}

TEST(Wire, RandomBytesNeverReadPastTheEnd) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string code = code_of([&] { fields_of(bytes); });
    EXPECT_TRUE(code.empty() || code == "O002");
  }
}

}  // namespace
}  // namespace tv2onnx::wire
