#pragma once
// Which path is answered how.

#include <atomic>
#include <vector>

#include "serve/answers.h"
#include "serve/http.h"
#include "serve/model.h"

namespace tv2onnx::serve {

/// What all requests share.
struct Site {
  std::vector<Entry> entries;
  AnswerLimits limits;
  std::atomic<bool> ready{true};

  std::vector<ModelMetrics> metrics() const;
};

/// The port of clients: the protocol, /predict, the page. `site` outlives the handler.
Handler client_routes(Site& site);

/// The port of operators: health and metrics. \param http of the other port
Handler operator_routes(const Site& site, const HttpCounts& http);

}  // namespace tv2onnx::serve
