#pragma once
// All rows of a run, in the order of its list.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/run_folder.h"

namespace tv2onnx {

/// Takes text of an answer as it comes.
using TextSink = std::function<void(std::string_view)>;

struct MergeReport {
  std::size_t images = 0;
  std::size_t failed = 0;
  std::vector<std::string> errors = {};  ///< of the first few that failed, a line each
};

/// \throws Error J001: shards whose parts are not all there, with what completes them.
void require_complete(const RunFolder& run);

/// The rows as JSON Lines. \throws Error J001.
MergeReport merge_rows(const RunFolder& run, const TextSink& sink);

/// What detectors found, as COCO's results: the same bytes as coco_results() of one process.
/// \param annotations as coco_image_ids \throws Error J001; C001, U002, U005 of the annotations.
MergeReport merge_coco(const RunFolder& run, const ImageList& list, const std::string& annotations,
                       const TextSink& sink);

}  // namespace tv2onnx
