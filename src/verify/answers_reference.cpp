// Which results files of all tasks but detection are compared with.

#include <fmt/format.h>

#include "run/prepare.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/verify_classes.h"
#include "tv2onnx/verify_maps.h"
#include "verify/answer_cases.h"
#include "verify/recorded_maps.h"

namespace tv2onnx {
namespace {

Reference run_pytorch(const Contract& contract, const std::filesystem::path& against,
                      RecordOptions record) {
  const FileMetadata& metadata = contract.metadata;
  record.task = contract.task;
  if (record.builder.empty()) record.builder = metadata.architecture;
  if (record.settings.empty() && metadata.config.dict() != nullptr) {
    record.settings = to_json(metadata.config);
  }
  record.weights = metadata.weights;
  return record_reference(against, record);
}

[[noreturn]] void refuse_without_logits(const std::string& file) {
  throw Error({.code = "V002",
               .found = "a file that gives no logits",
               .where = {.file = file},
               .expected = "a file of tv2onnx export --outputs logits to compare with"});
}

NamedTensors class_tensors(std::vector<float> logits, const std::string& file) {
  if (logits.empty()) refuse_without_logits(file);
  const auto classes = static_cast<std::int64_t>(logits.size());
  return {{"logits", make_tensor({classes}, std::move(logits))}};
}

NamedTensors tensors_of(const Classifier& other, const Tensor& photo) {
  return class_tensors(other.run(photo)[0].logits, other.session().file());
}

NamedTensors tensors_of(const VideoClassifier& other, const Tensor& frames) {
  return class_tensors(other.run(frames).logits, other.session().file());
}

NamedTensors tensors_of(const Segmenter& other, const Tensor& photo) {
  const LabelMap map = other.run(photo)[0];
  if (map.logits.data == nullptr) refuse_without_logits(other.session().file());
  NamedTensors tensors = label_tensors(map.logits);
  if (map.aux.data != nullptr) tensors.emplace("aux", every_fourth(map.aux));
  return tensors;
}

NamedTensors tensors_of(const Flow& other, const Tensor& pair) {
  const Tensor flow = other.run(images_from(pair, 0, 1), images_from(pair, 1, 1));
  return {{"flow", part_of(flow, 0)}};
}

template <typename Model>
Reference run_other_file(const Model& other, const std::vector<InputCase>& cases,
                         const CallControl& control) {
  Reference reference;
  reference.source = other.session().file();
  reference.kind = ReferenceKind::kOnnx;
  reference.task = other.contract().task;
  reference.fingerprint = other.contract().metadata.checkpoint;
  for (std::size_t k = 0; k < cases.size(); ++k) {
    begin_step(control, {cases[k].name, k, cases.size()});
    ReferenceCase& one = reference.cases.emplace_back();
    one.name = cases[k].name;
    one.input = cases[k].input;
    try {
      one.images.push_back(tensors_of(other, one.input));
    } catch (const Error& error) {
      if (error.code() != "R003" && error.code() != "R006") throw;
      one.failure = fmt::format("{} fails: {}", reference.source, error.parts().found);
    }
  }
  return reference;
}

std::vector<Tensor> photos_of(const RecordOptions& record) {
  std::vector<Tensor> photos;
  for (const std::string& image : record.images) photos.push_back(read_image(image));
  return photos;
}

/// \param cases those that another ONNX file is run on
template <typename Model, typename Cases>
Reference reference_of(const Model& model, const std::filesystem::path& against,
                       const RecordOptions& record, const SessionOptions& session, Cases cases) {
  switch (reference_kind(against)) {
    case ReferenceKind::kRecorded: return read_reference(against);
    case ReferenceKind::kCheckpoint: return run_pytorch(model.contract(), against, record);
    case ReferenceKind::kOnnx: break;
  }
  return run_other_file(Model(against, session), cases(photos_of(record)), record.control);
}

}  // namespace

Reference reference_for(const Classifier& classifier, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  return reference_of(classifier, against, record, session, [&](std::vector<Tensor> photos) {
    return photo_cases(std::move(photos), record.quick);
  });
}

Reference reference_for(const VideoClassifier& classifier, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  return reference_of(classifier, against, record, session, [&](std::vector<Tensor> photos) {
    return clip_cases(std::move(photos), classifier.frames());
  });
}

Reference reference_for(const Segmenter& segmenter, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  return reference_of(segmenter, against, record, session, [&](std::vector<Tensor> photos) {
    return photo_cases(std::move(photos), record.quick);
  });
}

Reference reference_for(const Flow& flow, const std::filesystem::path& against,
                        const RecordOptions& record, const SessionOptions& session) {
  return reference_of(flow, against, record, session,
                      [&](std::vector<Tensor> photos) { return pair_cases(std::move(photos)); });
}

}  // namespace tv2onnx
