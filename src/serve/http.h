#pragma once
// HTTP/1.1 on one port. Connections cost a coroutine, not a thread, so idle and slow clients keep
// nobody waiting; work is done in a pool of threads, and never more of it at once than is allowed.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tv2onnx::serve {

/// Names are compared without regard to case.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  ///< "GET", "POST"
  std::string target;  ///< path with query, as it came
  Headers headers;
  std::string body;

  std::string_view path() const;
  /// The value of a header, "" if there is none.
  std::string_view header(std::string_view name) const;
  /// The value of a parameter of the query, decoded; "" if there is none.
  std::string parameter(std::string_view name) const;
  /// All names of parameters of the query.
  std::vector<std::string> parameters() const;
};

struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  Headers headers = {};
};

/// {"error": text}, as the Open Inference Protocol has errors.
HttpResponse error_response(int status, const std::string& text);

/// What is done with a request: an answer that is there, or work that gives one.
using Work = std::function<HttpResponse()>;
using Reply = std::variant<HttpResponse, Work>;

/// Called in the thread of the connections; must not wait. What Work throws is answered with 500.
using Handler = std::function<Reply(HttpRequest)>;

struct HttpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  std::size_t header_bytes = std::size_t{16} << 10U;
  std::size_t body_bytes = std::size_t{32} << 20U;
  std::size_t all_body_bytes = std::size_t{512} << 20U;  ///< of all requests together
  std::size_t connections = 2048;                        ///< more are closed at once
  std::size_t threads = 16;                              ///< of the pool
  std::size_t waiting = 64;                              ///< requests in the pool; more get 503
  std::chrono::milliseconds idle{60'000};                ///< until a next request has begun
  std::chrono::milliseconds header_time{10'000};  ///< from its first byte to the end of its header
  std::chrono::milliseconds body_time{60'000};    ///< to receive its body
  std::chrono::milliseconds write_time{60'000};   ///< to take the answer
};

/// Counters that only grow, but `connections`.
struct HttpCounts {
  std::atomic<std::uint64_t> connections{0};  ///< open now
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> too_busy{0};  ///< answered with 503
  std::atomic<std::uint64_t> refused{0};   ///< malformed, too large or too slow
};

class HttpServer {
 public:
  /// Listens and answers from now on. \throws Error U002: the address or port cannot be used.
  HttpServer(const HttpOptions& options, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  const HttpCounts& counts() const;
  /// Takes no more connections, lets the requests that have come be answered for at most `grace`,
  /// and ends. Whether all of them were.
  bool drain(std::chrono::milliseconds grace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tv2onnx::serve
