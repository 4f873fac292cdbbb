// Every tensor of every golden checkpoint equals, bit for bit, what torch wrote.

#include <fmt/format.h>

#include <map>

#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

using test::golden;

struct ExpectedTensor {
  std::string name;
  std::string dtype;
  std::string shape;
  std::string hex;
};
using ExpectedFiles = std::map<std::string, std::vector<ExpectedTensor>>;

/// From a list that tests/gen/checkpoints.py or exported_programs.py made.
ExpectedFiles expected_files(const char* list) {
  ExpectedFiles files;
  std::string file;
  for (const std::string& line : test::lines_of(golden(list))) {
    if (line.starts_with('[')) {
      file = line.substr(1, line.size() - 2);
      files[file];
      continue;
    }
    std::istringstream fields(line);
    ExpectedTensor tensor;
    std::getline(fields, tensor.name, '|');
    std::getline(fields, tensor.dtype, '|');
    std::getline(fields, tensor.shape, '|');
    std::getline(fields, tensor.hex);
    files[file].push_back(std::move(tensor));
  }
  return files;
}

std::string hex(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

TEST(GoldenCheckpoints, EveryTensorEqualsWhatTorchWrote) {
  ExpectedFiles files = expected_files("expected.txt");
  ASSERT_GE(files.size(), 30U);
  files.merge(expected_files("exported.txt"));
  ASSERT_TRUE(files.contains("export_types.pt2"));
  for (const auto& [file, tensors] : files) {
    SCOPED_TRACE(file);
    const Checkpoint checkpoint = open_checkpoint(golden(file));
    ASSERT_EQ(checkpoint.tensors.size(), tensors.size());
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      const NamedTensor& read = checkpoint.tensors[k];
      EXPECT_EQ(read.name, tensors[k].name);  // the order, too
      EXPECT_EQ(dtype_name(read.tensor.dtype), tensors[k].dtype) << read.name;
      EXPECT_EQ(shape_text(read.tensor.shape), fmt::format("[{}]", tensors[k].shape)) << read.name;
      EXPECT_EQ(hex(contiguous_bytes(read.tensor)), tensors[k].hex) << read.name;
    }
  }
}

TEST(GoldenCheckpoints, FormatComesFromTheContent) {
  EXPECT_EQ(open_checkpoint(golden("zip_state.pth")).format, CheckpointFormat::kZip);
  EXPECT_EQ(open_checkpoint(golden("legacy_dtypes.pth")).format, CheckpointFormat::kLegacy);
  EXPECT_EQ(open_checkpoint(golden("tar.pth")).format, CheckpointFormat::kTar);
  EXPECT_EQ(open_checkpoint(golden("pickle_protocol0.pkl")).format, CheckpointFormat::kPickle);
  EXPECT_EQ(open_checkpoint(golden("safe_dtypes.safetensors")).format,
            CheckpointFormat::kSafetensors);
}

TEST(GoldenCheckpoints, WeightsAreShownInPlace) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_state.pth"));
  for (const NamedTensor& named : checkpoint.tensors) {
    const std::byte* begin = checkpoint.bytes().data();
    EXPECT_GE(named.tensor.data, begin);
    EXPECT_LT(named.tensor.data, begin + checkpoint.bytes().size());
  }
}

TEST(GoldenCheckpoints, BytesInMemoryAreReadInPlace) {
  auto owner = std::make_shared<const std::string>(test::content_of(golden("zip_state.pth")));
  const auto bytes = std::as_bytes(std::span(*owner));
  const std::weak_ptr<const std::string> watched = owner;
  Checkpoint checkpoint = open_checkpoint(bytes, "given", std::move(owner));
  EXPECT_EQ(checkpoint.file, "given");
  EXPECT_EQ(checkpoint.bytes().data(), bytes.data());
  EXPECT_EQ(checkpoint.tensors.size(), open_checkpoint(golden("zip_state.pth")).tensors.size());
  EXPECT_FALSE(watched.expired());
  checkpoint = {};
  EXPECT_TRUE(watched.expired());
  try {
    const std::string_view three = "abc";
    open_checkpoint(std::as_bytes(std::span(three)), "given");
    ADD_FAILURE() << "three bytes are no checkpoint";
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().where.file, "given");
  }
}

TEST(GoldenCheckpoints, TensorsOutliveTheCheckpoint) {
  for (const char* file : {"zip_state.pth", "pickle_protocol2.pkl"}) {
    Tensor kept;
    {
      const Checkpoint checkpoint = open_checkpoint(golden(file));
      kept = checkpoint.tensors.front().tensor;
    }
    EXPECT_EQ(to_float(kept).size(), static_cast<std::size_t>(kept.size())) << file;
  }
}

TEST(GoldenCheckpoints, AQuantisedTensorIsIntegersAndTheirScale) {
  const Checkpoint checkpoint = open_checkpoint(golden("zip_quantised.pth"));
  ASSERT_EQ(checkpoint.tensors.size(), 6U);
  const auto values = [&](const char* name) { return to_float(*checkpoint.find(name)); };
  EXPECT_EQ(checkpoint.find("weight")->dtype, DType::kInt8);
  EXPECT_EQ(values("weight"), (std::vector<float>{-20, 33}));
  EXPECT_EQ(values("weight.scale"), std::vector<float>{0.125});
  EXPECT_EQ(values("weight.zero_point"), std::vector<float>{3});
  EXPECT_EQ(values("rows"), (std::vector<float>{8, 16, 4, 8}));
  EXPECT_EQ(values("rows.scale"), (std::vector<float>{0.125, 0.25}));
  EXPECT_EQ(values("rows.zero_point"), (std::vector<float>{0, 0}));
}

struct Refusal {
  const char* file;
  const char* code;
  const char* item;
};

TEST(GoldenCheckpoints, WhatIsNotSupportedIsRefusedByName) {
  for (const Refusal& refusal : std::initializer_list<Refusal>{
           {"zip_complex.pth", "C009", "phase"},
           {"legacy_complex.pth", "C009", "phase"},
           {"zip_sparse.pth", "C009", "mask"},
           {"zip_quantised_axis.pth", "C009", "weight"},
           {"zip_uint32.pth", "C009", "weight"},
           {"zip_byteorder_big.pth", "C008", "zip_views/byteorder"},
           {"legacy_big_endian.pth", "C008", ""},
           {"tar_big_endian.pth", "C008", ""},
           {"zip_optimizer.pth", "C010", ""},
           {"pickle_numpy.pkl", "C010", ""},
       }) {
    const ErrorParts error = test::error_of(golden(refusal.file));
    EXPECT_EQ(error.code.name(), refusal.code) << refusal.file;
    EXPECT_EQ(error.where.item, refusal.item) << refusal.file;
    EXPECT_EQ(error.where.file, golden(refusal.file).string());
    EXPECT_FALSE(error.hint.empty()) << refusal.file;
  }
  const ErrorParts frozen = test::error_of(golden("zip_torchscript_frozen.pt"));
  EXPECT_EQ(frozen.code.name(), "C005");
  EXPECT_NE(frozen.found.find("torch.jit.freeze"), std::string::npos);
}

}  // namespace
}  // namespace tv2onnx
