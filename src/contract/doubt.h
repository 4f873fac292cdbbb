#pragma once
// What keeps a contract from being known.

#include <string>
#include <utility>

#include "tv2onnx/contract.h"

namespace tv2onnx {

inline constexpr const char* kEdited = "the file was edited after tv2onnx export; export it again";

/// The first doubt stays.
inline void doubt(Contract& contract, std::string why, std::string remedy) {
  if (!contract.known()) return;
  contract.doubt = std::move(why);
  contract.remedy = std::move(remedy);
}

}  // namespace tv2onnx
