#pragma once
// Requests and responses as Boost.Beast has them.

#include <boost/beast/core/error.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "serve/http.h"

namespace tv2onnx::serve {

using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
using Message = boost::beast::http::response<boost::beast::http::string_body>;

/// The body is moved out of the parser.
HttpRequest request_of(Parser& parser);

Message message_of(HttpResponse response, bool head, bool keep_alive, unsigned version);

/// 503 with Retry-After.
HttpResponse too_busy(const std::string& text);

/// What to say to a request that could not be read; nothing if nobody listens any more.
std::optional<HttpResponse> answer_to(const boost::beast::error_code& problem,
                                      const HttpOptions& options);

}  // namespace tv2onnx::serve
