// Files that are something else are named, with what to do.

#include "checkpoint/sniff.h"

#include "checkpoint/files.h"

namespace tv2onnx {
namespace {

struct Known {
  const char* file;
  const char* found;
  const char* hint;
};

TEST(Sniff, SaysWhatTheFileIs) {
  for (const Known& known : std::initializer_list<Known>{
           {"lfs_pointer.pth", "Git LFS pointer", "git lfs pull"},
           {"error_page.pth", "web page", "browser"},
           {"index.pth", "index of a safetensors model", "weights"},
           {"photo.pth", "JPEG", "checkpoint"},
           {"gzip.pth", "gzip", "unpack"},
           {"onnx.pth", "ONNX file", "inspect"},
           {"joblib.pkl", "joblib", "torch.save"},
           {"zip_no_pickle.zip", "zip archive", "unpack"},
           {"noise.pth", "not a file of torch.save", "torch.save"},
       }) {
    const ErrorParts error = test::error_of(test::hostile(known.file));
    EXPECT_EQ(error.code.name(), "C003") << known.file;
    EXPECT_NE(error.found.find(known.found), std::string::npos) << error.found;
    EXPECT_NE((error.hint + error.expected).find(known.hint), std::string::npos) << error.hint;
  }
}

}  // namespace
}  // namespace tv2onnx
