#pragma once
// What requests to a model are answered with.

#include <optional>
#include <string>

#include "serve/http.h"
#include "serve/model.h"

namespace tv2onnx::serve {

struct AnswerLimits {
  std::int64_t max_pixels = 0;  ///< of an image, and of all images of a request together
};

/// The metadata of the protocol, with the contract and the names of the classes.
std::string model_metadata(const ServedModel& model);

/// An image as body: the JSON of `tv2onnx predict --json`. \throws Error.
std::string predict(ServedModel& model, const HttpRequest& request, const AnswerLimits& limits);

/// An inference request of the protocol. \throws Error.
HttpResponse infer(ServedModel& model, const HttpRequest& request, const AnswerLimits& limits);

}  // namespace tv2onnx::serve
