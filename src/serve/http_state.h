#pragma once
// The connections of a server. One thread has all of them: reading and writing alone are done
// there, so nothing of a connection needs a lock.

#include <cstddef>
#include <thread>
#include <unordered_set>
#include <utility>  // before Asio, which uses it without including it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>

#include "serve/http.h"
#include "serve/http_beast.h"

namespace tv2onnx::serve {

/// Part of a sum, taken back at the end.
class Share {
 public:
  explicit Share(std::size_t& sum) : sum_(sum) {}
  ~Share() { sum_ -= own_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  void add(std::size_t more) {
    own_ += more;
    sum_ += more;
  }

 private:
  std::size_t& sum_;
  std::size_t own_ = 0;
};

struct HttpServer::State {
  struct Connection {
    boost::beast::tcp_stream stream;
    boost::beast::flat_buffer buffer;
    bool reading = true;  ///< no whole request has come, so that it can be closed
  };

  State(const HttpOptions& given, Handler handles);

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> converse(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<bool> one_request(Connection& connection);
  boost::asio::awaitable<bool> read_head(Connection& connection, Parser& parser);
  boost::asio::awaitable<bool> read_body(Connection& connection, Parser& parser, Share& reserved);
  boost::asio::awaitable<HttpResponse> answer(HttpRequest request);
  boost::asio::awaitable<HttpResponse> in_pool(Work work);
  boost::asio::awaitable<bool> write(Connection& connection, HttpResponse response, bool head,
                                     bool keep, unsigned version = 11);
  boost::asio::awaitable<void> refuse(Connection& connection, HttpResponse response);

  HttpOptions options;
  Handler handler;
  HttpCounts counts;
  std::unordered_set<Connection*> open;
  std::size_t body_bytes = 0;  ///< reserved by the requests that have a body now
  std::size_t working = 0;     ///< requests in the pool
  bool draining = false;
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::thread_pool pool;
  std::thread thread;
};

}  // namespace tv2onnx::serve
