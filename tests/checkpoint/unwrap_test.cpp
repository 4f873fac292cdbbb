#include "checkpoint/unwrap.h"

#include <algorithm>

#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

using test::golden;

const Setting* extra(const Checkpoint& checkpoint, std::string_view name) {
  for (const auto& [key, value] : checkpoint.extras) {
    if (key == name) return &value;
  }
  return nullptr;
}

TEST(Unwrap, FindsTheStateDictOfATrainingCheckpoint) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_training.pth"));
  EXPECT_EQ(checkpoint.state_dict_path, "model_state_dict");
  EXPECT_EQ(checkpoint.class_names, (std::vector<std::string>{"background", "cat", "dog"}));
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

TEST(Unwrap, PrefixesAreStrippedOnlyIfAllKeysHaveThem) {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"module._orig_mod.a", {}}, {"module._orig_mod.module.b", {}}};
  strip_prefixes(checkpoint);
  EXPECT_EQ(checkpoint.stripped_prefix, "module._orig_mod.");
  EXPECT_EQ(checkpoint.tensors[0].name, "a");
  EXPECT_EQ(checkpoint.tensors[1].name, "module.b");
}

TEST(Unwrap, MetadataTellsVersions) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_state.pth"));
  const Setting metadata{checkpoint.metadata};
  ASSERT_NE(metadata.find("stem.1"), nullptr);
  EXPECT_EQ(to_json(*metadata.find("stem.1")), "{\"version\":2}");
}

TEST(Unwrap, ClassNamesOfDictsAndJson) {
  EXPECT_EQ(open_checkpoint(golden("zip_lightning.pth")).class_names,
            (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(open_checkpoint(golden("zip_label_map.pth")).class_names,
            (std::vector<std::string>{"__background__", "cat", "N/A", "dog"}));
  EXPECT_EQ(open_checkpoint(golden("safe_dtypes.safetensors")).class_names,
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
