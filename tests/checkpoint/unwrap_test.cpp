#include "checkpoint/unwrap.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

using test::golden;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Setting* extra(const Checkpoint& checkpoint, std::string_view name) {
  for (const auto& [key, value] : checkpoint.extras) {
    if (key == name) return &value;
  }
  return nullptr;
}

Checkpoint with_keys(const std::vector<std::string>& names) {
  Checkpoint checkpoint;
  for (const std::string& name : names) checkpoint.tensors.push_back({name, {}});
  return checkpoint;
}

std::vector<std::string> keys(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : checkpoint.tensors) names.push_back(tensor.name);
  return names;
}

/// The keys that are enough to be a detector below a prefix.
std::vector<std::string> detector_below(const std::string& prefix) {
  return {prefix + "backbone.a", prefix + "rpn.head.b", prefix + "roi_heads.c"};
}

std::vector<std::string> joined(std::vector<std::string> one, const std::vector<std::string>& two) {
  one.insert(one.end(), two.begin(), two.end());
  return one;
}

/// The first list of class names.
std::vector<std::string> names_in(const Checkpoint& checkpoint) {
  return checkpoint.class_lists.empty() ? std::vector<std::string>{}
                                        : checkpoint.class_lists.front().names;
}

TEST(Unwrap, FindsTheStateDictOfATrainingCheckpoint) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_training.pth"));
  EXPECT_EQ(checkpoint.state_dict_path, "model_state_dict");
  EXPECT_EQ(names_in(checkpoint), (std::vector<std::string>{"background", "cat", "dog"}));
  EXPECT_EQ(to_json(*extra(checkpoint, "epoch")), "7");
  EXPECT_EQ(to_json(*extra(checkpoint, "best")), "0.5");  // numpy.float64
  EXPECT_EQ(to_json(*extra(checkpoint, "count")), "-3");  // numpy.int64
  EXPECT_EQ(to_json(*extra(checkpoint, "args")),
            "{\"__class__\":\"argparse.Namespace\",\"lr\":0.01,\"device\":{\"__class__\":"
            "\"torch.device\",\"__args__\":[\"cuda\",0]}}");
  // Nothing is left out silently.
  EXPECT_NE(to_json(*extra(checkpoint, "ema")).find("not taken"), std::string::npos);
  EXPECT_NE(to_json(*extra(checkpoint, "optimizer_state_dict")).find("optimizer"),
            std::string::npos);
  EXPECT_EQ(extra(checkpoint, "model_state_dict"), nullptr);
}

TEST(Unwrap, StripsTheWrappersOfKeysAndMetadata) {
  const Checkpoint plain = open_checkpoint(golden("zip_state.pth"));
  EXPECT_EQ(plain.stripped_prefix, "");
  EXPECT_EQ(plain.metadata.front().first, "");
  for (const char* file : {"zip_data_parallel.pth", "zip_averaged.pth"}) {
    const Checkpoint wrapped = open_checkpoint(golden(file));
    EXPECT_EQ(wrapped.stripped_prefix, "module.") << file;
    EXPECT_EQ(wrapped.metadata, plain.metadata) << file;
  }
  EXPECT_EQ(open_checkpoint(golden("zip_lightning.pth")).stripped_prefix, "model.");
  EXPECT_EQ(open_checkpoint(golden("safe_prefixed.safetensors")).stripped_prefix, "module.");
}

TEST(Unwrap, NamesOfWrappersAreTakenOutWhereverTheyStand) {
  Checkpoint checkpoint = with_keys({"module._orig_mod.a", "module._orig_mod.b._orig_mod.c"});
  take_model(checkpoint, "");
  EXPECT_EQ(checkpoint.stripped_prefix, "");  // not the same before all keys
  EXPECT_THAT(checkpoint.notes, ElementsAre(HasSubstr("as in module._orig_mod.b._orig_mod.c")));
  EXPECT_THAT(keys(checkpoint), ElementsAre("a", "b.c"));
  checkpoint = with_keys({"module._orig_mod.a", "module._orig_mod.b.c"});
  take_model(checkpoint, "");
  EXPECT_EQ(checkpoint.stripped_prefix, "module._orig_mod.");
}

