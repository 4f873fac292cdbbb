#pragma once
// Unpacks the "deflate" compression of zip entries (RFC 1951). torch.save compresses nothing;
// torch.jit.save compresses the text of its programs.

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace tv2onnx {

/// The unpacked bytes; null if the stream is damaged or has more than `most` bytes.
std::optional<std::string> inflate(std::span<const std::byte> packed, std::size_t most);

}  // namespace tv2onnx
