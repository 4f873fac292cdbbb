#include <fmt/format.h>

#include <array>

#include "serve/http_state.h"

namespace tv2onnx::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr milliseconds kLinger{2000};  // for a client that still sends what nobody reads

auto into(beast::error_code& problem) {
  return asio::redirect_error(asio::use_awaitable, problem);
}

asio::awaitable<HttpResponse> done(Work work) {
  try {
    co_return work();
  } catch (const std::bad_alloc&) {
    co_return error_response(503, "out of memory");
  } catch (const std::exception& error) {
    co_return error_response(500, error.what());
  }
}

}  // namespace

asio::awaitable<void> HttpServer::State::accept() {
  for (;;) {
    beast::error_code problem;
    tcp::socket socket = co_await acceptor.async_accept(into(problem));
    if (draining) co_return;
    if (problem) {  // for example no more file descriptors: the next try must not come at once
      asio::steady_timer pause(context, milliseconds(50));
      co_await pause.async_wait(into(problem));
      continue;
    }
    if (open.size() >= options.connections) {
      ++counts.too_busy;
      continue;  // closed
    }
    asio::co_spawn(context, converse(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> HttpServer::State::converse(tcp::socket socket) {
  beast::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  Connection connection{beast::tcp_stream(std::move(socket)),
                        beast::flat_buffer(options.header_bytes + (std::size_t{64} << 10U))};
  open.insert(&connection);
  ++counts.connections;
  try {
    while (!draining && co_await one_request(connection)) {
    }
  } catch (const std::exception&) {
    // Of this connection alone, for example for want of memory: it is closed.
  }
  open.erase(&connection);
  --counts.connections;
}

/// Whether another request may follow.
asio::awaitable<bool> HttpServer::State::one_request(Connection& connection) {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.header_bytes));
  parser.body_limit(options.body_bytes);
  connection.reading = true;
  if (!co_await read_head(connection, parser)) co_return false;
  ++counts.requests;
  HttpResponse response;
  {
    Share body(body_bytes);
    if (!co_await read_body(connection, parser, body)) co_return false;
    connection.reading = false;
    response = co_await answer(request_of(parser));
  }
  const auto& message = parser.get();
  const bool head = message.method() == http::verb::head;
  const bool keep = message.keep_alive() && !draining;
  co_return co_await write(connection, std::move(response), head, keep, message.version());
}

asio::awaitable<bool> HttpServer::State::read_head(Connection& connection, Parser& parser) {
  beast::error_code problem;
  if (connection.buffer.size() == 0) {
    connection.stream.expires_after(options.idle);
    const std::size_t count = co_await connection.stream.async_read_some(
        connection.buffer.prepare(std::size_t{4} << 10U), into(problem));
    connection.buffer.commit(count);
    if (problem) co_return false;  // gone, or idle for too long: nobody expects an answer
  }
  connection.stream.expires_after(options.header_time);
  co_await http::async_read_header(connection.stream, connection.buffer, parser, into(problem));
  if (!problem) co_return true;
  ++counts.refused;
  if (auto response = answer_to(problem, options)) {
    co_await refuse(connection, std::move(*response));
  }
  co_return false;
}

/// `reserved` is what the body takes of all_body_bytes. False after a refusal.
asio::awaitable<bool> HttpServer::State::read_body(Connection& connection, Parser& parser,
                                                   Share& reserved) {
  if (parser.is_done()) co_return true;
  const auto length = parser.content_length();
  if (length && *length > options.body_bytes) {
    ++counts.refused;
    co_await refuse(connection, *answer_to(http::error::body_limit, options));
    co_return false;
  }
  const std::size_t wanted = length ? static_cast<std::size_t>(*length) : options.body_bytes;
  if (wanted > options.all_body_bytes - body_bytes) {
    ++counts.too_busy;
    co_await refuse(connection, too_busy("too much is being sent at once; try again"));
    co_return false;
  }
  reserved.add(wanted);
  connection.stream.expires_after(options.body_time);
  beast::error_code problem;
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on{http::status::continue_, 11};
    co_await http::async_write(connection.stream, go_on, into(problem));
  }
  if (!problem) {
    co_await http::async_read(connection.stream, connection.buffer, parser, into(problem));
  }
  if (!problem) co_return true;
  ++counts.refused;
  if (auto response = answer_to(problem, options)) {
    co_await refuse(connection, std::move(*response));
  }
  co_return false;
}

asio::awaitable<HttpResponse> HttpServer::State::answer(HttpRequest request) {
  Reply reply = handler(std::move(request));
  if (auto* response = std::get_if<HttpResponse>(&reply)) co_return std::move(*response);
  if (working >= options.waiting) {
    ++counts.too_busy;
    co_return too_busy(fmt::format("{} requests are being answered; try again", working));
  }
  Share place(working);
  place.add(1);
  co_return co_await in_pool(std::get<Work>(std::move(reply)));
}

asio::awaitable<HttpResponse> HttpServer::State::in_pool(Work work) {
  co_return co_await asio::co_spawn(pool, done(std::move(work)), asio::use_awaitable);
}

/// Whether all was taken and the connection is to be kept.
asio::awaitable<bool> HttpServer::State::write(Connection& connection, HttpResponse response,
                                               bool head, bool keep, unsigned version) {
  const Message message = message_of(std::move(response), head, keep, version);
  http::response_serializer<http::string_body> serializer(message);
  serializer.split(false);
  connection.stream.expires_after(options.write_time);
  beast::error_code problem;
  if (head) {
    co_await http::async_write_header(connection.stream, serializer, into(problem));
  } else {
    co_await http::async_write(connection.stream, serializer, into(problem));
  }
  co_return !problem && keep;
}

/// Says what is wrong and closes, but not before the client has had time to read it: what it still
/// sends is thrown away meanwhile.
asio::awaitable<void> HttpServer::State::refuse(Connection& connection, HttpResponse response) {
  co_await write(connection, std::move(response), false, false);
  beast::error_code problem;
  connection.stream.socket().shutdown(tcp::socket::shutdown_send, problem);
  connection.stream.expires_after(kLinger);
  std::array<char, 4096> unwanted{};
  while (!problem) {
    co_await connection.stream.async_read_some(asio::buffer(unwanted), into(problem));
  }
}

}  // namespace tv2onnx::serve
