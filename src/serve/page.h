#pragma once
// The files of the page, which the build puts into the program.

#include <span>
#include <string_view>

namespace tv2onnx::serve {

struct PageFile {
  std::string_view name;  ///< "index.html"
  std::string_view type;  ///< "text/html; charset=utf-8"
  std::string_view content;
};

std::span<const PageFile> page_files();
/// The file of a name, or null.
const PageFile* find_page_file(std::string_view name);

/// The page loads nothing from elsewhere and sends nothing elsewhere.
inline constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

}  // namespace tv2onnx::serve
