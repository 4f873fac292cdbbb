// tv2onnx inspect as a user sees it.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace {

struct Answer {
  std::string text;
  int exit_code = -1;
};

Answer inspect(const std::string& arguments) {
  Answer answer;
  FILE* pipe = ::popen((std::string(TV2ONNX_BINARY) + " inspect " + arguments).c_str(), "r");
  if (pipe == nullptr) return answer;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    answer.text.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  answer.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return answer;
}

std::string golden(const std::string& name) {
  return TV2ONNX_SOURCE_DIR "/tests/golden/checkpoint/" + name;
}

TEST(Inspect, ShowsACheckpoint) {
  const Answer answer = inspect(golden("zip_training.pth"));
  EXPECT_EQ(answer.exit_code, 0);
  for (const char* part :
       {"zip, torch.save", "9 tensors (8 float32, 1 int64), 129 parameters",
        "weights at    model_state_dict", R"(classes = ["background","cat","dog"])",
        "also in file  ", "epoch = 7", "architecture",
        "Python classes and functions, all known (none was run)"}) {
    EXPECT_NE(answer.text.find(part), std::string::npos) << part << "\n" << answer.text;
  }
  EXPECT_EQ(answer.text.find("running_mean"), std::string::npos);
  EXPECT_NE(inspect("--tensors " + golden("zip_training.pth")).text.find("stem.1.running_mean"),
            std::string::npos);
}

TEST(Inspect, AnswersAsJson) {
  const Answer answer = inspect("--json --tensors " + golden("legacy_dtypes.pth"));
  const auto json = nlohmann::json::parse(answer.text);
  EXPECT_EQ(json["kind"], "checkpoint");
  EXPECT_EQ(json["format"], "legacy");
  EXPECT_EQ(json["tensors"], 12);
  EXPECT_EQ(json["dtypes"]["bfloat16"], 1);
  EXPECT_EQ(json["would_run_code"], false);
  EXPECT_EQ(json["tensor_list"][0]["name"], "float32");
  EXPECT_EQ(json["tensor_list"][0]["shape"], (std::vector<int>{2, 3}));
}

TEST(Inspect, RefusesWithExitCode3AndAnEmptyAnswer) {
  const std::string attack = TV2ONNX_SOURCE_DIR "/tests/hostile/zip_os_system.pth";
  const Answer answer = inspect(attack + " 2>/dev/null");
  EXPECT_EQ(answer.exit_code, 3);
  EXPECT_EQ(answer.text, "");
  EXPECT_NE(inspect(attack + " 2>&1").text.find("error[P004]"), std::string::npos);
  EXPECT_EQ(inspect("2>/dev/null").exit_code, 2);
}

}  // namespace
