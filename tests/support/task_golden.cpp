#include "support/task_golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/designed_weights.h"
#include "support/files.h"

namespace tv2onnx::testing {
namespace {

constexpr double kTorchsOwn = 3;
constexpr double kSlack = 1e-6;  // in standard deviations

const Json& golden() {
  static const Json all =
      Json::parse(read_file(TV2ONNX_SOURCE_DIR "/tests/golden/zoo/task_models.json"));
  return all;
}

Checkpoint made(const Json& one) {
  TensorList tensors = task_tensors().at(one["builder"].get<std::string>());
  const auto without = one["without"].get<std::set<std::string>>();
  std::erase_if(tensors, [&](const auto& tensor) { return without.contains(tensor.first); });
  for (auto& [key, shape] : tensors) {
    if (one["with"].contains(key)) shape = one["with"][key].get<Shape>();
  }
  return with_designed_values(tensors, one["norms"].get<std::map<std::string, double>>());
}

}  // namespace

std::vector<Json> task_cases(const std::vector<std::string>& builders) {
  std::vector<Json> found;
  for (const Json& one : golden()) {
    if (std::ranges::find(builders, one["builder"].get<std::string>()) != builders.end()) {
      found.push_back(one);
    }
  }
  return found;
}

const Json& task_case(const std::string& name) {
  return *std::ranges::find_if(golden(), [&](const Json& one) { return one["name"] == name; });
}

const Checkpoint& checkpoint_of_case(const Json& one) {
  // Making the values takes longer than most that is done with them.
  static std::string last;
  static Checkpoint checkpoint;
  const std::string name = one["name"];
  if (last != name) checkpoint = made(one);
  last = name;
  return checkpoint;
}

ExportedModel export_case(const Json& one, ExportOptions options, const Json& settings) {
  Json all = one["settings"];
  if (!settings.is_null()) all.update(settings);
  for (const auto& [name, value] : all.items()) {
    options.overrides.push_back({name, parse_json(value.dump()), "test"});
  }
  options.build.preprocess = Preprocess::kNone;
  if (!options.build.outputs &&
      find_model(one["builder"].get<std::string>()).task == Task::kSegmentation) {
    options.build.outputs = OutputMode::kLogits;
  }
  return export_to_memory(checkpoint_of_case(one), options);
}

std::vector<int> opsets_of(const Json& one) {
  const std::string name = one["name"];
  if (name.ends_with(" wide") || name == "deeplabv3_resnet50") return {17};
  if (name.starts_with("mvit") || name == "s3d" || name == "fcn_resnet50" || name == "r3d_18" ||
      name == "r2plus1d_18" || name == "swin3d_t") {
    return {17, 11};
  }
  return {17, 11, 13, 16, 21};
}

Session session_of(const ExportedModel& model) {
  SessionOptions options;
  options.threads = 1;
  return {model.bytes, "model", options};
}

double worst_difference(const std::vector<float>& found, const Json& output) {
  double most = 0;
  std::size_t k = 0;
  for (const Json& wanted : output["values"]) {
    most = std::max(most, std::abs(static_cast<double>(found.at(k)) - wanted.get<double>()));
    k += output["step"].get<std::size_t>();
  }
  const double allowed = kTorchsOwn * output["error"].get<double>() + kSlack;
  return most / (allowed * output["std"].get<double>());
}

double compare_run(const Session& session, const Json& run, std::size_t inputs) {
  const std::vector<Tensor> outputs =
      session.run(designed_inputs(run["input"].get<Shape>(), inputs));
  EXPECT_EQ(outputs.size(), run["outputs"].size());
  double worst = 0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const std::string& name = session.outputs().at(k).name;
    EXPECT_TRUE(run["outputs"].contains(name)) << name;
    if (!run["outputs"].contains(name)) continue;
    const Json& output = run["outputs"][name];
    EXPECT_EQ(outputs[k].shape, output["shape"].get<Shape>()) << name;
    if (outputs[k].shape != output["shape"].get<Shape>()) continue;
    worst = std::max(worst, worst_difference(to_float(outputs[k]), output));
  }
  return worst;
}

}  // namespace tv2onnx::testing
