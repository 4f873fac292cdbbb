#pragma once
/// \file
/// Checkpoints of objects in this process: what open_checkpoint gives of the file that torch.save
/// would write of them, but nothing is written, and the weights stay where they are.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/checkpoint.h"

namespace TV2ONNX_API tv2onnx {

/// Memory that a pickle names as a storage, `("storage", class, key, location, elements)`.
struct NamedMemory {
  std::string key;
  std::span<const std::byte> bytes;
};

/// \param pickle what torch.save writes as data.pkl \param memory the storages that it names
/// \param name what stands for the file in errors \param owner keeps the memory alive, not the
/// pickle, which is not needed afterwards. The fingerprint is that of the tensors.
/// \throws Error as open_checkpoint; C004: a storage that `memory` lacks.
Checkpoint live_checkpoint(std::span<const std::byte> pickle,
                           const std::vector<NamedMemory>& memory, const std::string& name,
                           std::shared_ptr<const void> owner, const OpenOptions& options = {});

}  // namespace TV2ONNX_API tv2onnx
