#include "onnx/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/errors.h"
#include "support/files.h"
#include "support/foreign_model.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;

OnnxModel model_with(const std::map<std::string, std::string>& place) {
  testing::ForeignModel m;
  m.weight("w", {2}, {0, 0});
  OnnxTensor& tensor = m.model.graph.initializers.back();
  tensor.bytes = {};
  tensor.owner = nullptr;
  tensor.external = place;
  return std::move(m.model);
}

class ExternalData : public ::testing::Test {
 protected:
  ExternalData() {
    const std::vector<float> values{1, 2, 3, 4};
    std::ofstream file(folder_ / "w.bin", std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()), 16);
  }
  void load(const std::map<std::string, std::string>& place) {
    OnnxModel model = model_with(place);
    load_external_data(model, folder_ / "model.onnx");
    loaded_ = model.graph.initializers.front().tensor();
  }

  testing::TemporaryFolder folder_;
  std::optional<Tensor> loaded_;
};

TEST_F(ExternalData, IsReadFromItsPlace) {
  load({{"location", "w.bin"}, {"offset", "4"}, {"length", "8"}});
  ASSERT_TRUE(loaded_);
  EXPECT_THAT(to_float(*loaded_), ElementsAre(2, 3));
}

TEST_F(ExternalData, ThatIsMissingIsAnError) {
  EXPECT_EQ(code_of([&] { load({{"location", "none.bin"}}); }), "C001");
  EXPECT_EQ(code_of([&] { load({{"location", "w.bin"}, {"offset", "9"}}); }), "C002");
  EXPECT_EQ(code_of([&] { load({{"location", "w.bin"}, {"offset", "17"}}); }), "C002");
  EXPECT_EQ(code_of([&] {
              load({{"location", "w.bin"}, {"offset", "18446744073709551614"}});
            }),
            "C002");
  EXPECT_EQ(code_of([&] { load({{"location", "w.bin"}, {"length", "17"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"location", "w.bin"}, {"length", "4"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"offset", "0"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"location", "w.bin"}, {"offset", "x"}}); }), "O002");
}

TEST_F(ExternalData, OutsideTheFolderIsRefused) {
  EXPECT_EQ(code_of([&] { load({{"location", "../w.bin"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"location", "/etc/hostname"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"location", "a/../../w.bin"}}); }), "O002");
}

TEST_F(ExternalData, BehindALinkOutOfTheFolderIsRefused) {
  const testing::TemporaryFolder other;
  std::filesystem::copy(folder_ / "w.bin", other / "w.bin");
  std::filesystem::create_symlink(other / "w.bin", folder_ / "linked.bin");
  EXPECT_EQ(code_of([&] { load({{"location", "linked.bin"}}); }), "O002");
  // In the cache of a hub the model is a link into the folder that has both.
  testing::write_file(other / "blob", "model");
  std::filesystem::create_symlink(other / "blob", folder_ / "model.onnx");
  load({{"location", "linked.bin"}});
  EXPECT_TRUE(loaded_);
}

TEST_F(ExternalData, ThatIsNoOrdinaryFileIsRefused) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(folder_ / "folder");
  EXPECT_EQ(code_of([&] { load({{"location", "pipe"}}); }), "O002");
  EXPECT_EQ(code_of([&] { load({{"location", "folder"}}); }), "O002");
}

}  // namespace
}  // namespace tv2onnx
