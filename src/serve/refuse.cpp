#include "serve/refuse.h"

#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx::serve {

void refuse(std::string found, std::string expected, std::string item) {
  throw Error({.code = "R006",
               .found = std::move(found),
               .where = {.item = std::move(item)},
               .expected = std::move(expected)});
}

}  // namespace tv2onnx::serve
