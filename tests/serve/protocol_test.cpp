// Requests are written from the specification of the Open Inference Protocol;
// tests/scripts/serve_test.py has those that are refused.

#include "serve/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::string_literals;

std::string error_of(const std::string& body, std::optional<std::size_t> length = {}) {
  try {
    parse_infer(body, length);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Protocol, ReadsNumbersOfJsonFlatAndNested) {
  const InferRequest request = parse_infer(
      R"({"id":"a","inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,-2.5],[3e2,4]]},
      {"name":"y","datatype":"UINT8","data":[0,255],"shape":[2]},
      {"name":"z","datatype":"INT64","shape":[1],"data":[-9007199254740992]}],
      "outputs":[{"name":"o"},{"name":"p","parameters":{"binary_data":true}}]})",
      {});
  EXPECT_EQ(request.id, "a");
  ASSERT_EQ(request.inputs.size(), 3U);
  EXPECT_THAT(request.inputs[0].tensor.as<float>(), ElementsAre(1, -2.5F, 300, 4));
  EXPECT_THAT(request.inputs[0].tensor.shape, ElementsAre(2, 2));
  EXPECT_THAT(request.inputs[1].tensor.as<std::uint8_t>(), ElementsAre(0, 255));
  EXPECT_THAT(to_int64(request.inputs[2].tensor), ElementsAre(-9007199254740992));
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_FALSE(request.outputs[0].binary);
  EXPECT_TRUE(request.outputs[1].binary);
}

TEST(Protocol, ReadsBinaryTensorsInTheOrderOfTheInputs) {
  const std::string json =
      R"({"parameters":{"binary_data_output":true},"inputs":[
      {"name":"x","shape":[1,2],"datatype":"INT16","parameters":{"binary_data_size":4}},
      {"name":"n","shape":[1],"datatype":"FP64","data":[0.5]},
      {"name":"f","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}}]})";
  const std::string tail = "\x01\x00\xFF\xFF"s + "\x03\x00\x00\x00"s + "abc" + "\x00\x00\x00\x00"s;
  const InferRequest request = parse_infer(json + tail, json.size());
  EXPECT_TRUE(request.binary_outputs);
  EXPECT_THAT(to_int64(request.inputs[0].tensor), ElementsAre(1, -1));
  EXPECT_THAT(request.inputs[1].tensor.as<double>(), ElementsAre(0.5));
  EXPECT_THAT(request.inputs[2].pieces, ElementsAre("abc", ""));
}

TEST(Protocol, RefusesNumbersThatTheTypeDoesNotHave) {
  const auto with = [](const std::string& type, const std::string& number) {
    return R"({"inputs":[{"name":"x","shape":[1],"datatype":")" + type + R"(","data":[)" + number +
           "]}]}";
  };
  EXPECT_EQ(error_of(with("INT8", "-128")), "");
  EXPECT_THAT(error_of(with("INT8", "-129")), HasSubstr("the number -129"));
  EXPECT_THAT(error_of(with("UINT8", "256")), HasSubstr("the number 256"));
  EXPECT_THAT(error_of(with("UINT8", "1.5")), HasSubstr("the number 1.5"));
  EXPECT_THAT(error_of(with("INT64", "9007199254740993")), HasSubstr("2^53"));
  EXPECT_THAT(error_of(with("BF16", "1")), HasSubstr("BF16 in JSON"));
  EXPECT_THAT(error_of(with("FP32", "1e999")), HasSubstr("U005"));
}

TEST(Protocol, RefusesWhatTakesMemoryForNothing) {
  std::string values = "0";
  for (int k = 0; k < 5000; ++k) values += ",0";
  EXPECT_THAT(error_of(R"({"x":[)" + values + "]}"), HasSubstr("more values"));
  EXPECT_THAT(error_of(std::string(1000, '[')), HasSubstr("nested too deep"));
  EXPECT_THAT(
      error_of(R"({"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[{"a":1}]}]})"),
      HasSubstr("an object in the data"));
  EXPECT_THAT(error_of("{}", 3), HasSubstr("Inference-Header-Content-Length 3"));
}

TEST(Protocol, WritesNumbersThatComeBackAsTheyWere) {
  const std::vector<NamedTensor> outputs{
      {"boxes", make_tensor({1, 2}, std::vector<float>{0.1F, -3e-20F})},
      {"labels", make_tensor({2}, std::vector<std::int64_t>{-1, 5})},
      {"none", make_tensor({0, 4}, std::vector<float>{})}};
  const InferAnswer answer = write_infer("pets", "7", outputs);
  EXPECT_EQ(answer.json_length, std::nullopt);
  EXPECT_EQ(answer.body, R"({"model_name":"pets","model_version":"1","id":"7","outputs":[)"
                         R"({"name":"boxes","datatype":"FP32","shape":[1,2],"data":[0.1,-3e-20]},)"
                         R"({"name":"labels","datatype":"INT64","shape":[2],"data":[-1,5]},)"
                         R"({"name":"none","datatype":"FP32","shape":[0,4],"data":[]}]})");
}

TEST(Protocol, WritesBinaryTensorsBehindTheJson) {
  const std::vector<NamedTensor> outputs{
      {"a", make_tensor({1}, std::vector<std::int32_t>{258}), true},
      {"b", make_tensor({1}, std::vector<std::int64_t>{3})}};
  const InferAnswer answer = write_infer("pets", "", outputs);
  ASSERT_TRUE(answer.json_length);
  EXPECT_EQ(answer.body.substr(*answer.json_length), "\x02\x01\x00\x00"s);
  EXPECT_THAT(answer.body, HasSubstr(R"("shape":[1],"parameters":{"binary_data_size":4}})"));
}

TEST(Protocol, NumbersThatJsonDoesNotHaveAreAnError) {
  const Tensor bad = make_tensor({1}, std::vector<float>{std::numeric_limits<float>::quiet_NaN()});
  EXPECT_THROW(write_infer("m", "", std::vector<NamedTensor>{{"o", bad}}), Error);
  EXPECT_NO_THROW(write_infer("m", "", std::vector<NamedTensor>{{"o", bad, true}}));
}

}  // namespace
}  // namespace tv2onnx::serve