TEST(Unwrap, TheModelIsWhereADetectorIs) {
  for (const std::string prefix : {"", "detector.", "faster_rcnn.model.", "backbone."}) {
    std::vector<std::string> names = detector_below(prefix);
    if (!prefix.empty()) names = joined(names, {"class_weights", "metric.total", "metric.count"});
    Checkpoint checkpoint = with_keys(names);
    take_model(checkpoint, "");
    EXPECT_EQ(checkpoint.stripped_prefix, prefix);
    EXPECT_THAT(keys(checkpoint), ElementsAre("backbone.a", "rpn.head.b", "roi_heads.c"));
    EXPECT_THAT(checkpoint.choices, IsEmpty());
    if (prefix.empty()) continue;
    ASSERT_EQ(checkpoint.ignored.size(), 2U);
    EXPECT_EQ(checkpoint.ignored[0].prefix, "class_weights");
    EXPECT_EQ(checkpoint.ignored[1].prefix, "metric.");
    EXPECT_EQ(checkpoint.ignored[1].count, 2U);
  }
}

TEST(Unwrap, OfTwoDetectorsOneIsChosenByItsPrefix) {
  const std::vector<std::string> two =
      joined(detector_below("student."), detector_below("teacher."));
  Checkpoint checkpoint = with_keys(two);
  for (NamedTensor& tensor : checkpoint.tensors) {  // other weights, not a second name
    tensor.tensor.data = reinterpret_cast<const std::byte*>(&tensor);
  }
  Checkpoint again = checkpoint;
  take_model(checkpoint, "");
  EXPECT_THAT(checkpoint.choices, ElementsAre("student.", "teacher."));
  for (const char* asked : {"teacher", "teacher."}) {
    Checkpoint chosen = again;
    take_model(chosen, asked);
    EXPECT_EQ(chosen.stripped_prefix, "teacher.");
    EXPECT_THAT(chosen.choices, IsEmpty());
    ASSERT_EQ(chosen.ignored.size(), 1U);
    EXPECT_EQ(chosen.ignored[0].prefix, "student.");
  }
  try {
    take_model(again, "teachers");
    FAIL() << "a prefix that nothing has";
  } catch (const Error& error) {
    EXPECT_EQ(error.code().name(), "U002");
    EXPECT_THAT(error.parts().expected, HasSubstr("student., teacher."));
  }
}

TEST(Unwrap, ADetectorWithoutPartsIsStillWhereItIs) {
  Checkpoint checkpoint = with_keys({"model.rpn.head.b", "model.roi_heads.c", "loss.weight"});
  take_model(checkpoint, "");
  EXPECT_EQ(checkpoint.stripped_prefix, "model.");
}

TEST(Unwrap, KeysThatCannotBeShortenedStay) {
  Checkpoint checkpoint = with_keys({"module.a", "a"});
  take_model(checkpoint, "");
  EXPECT_THAT(keys(checkpoint), ElementsAre("module.a", "a"));
}

TEST(Unwrap, OnlyWrappersOfAWholeModuleAreTakenOut) {
  Checkpoint checkpoint = with_keys({"a.module.weight", "b.module.weight"});
  checkpoint.modules = {{"", "Model", {}},
                        {"a", "torch.nn.parallel.data_parallel.DataParallel", {}},
                        {"a.module", "Body", {}},
                        {"b", "own.Doubled", {}},
                        {"b.module", "Body", {}}};
  take_model(checkpoint, "");
  EXPECT_THAT(keys(checkpoint), ElementsAre("a.weight", "b.module.weight"));
  EXPECT_EQ(checkpoint.module("a")->class_name, "Body");
  EXPECT_EQ(checkpoint.module("b")->class_name, "own.Doubled");
}

