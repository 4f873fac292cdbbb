#include "tv2onnx/classifier.h"

#include <fmt/format.h>

#include "onnx/model.h"
#include "run/answer_file.h"
#include "run/class_scores.h"
#include "run/graph_contract.h"
#include "run/open_session.h"
#include "run/photo.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/detector.h"
#include "zoo/class_name_lists.h"

namespace tv2onnx {
namespace {

/// Where only their number says which classes they are.
void assume_names(const Session& session, Contract& contract, std::string& assumption) {
  const Shape& shape = session.outputs()[contract.answer.answer].shape;
  if (!contract.class_names.empty() || shape.empty()) return;
  StandardNames names = standard_class_names(contract.task, shape.back());
  if (names.names.empty()) return;
  contract.class_names = std::move(names.names);
  assumption += fmt::format("; class names: {}", names.data_set);
}

}  // namespace

Classifier::Classifier(const std::filesystem::path& model, const SessionOptions& options)
    : Classifier(open_session(model, options), {}) {
  if (contract_.metadata.input) return;
  OnnxModel graph = read_onnx_model(model);
  contract_ = read_contract(session_, graph);
  contract_.photo = assumed_photo(contract_.input, assumption_);
  assume_names(session_, contract_, assumption_);
}

Classifier::Classifier(Session session, Contract contract)
    : session_(std::move(session)), contract_(std::move(contract)) {
  require_answers(session_, contract_, Task::kClassification);
  if (!contract_.photo) contract_.photo = assumed_photo(contract_.input, assumption_);
}

std::string Classifier::name(std::int64_t label) const {
  return class_name(contract_.class_names, label);
}

Tensor Classifier::session_input(const Tensor& images) const {
  return prepared_photos(images, contract_, session_.file());
}

std::vector<Classification> Classifier::run(const Tensor& images) const {
  std::vector<Classification> all;
  run_images(session_, contract_, session_input(images), images.shape[0],
             [&](const std::vector<Tensor>& results, std::size_t image) {
               all.push_back(classification_of(results, contract_.answer, image));
             });
  return all;
}

}  // namespace tv2onnx
