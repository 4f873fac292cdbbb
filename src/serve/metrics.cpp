#include "serve/metrics.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tv2onnx::serve {
namespace {

using Number = std::uint64_t (*)(const ModelMetrics&);

/// A figure that every model has.
struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  Number number;
};

constexpr auto kRows = std::to_array<Row>({
    {"nv_inference_request_success", "counter", "Requests that were answered",
     [](const ModelMetrics& model) { return model.counts->success.load(); }},
    {"nv_inference_request_failure", "counter", "Requests that failed",
     [](const ModelMetrics& model) { return model.counts->failure.load(); }},
    {"nv_inference_count", "counter", "Inferences: each image of a batch counts",
     [](const ModelMetrics& model) { return model.counts->inferences.load(); }},
    {"nv_inference_exec_count", "counter", "Runs of the model: a batch counts once",
     [](const ModelMetrics& model) { return model.runs; }},
    {"nv_inference_pending_request_count", "gauge", "Requests that wait for the model",
     [](const ModelMetrics& model) { return std::uint64_t{model.waiting}; }},
    {"nv_inference_request_duration_us", "counter", "Time of requests, from their last byte on",
     [](const ModelMetrics& model) { return model.counts->request_us.load(); }},
    {"nv_inference_queue_duration_us", "counter", "Time of requests in the queue",
     [](const ModelMetrics& model) { return model.counts->queue_us.load(); }},
    {"nv_inference_compute_input_duration_us", "counter", "Time for decoding images",
     [](const ModelMetrics& model) { return model.counts->input_us.load(); }},
    {"nv_inference_compute_infer_duration_us", "counter", "Time for running the model",
     [](const ModelMetrics& model) { return model.counts->infer_us.load(); }},
    {"nv_inference_compute_output_duration_us", "counter", "Time for writing answers",
     [](const ModelMetrics& model) { return model.counts->output_us.load(); }},
});

/// Names of models are plain letters (model.h), so a label needs no escapes.
std::string rows_of(const Row& row, std::span<const ModelMetrics> models) {
  std::string text = fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", row.name, row.help, row.type);
  for (const ModelMetrics& model : models) {
    text += fmt::format("{}{{model=\"{}\",version=\"1\"}} {}\n", row.name, model.name,
                        row.number(model));
  }
  return text;
}

std::string single(std::string_view name, std::string_view type, std::string_view help,
                   std::uint64_t number) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, number);
}

}  // namespace

std::string metrics_text(std::span<const ModelMetrics> models, const HttpCounts& http) {
  std::string text;
  for (const Row& row : kRows) text += rows_of(row, models);
  text +=
      single("tv2onnx_http_connections", "gauge", "Connections that are open", http.connections);
  text += single("tv2onnx_http_requests_total", "counter", "Requests whose header was read",
                 http.requests);
  text += single("tv2onnx_http_busy_total", "counter", "Requests and connections turned away (503)",
                 http.too_busy);
  text += single("tv2onnx_http_refused_total", "counter",
                 "Requests that were malformed, too large or too slow", http.refused);
  return text;
}

}  // namespace tv2onnx::serve