TEST(TorchScript, ConstantsAreReadWithoutRunningCode) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_torchscript.pt"));
  EXPECT_EQ(checkpoint.state_dict_path, "scripted module");
  const ModuleInfo* conv = checkpoint.module("0");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->class_name, "torch.nn.modules.conv.Conv2d");
  EXPECT_EQ(to_json(*conv->find("stride")), "[2,2]");
  EXPECT_EQ(to_json(*conv->find("padding_mode")), "\"zeros\"");
  EXPECT_EQ(to_json(*checkpoint.module("1")->find("eps")), "0.5");
  for (const GlobalUse& global : checkpoint.globals) EXPECT_FALSE(global.would_run_code);
}

TEST(Unwrap, MetadataTellsVersions) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_state.pth"));
  const Setting metadata{checkpoint.metadata};
  ASSERT_NE(metadata.find("stem.1"), nullptr);
  EXPECT_EQ(to_json(*metadata.find("stem.1")), "{\"version\":2}");
}

TEST(Unwrap, ClassNamesOfDictsAndJson) {
  EXPECT_EQ(names_in(open_checkpoint(golden("zip_lightning.pth"))),
            (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(names_in(open_checkpoint(golden("zip_label_map.pth"))),
            (std::vector<std::string>{"__background__", "cat", "N/A", "dog"}));
  EXPECT_EQ(names_in(open_checkpoint(golden("safe_dtypes.safetensors"))),
            (std::vector<std::string>{"cat", "dog"}));
}

TEST(Modules, KeepSettingsAndSkipWhatStateDictSkips) {
  for (const char* file : {"zip_module.pth", "legacy_module.pth"}) {
    SCOPED_TRACE(file);
    const Checkpoint checkpoint = open_checkpoint(golden(file));
    EXPECT_EQ(checkpoint.state_dict_path, "whole module");
    EXPECT_NE(checkpoint.find("kept"), nullptr);
    EXPECT_EQ(checkpoint.find("scratch"), nullptr);  // not persistent
    EXPECT_EQ(checkpoint.modules.front().path, "");
    EXPECT_EQ(checkpoint.modules.front().class_name, "torch.nn.modules.container.Sequential");
    const ModuleInfo* norm = checkpoint.module("stem.1");
    ASSERT_NE(norm, nullptr);
    EXPECT_EQ(to_json(*norm->find("eps")), "0.003");
    EXPECT_EQ(norm->find("_parameters"), nullptr);
    EXPECT_EQ(norm->find("_forward_hooks"), nullptr);
    const ModuleInfo* root = checkpoint.module("");
    EXPECT_EQ(to_json(*root->find("sizes")), "[[32],[64,128]]");
    EXPECT_EQ(to_json(*root->find("limits")), "{\"training\":2000,\"testing\":1000}");
    EXPECT_EQ(to_json(*root->find("cells")), "[{\"__class__\":\"torch.Tensor\",\"shape\":[3,4]}]");
    const Setting* coder = root->find("box_coder");
    ASSERT_NE(coder, nullptr);
    EXPECT_EQ(to_json(*coder->find("__class__")),
              "\"torchvision.models.detection._utils.BoxCoder\"");
    EXPECT_EQ(to_json(*coder->find("weights")), "[10.0,10.0,5.0,5.0]");
  }
}

TEST(Modules, AreFoundInsideDicts) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_module_in_dict.pth"));
  EXPECT_EQ(checkpoint.state_dict_path, "model (whole module)");
  EXPECT_EQ(to_json(*extra(checkpoint, "epoch")), "3");
  EXPECT_NE(checkpoint.module("head"), nullptr);
}

TEST(Modules, AreFoundInsideOtherObjects) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_trainer.pth"));
  EXPECT_EQ(checkpoint.state_dict_path, "model (whole module)");
  EXPECT_NE(checkpoint.module("head"), nullptr);
}

TEST(Globals, OnlyUnknownOnesWouldRunCode) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_module.pth"));
  for (const GlobalUse& global : checkpoint.globals) {
    EXPECT_FALSE(global.would_run_code) << global.name;
    EXPECT_GE(global.count, 1U);
  }
  EXPECT_TRUE(std::ranges::is_sorted(checkpoint.globals, {}, &GlobalUse::name));
}

}  // namespace
}  // namespace tv2onnx
