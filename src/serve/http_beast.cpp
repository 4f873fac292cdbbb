#include "serve/http_beast.h"

#include <fmt/format.h>

#include <utility>

namespace tv2onnx::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

std::string text_of(boost::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

HttpRequest request_of(Parser& parser) {
  auto& message = parser.get();
  HttpRequest request{text_of(message.method_string()), text_of(message.target()), {}, {}};
  for (const auto& field : message) {
    request.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

Message message_of(HttpResponse response, bool head, bool keep_alive, unsigned version) {
  Message message{static_cast<http::status>(response.status), version};
  message.set(http::field::content_type, response.type);
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.keep_alive(keep_alive);
  message.content_length(response.body.size());
  if (!head) message.body() = std::move(response.body);
  return message;
}

HttpResponse too_busy(const std::string& text) {
  HttpResponse response = error_response(503, text);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<HttpResponse> answer_to(const boost::beast::error_code& problem,
                                      const HttpOptions& options) {
  if (problem == http::error::end_of_stream || problem == http::error::partial_message) return {};
  if (problem == beast::error::timeout) return error_response(408, "the request took too long");
  if (problem == http::error::body_limit) {
    return error_response(
        413, fmt::format("the body is too large; at most {} bytes are taken", options.body_bytes));
  }
  if (problem == http::error::header_limit || problem == http::error::buffer_overflow) {
    return error_response(431, fmt::format("the header is too large; at most {} bytes are taken",
                                           options.header_bytes));
  }
  if (problem.category() == http::make_error_code(http::error::bad_method).category()) {
    return error_response(400, "this is no HTTP request: " + problem.message());
  }
  return {};
}

}  // namespace tv2onnx::serve
