// Which results a classifier is compared with.

#include <fmt/format.h>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify_classes.h"

namespace tv2onnx {
namespace {

Reference run_pytorch(const Classifier& classifier, const std::filesystem::path& against,
                      RecordOptions record) {
  const FileMetadata& metadata = classifier.contract().metadata;
  record.task = Task::kClassification;
  if (record.builder.empty()) record.builder = metadata.architecture;
  if (record.settings.empty() && metadata.config.dict() != nullptr) {
    record.settings = to_json(metadata.config);
  }
  record.weights = metadata.weights;
  return record_reference(against, record);
}

/// Images of one at a time: classifiers are compared photo by photo.
std::vector<InputCase> single_photos(const CaseOptions& options) {
  std::vector<InputCase> cases = standard_cases(options);
  std::erase_if(cases, [](const InputCase& one) {
    return one.input.shape[0] != 1 || one.input.dtype != DType::kUInt8;
  });
  return cases;
}

Reference run_other_file(const Classifier& other, const std::vector<InputCase>& cases,
                         const CallControl& control) {
  Reference reference;
  reference.source = other.session().file();
  reference.kind = ReferenceKind::kOnnx;
  reference.task = Task::kClassification;
  reference.fingerprint = other.contract().metadata.checkpoint;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    begin_step(control, {cases[k].name, k, cases.size()});
    ReferenceCase& one = reference.cases.emplace_back();
    one.name = cases[k].name;
    one.input = cases[k].input;
    try {
      std::vector<float> logits = other.run(one.input)[0].logits;
      if (logits.empty()) break;
      const auto classes = static_cast<std::int64_t>(logits.size());
      one.images.push_back({{"logits", make_tensor({classes}, std::move(logits))}});
    } catch (const Error& error) {
      if (error.code() != "R003" && error.code() != "R006") throw;
      one.failure = fmt::format("{} fails: {}", reference.source, error.parts().found);
    }
  }
  if (!reference.cases.empty() && reference.cases.back().images.empty() &&
      reference.cases.back().failure.empty()) {
    throw Error({.code = "V002",
                 .found = "a file that gives no logits",
                 .where = {.file = reference.source},
                 .expected = "a file of tv2onnx export --outputs logits to compare with"});
  }
  return reference;
}

}  // namespace

Reference reference_for(const Classifier& classifier, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  switch (reference_kind(against)) {
    case ReferenceKind::kRecorded: return read_reference(against);
    case ReferenceKind::kCheckpoint: return run_pytorch(classifier, against, record);
    case ReferenceKind::kOnnx: break;
  }
  CaseOptions cases{.quick = record.quick, .size = {}, .photos = {}};
  for (const std::string& image : record.images) cases.photos.push_back(read_image(image));
  return run_other_file(Classifier(against, session), single_photos(cases), record.control);
}

}  // namespace tv2onnx
