#pragma once
// The constants that a TorchScript archive declares for its classes. They stand in the text of its
// programs, of which nothing else is looked at:
//
//   class Conv2d(Module):
//     stride : Final[Tuple[int, int]] = (2, 2)

#include <map>
#include <string>
#include <string_view>

#include "checkpoint/zip.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {

/// "torch.nn.modules.conv.Conv2d" of "__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d";
/// other names as they are.
std::string plain_class_name(std::string_view name);

class ScriptConstants {
 public:
  /// `folder`: of the archive, with its slash. The archive must outlive the constants.
  ScriptConstants(const ZipArchive& archive, std::string folder)
      : archive_(&archive), folder_(std::move(folder)) {}

  /// Those of a class ("__torch__...."), read when first asked for; none if its text is not there.
  /// \throws Error P002 if the programs are larger than any real one's.
  const SettingDict& of(std::string_view class_name);
  /// Whether any class had some: traced programs declare none.
  bool any() const { return any_; }

 private:
  const ZipArchive* archive_;
  std::string folder_;
  std::map<std::string, SettingDict, std::less<>> known_;
  bool any_ = false;
  std::size_t left_ = 32 << 20;  ///< bytes of text that may be unpacked; real programs have 1 MB
};

}  // namespace tv2onnx
