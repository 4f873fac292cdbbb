#pragma once
// torchvision/models/optical_flow/raft.py: RAFT (arXiv:2003.12039).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// raft_large, raft_small
std::vector<Model> rafts();

}  // namespace tv2onnx
