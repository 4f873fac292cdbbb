#include "serve/routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "base/json_text.h"
#include "base/text.h"
#include "serve/page.h"

namespace tv2onnx::serve {
namespace {

using Clock = std::chrono::steady_clock;
using Ordered = nlohmann::ordered_json;
using Segments = std::vector<std::string_view>;

/// "v2", "models", "pets" of "/v2/models/pets".
Segments segments_of(std::string_view path) {
  Segments segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

HttpResponse json_response(const Ordered& json, int status = 200) {
  return {.status = status, .body = json_line(json) + "\n"};
}

bool reads(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

HttpResponse wrong_method(std::string_view allowed) {
  HttpResponse response = error_response(405, fmt::format("this path takes {}", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse not_found(const HttpRequest& request) {
  return error_response(404, fmt::format("nothing is at {}; see GET /v2 and docs/serve.md",
                                         printable(request.path(), 100)));
}

HttpResponse server_metadata() {
  return json_response({{"name", "tv2onnx"},
                        {"version", TV2ONNX_VERSION},
                        {"extensions", {"binary_tensor_data", "model_repository"}}});
}

HttpResponse health(const Site& site, std::string_view kind) {
  const bool good = kind == "live" || site.ready;
  return json_response({{kind, good}}, good ? 200 : 503);
}

const Entry* find_entry(const Site& site, std::string_view name) {
  const auto entry = std::ranges::find(site.entries, name, &Entry::name);
  return entry == site.entries.end() ? nullptr : &*entry;
}

std::string names_of(const Site& site) {
  std::vector<std::string_view> names;
  for (const Entry& entry : site.entries) names.push_back(entry.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

HttpResponse unknown_model(const Site& site, std::string_view name) {
  return error_response(
      404, fmt::format("no model '{}'; there are: {}", printable(name, 100), names_of(site)));
}

HttpResponse not_loaded(const Entry& entry) {
  return error_response(
      503, fmt::format("the model '{}' could not be loaded: {}", entry.name, entry.problem));
}

/// What the extension of model repositories calls their index.
HttpResponse index_of(const Site& site) {
  Ordered list = Ordered::array();
  for (const Entry& entry : site.entries) {
    list.push_back({{"name", entry.name},
                    {"version", "1"},
                    {"state", entry.model ? "READY" : "UNAVAILABLE"},
                    {"reason", entry.problem}});
  }
  return json_response(list);
}

/// `answer` with what it throws as the protocol's error, counted.
template <typename Answer>
HttpResponse counted_answer(ServedModel& model, Clock::time_point start, Answer answer) {
  HttpResponse response;
  try {
    response = answer();
  } catch (const Error& error) {
    response = error_response(status_of(error), reason_of(error));
  } catch (...) {
    ++model.counts().failure;
    throw;
  }
  ++(response.status == 200 ? model.counts().success : model.counts().failure);
  model.counts().request_us += microseconds(Clock::now() - start);
  return response;
}

Reply infer_reply(Site& site, ServedModel& model, HttpRequest request) {
  return [&site, &model, start = Clock::now(), request = std::move(request)] {
    return counted_answer(model, start, [&] { return infer(model, request, site.limits); });
  };
}

Reply model_reply(Site& site, Segments rest, HttpRequest request) {
  const Entry* entry = find_entry(site, rest.front());
  if (entry == nullptr) return unknown_model(site, rest.front());
  rest.erase(rest.begin());
  if (rest.size() >= 2 && rest.front() == "versions") {
    if (rest[1] != "1") return error_response(404, "the only version is 1");
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  const std::string_view what = rest.empty() ? "" : rest.front();
  const bool known = rest.empty() || (rest.size() == 1 && (what == "ready" || what == "infer"));
  if (!known) return not_found(request);
  if (what == "infer" ? request.method != "POST" : !reads(request)) {
    return wrong_method(what == "infer" ? "POST" : "GET");
  }
  if (!entry->model) return not_loaded(*entry);
  if (what == "infer") return infer_reply(site, *entry->model, std::move(request));
  if (what == "ready") {
    const bool ready = site.ready;
    return json_response({{"name", entry->name}, {"ready", ready}}, ready ? 200 : 503);
  }
  return HttpResponse{.body = model_metadata(*entry->model)};
}

Reply protocol_reply(Site& site, Segments segments, HttpRequest request) {
  segments.erase(segments.begin());
  const std::string_view what = segments.empty() ? "" : segments.front();
  if (what == "models" && segments.size() >= 2) {
    segments.erase(segments.begin());
    return model_reply(site, std::move(segments), std::move(request));
  }
  if (what == "repository" && segments.size() == 2 && segments[1] == "index") {
    return request.method == "POST" || reads(request) ? index_of(site) : wrong_method("POST");
  }
  const bool is_health =
      what == "health" && segments.size() == 2 && (segments[1] == "live" || segments[1] == "ready");
  if (!segments.empty() && !is_health) return not_found(request);
  if (!reads(request)) return wrong_method("GET");
  return is_health ? health(site, segments[1]) : server_metadata();
}

Reply predict_reply(Site& site, HttpRequest request) {
  if (request.method != "POST") return wrong_method("POST");
  const std::string name = request.parameter("model");
  const Entry* entry = name.empty() ? &site.entries.front() : find_entry(site, name);
  if (entry == nullptr) return unknown_model(site, name);
  if (!entry->model) return not_loaded(*entry);
  ServedModel& model = *entry->model;
  const Task task = contract_of(model.runner()).task;
  if (request.path() == "/detect" && task != Task::kDetection) {
    return error_response(400, fmt::format("the model is a {}: POST /predict", model_noun(task)));
  }
  return [&site, &model, start = Clock::now(), request = std::move(request)] {
    return counted_answer(
        model, start, [&] { return HttpResponse{.body = predict(model, request, site.limits)}; });
  };
}

HttpResponse page_reply(const HttpRequest& request) {
  const std::string_view path = request.path() == "/" ? "/index.html" : request.path();
  const PageFile* file = find_page_file(path.substr(1));
  if (file == nullptr) return not_found(request);
  if (!reads(request)) return wrong_method("GET");
  HttpResponse response{.body = std::string(file->content), .type = std::string(file->type)};
  response.headers = {{"Content-Security-Policy", kPagePolicy}, {"Cache-Control", "no-cache"}};
  return response;
}

Reply client_reply(Site& site, HttpRequest request) {
  if (!request.target.starts_with('/')) return error_response(400, "the path has to begin with /");
  if (!request.header("Content-Encoding").empty()) {
    return error_response(415, "compressed bodies are not taken");
  }
  Segments segments = segments_of(request.path());
  if (segments.front() == "v2") {
    const std::string kept = request.target;  // the segments are of it
    segments = segments_of(std::string_view(kept).substr(0, kept.find('?')));
    return protocol_reply(site, std::move(segments), std::move(request));
  }
  const bool image = request.path() == "/predict" || request.path() == "/detect";
  if (image) return predict_reply(site, std::move(request));
  return page_reply(request);
}

}  // namespace

std::vector<ModelMetrics> Site::metrics() const {
  std::vector<ModelMetrics> all;
  for (const Entry& entry : entries) {
    if (entry.model) all.push_back(entry.model->metrics());
  }
  return all;
}

Handler client_routes(Site& site) {
  return [&site](HttpRequest request) { return client_reply(site, std::move(request)); };
}

Handler operator_routes(const Site& site, const HttpCounts& http) {
  return [&site, &http](const HttpRequest& request) -> Reply {
    if (!reads(request)) return wrong_method("GET");
    if (request.path() == "/v2/health/live") return health(site, "live");
    if (request.path() == "/v2/health/ready") return health(site, "ready");
    if (request.path() != "/metrics") return not_found(request);
    return HttpResponse{.body = metrics_text(site.metrics(), http),
                        .type = "text/plain; version=0.0.4"};
  };
}

}  // namespace tv2onnx::serve
