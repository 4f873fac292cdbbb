#include "serve/page.h"

#include <algorithm>

namespace tv2onnx::serve {

const PageFile* find_page_file(std::string_view name) {
  const auto file = std::ranges::find(page_files(), name, &PageFile::name);
  return file == page_files().end() ? nullptr : &*file;
}

}  // namespace tv2onnx::serve
