#pragma once
// Archives of torch.export.save (".pt2"): a graph, which is not read, and the weights by their
// names. Since torch 2.8
//
//   data/weights/NAME_weights_config.json   {"config": {key: {path_name, use_pickle, tensor_meta}}}
//   data/weights/weight_0 ...               the bytes of a storage
//
// and before that a file of torch.save inside: serialized_state_dict.pt or data/weights/NAME.pt.

#include "checkpoint/zip.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

bool is_pt2(const ZipArchive& archive);

/// \throws Error C004, C009, C010, C011 and those of read_torch_zip.
void read_torch_pt2(const ZipArchive& archive, const OpenOptions& options, Checkpoint& checkpoint);

}  // namespace tv2onnx
