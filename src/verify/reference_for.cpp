// Which results a file is compared with.

#include <fmt/format.h>

#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/reference.h"

namespace tv2onnx {
namespace {

/// \throws Error U003 for options that the kind of reference has no use for.
void require_sense(const std::filesystem::path& against, ReferenceKind kind,
                   const RecordOptions& record) {
  const auto refuse = [&](bool given, const char* option, const char* meaning) {
    if (!given) return;
    throw Error({.code = "U003",
                 .found = fmt::format("{} has no meaning here", option),
                 .where = {.file = against.string()},
                 .expected = meaning});
  };
  if (kind != ReferenceKind::kCheckpoint) {
    refuse(record.trust, "--trust", "a checkpoint to verify against");
    refuse(record.precise, "--with-float64", "a checkpoint to verify against");
    refuse(!record.prefix.empty(), "--prefix", "a checkpoint to verify against");
  }
  if (kind == ReferenceKind::kRecorded) {
    refuse(!record.images.empty(), "--image", "no images: a recorded reference has its own");
  }
}

Reference run_pytorch(const Detector& detector, const std::filesystem::path& against,
                      RecordOptions record) {
  const FileMetadata& metadata = detector.contract().metadata;
  if (record.builder.empty()) record.builder = metadata.architecture;
  const bool from_file = record.settings.empty();
  if (from_file && metadata.config.dict() != nullptr) record.settings = to_json(metadata.config);
  record.size = only_comparable_size(detector.contract());
  Reference reference = record_reference(against, record);
  // A whole module has its own settings.
  reference.settings_from_file = from_file && reference.settings_from_file;
  return reference;
}

/// Of one of the two, whoever made it: what both take is compared.
std::optional<ImageSize> comparable_size(const Detector& first, const Detector& second) {
  for (const Detector* detector : {&first, &second}) {
    if (const auto size = only_comparable_size(detector->contract())) return size;
    if (const auto size = detector->contract().only_size()) return size;
  }
  return std::nullopt;
}

Reference run_other_file(const Detector& detector, const std::filesystem::path& against,
                         const RecordOptions& record, const SessionOptions& session) {
  const Detector other(against, session);
  CaseOptions cases{.quick = record.quick, .size = comparable_size(detector, other), .photos = {}};
  for (const std::string& image : record.images) cases.photos.push_back(read_image(image));
  return reference_from(other, standard_cases(cases), record.control);
}

}  // namespace

std::optional<ImageSize> only_comparable_size(const Contract& contract) {
  if (contract.metadata.version.empty()) return std::nullopt;
  if (contract.outputs.form != DetectionOutputs::Form::kRaw) return contract.only_size();
  const Setting* fixed = contract.metadata.config.find("fixed_size");
  return fixed == nullptr || fixed->is_none() ? contract.input.only_size() : std::nullopt;
}

Reference reference_for(const Detector& detector, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  const ReferenceKind kind = reference_kind(against);
  require_sense(against, kind, record);
  switch (kind) {
    case ReferenceKind::kRecorded: return read_reference(against);
    case ReferenceKind::kOnnx: return run_other_file(detector, against, record, session);
    case ReferenceKind::kCheckpoint: break;
  }
  return run_pytorch(detector, against, record);
}

}  // namespace tv2onnx
