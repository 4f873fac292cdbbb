#include "checkpoint/sniff.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/byte_reader.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using namespace std::string_view_literals;

struct Foreign {
  std::string_view start;
  std::string_view found;
  std::string_view hint;
};

constexpr std::string_view kNotACheckpoint = "give the checkpoint file that torch.save wrote";
constexpr std::string_view kUnpack = "unpack it first";

constexpr auto kForeign = std::to_array<Foreign>({
    {"version https://git-lfs"sv, "a Git LFS pointer, not the file itself",
     "fetch the file with: git lfs pull"},
    {"<!DOCTYPE"sv, "a web page: the download gave an error or a login page",
     "open the address in a browser, or download with the tool of that site"},
    {"<!doctype"sv, "a web page: the download gave an error or a login page",
     "open the address in a browser, or download with the tool of that site"},
    {"<html"sv, "a web page: the download gave an error or a login page",
     "open the address in a browser, or download with the tool of that site"},
    {"<?xml"sv, "an XML document: the download may have given an error message",
     "open it in a text editor to see what it says"},
    {"\xFF\xD8\xFF"sv, "a JPEG image", kNotACheckpoint},
    {"\x89PNG"sv, "a PNG image", kNotACheckpoint},
    {"GIF8"sv, "a GIF image", kNotACheckpoint},
    {"RIFF"sv, "a WebP image or other RIFF file", kNotACheckpoint},
    {"\x1F\x8B"sv, "a gzip file", kUnpack},
    {"BZh"sv, "a bzip2 file", kUnpack},
    {"\xFD"
     "7zXZ"sv,
     "an xz file", kUnpack},
    {"7z\xBC\xAF"sv, "a 7-Zip archive", kUnpack},
    {"Rar!"sv, "a RAR archive", kUnpack},
    {"\x28\xB5\x2F\xFD"sv, "a zstd file", kUnpack},
    {"\x89HDF"sv, "an HDF5 file, as Keras writes", "tv2onnx reads checkpoints of PyTorch"},
    {"GGUF"sv, "a GGUF file", "tv2onnx reads checkpoints of PyTorch"},
    {"%PDF"sv, "a PDF document", kNotACheckpoint},
    {"\x93NUMPY"sv, "a numpy array", kNotACheckpoint},
});

[[noreturn]] void refuse(std::string_view found, std::string_view hint) {
  throw Error({.code = "C003",
               .found = std::string(found),
               .expected = "a file of torch.save, or a safetensors file",
               .hint = std::string(hint)});
}

/// ONNX files start with the field ir_version and, in practice, the producer's name.
bool looks_like_onnx(std::string_view text) {
  return text.size() > 4 && text[0] == '\x08' && text[1] > 0 && text[1] < 32 &&
         (text[2] == '\x12' || text[2] == '\x3A' || text[2] == '\x42');
}

bool looks_like_safetensors(std::span<const std::byte> bytes) {
  if (bytes.size() < 9) return false;
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return as_text(bytes)[8] == '{' && length < (std::uint64_t{1} << 40);
}

bool looks_like_tar(std::string_view text) {
  constexpr std::size_t kBlock = 512;
  constexpr std::size_t kMagic = 257;
  return text.size() >= kBlock && text.substr(kMagic, 5) == "ustar";
}

/// Protocol 2 and newer say so; older ones start with the opcodes of a dict, list or object.
bool looks_like_pickle(std::string_view text) {
  if (text.size() >= 2 && text[0] == '\x80') return text[1] <= 5;
  return text.size() >= 2 && "(c]})lLKJM"sv.find(text[0]) != std::string_view::npos &&
         text.find('.') != std::string_view::npos;
}

/// torch's magic number 0x1950a86a20f9469cfc6c as the first pickle of the stream.
bool looks_like_legacy(std::string_view text) {
  constexpr std::string_view kBinary = "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19"sv;
  constexpr std::string_view kDecimal = "L119547037146038801333356L"sv;
  return text.substr(0, 32).find(kBinary) != std::string_view::npos || text.starts_with(kDecimal);
}

}  // namespace

CheckpointFormat sniff(std::span<const std::byte> bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with("PK\3\4"sv)) return CheckpointFormat::kZip;
  if (looks_like_legacy(text)) return CheckpointFormat::kLegacy;
  if (looks_like_tar(text)) return CheckpointFormat::kTar;
  if (looks_like_safetensors(bytes)) return CheckpointFormat::kSafetensors;
  for (const Foreign& row : kForeign) {
    if (text.starts_with(row.start)) refuse("this is " + std::string(row.found), row.hint);
  }
  if (text.starts_with('{')) {
    refuse(text.substr(0, 4096).find("weight_map") != std::string_view::npos
               ? "this is the index of a safetensors model in several files"
               : "this is a JSON file",
           "give a file with the weights themselves");
  }
  if (looks_like_onnx(text)) {
    refuse("this is an ONNX file, not a checkpoint",
           "tv2onnx inspect shows what is in it, tv2onnx doctor what is wrong with it");
  }
  if (looks_like_pickle(text)) return CheckpointFormat::kPickle;
  refuse("not a file of torch.save or safetensors", kNotACheckpoint);
}

}  // namespace tv2onnx
