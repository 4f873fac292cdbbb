#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/reference.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using testing::TemporaryFolder;

/// A state dict, and a stand-in for Python that runs `script`.
class RecordReference : public ::testing::Test {
 protected:
  RecordReference() {
    testing::write_safetensors(folder_ / "weights",
                               {{"layer.weight", make_tensor({2}, std::vector<float>{1, 2})}});
  }
  RecordOptions options(const std::string& script) {
    testing::write_file(folder_ / "python", "#!/bin/sh\n" + script);
    std::filesystem::permissions(folder_ / "python", std::filesystem::perms::owner_all);
    RecordOptions options;
    options.python = folder_ / "python";
    return options;
  }
  Reference record(const RecordOptions& options) {
    return record_reference(folder_ / "weights", options);
  }
  TemporaryFolder folder_;
};

constexpr const char* kRecorded = TV2ONNX_SOURCE_DIR "/tests/golden/verify/fake.safetensors";

TEST_F(RecordReference, SaysWhatItIsOf) {
  RecordOptions plain = options(std::string("cat '") + kRecorded + "'");
  const Reference reference = record(plain);
  EXPECT_EQ(reference.kind, ReferenceKind::kCheckpoint);
  EXPECT_EQ(reference.fingerprint.size(), 32U);
  EXPECT_FALSE(reference.settings_from_file);
  plain.settings = R"({"min_size": 100})";
  EXPECT_TRUE(record(plain).settings_from_file);
}

TEST_F(RecordReference, AnAnswerThatIsNoneSaysWhatHappened) {
  for (const auto& [script, found] : std::map<std::string, std::string>{
           {"echo 'all is well' >&2", "without results"},
           {"echo nonsense", "cannot be read"},
           {std::string("head -c 2000 '") + kRecorded + "'", "cannot be read"}}) {
    const std::string message = testing::message_of([&] { record(options(script)); });
    EXPECT_THAT(message, ::testing::HasSubstr("error[V004]")) << script;
    EXPECT_THAT(message, ::testing::HasSubstr(found)) << script;
    EXPECT_THAT(message, ::testing::HasSubstr("weights"));
    EXPECT_THAT(message, ::testing::Not(::testing::HasSubstr("/dev/fd"))) << script;
  }
  EXPECT_THAT(testing::message_of([&] { record(options("echo 'all is well' >&2")); }),
              ::testing::HasSubstr("all is well"));
}

/// Whatever Python would say.
TEST_F(RecordReference, OfQuantisedWeightsIsMadeWhereTheyWereConverted) {
  RecordOptions quantised = options(std::string("cat '") + kRecorded + "'");
  quantised.builder = "quantized_resnet18";
  EXPECT_THAT(testing::message_of([&] { record(quantised); }),
              ::testing::AllOf(::testing::HasSubstr("error[V004]: the weights are quantised"),
                               ::testing::HasSubstr("record_classifier.py")));
}

TEST_F(RecordReference, TellsTheCasesAndIsCancelled) {
  std::stop_source source;
  RecordOptions slow = options(
      "echo 'a warning [1/2]' >&2; echo '[2/5] noise: 3 detections' >&2\n"
      "exec sleep 60");
  std::vector<std::string> told;
  slow.control.cancel = source.get_token();
  slow.control.progress = [&](const Step& step) {
    told.emplace_back(step.name);
    EXPECT_EQ(step.index, 1U);
    EXPECT_EQ(step.count, 5U);
    source.request_stop();
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(testing::code_of([&] { record(slow); }), "X003");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_THAT(told, ::testing::ElementsAre("noise"));
}

}  // namespace
}  // namespace tv2onnx
