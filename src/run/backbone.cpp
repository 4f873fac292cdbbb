#include "tv2onnx/backbone.h"

#include <map>
#include <memory>

#include "run/open_session.h"

namespace tv2onnx {
namespace {

/// What was opened, and what was found out so far.
struct Runs {
  std::unique_ptr<Session> session;
  std::map<Shape, std::vector<Shape>> shapes;
};

Session open(const std::filesystem::path& path, std::span<const std::byte> bytes,
             const SessionOptions& options) {
  if (bytes.empty()) return open_session(path, options);
  return {bytes, path.empty() ? "the backbone" : path.string(), options};
}

std::vector<Shape> shapes_for(const Session& session, const Shape& images) {
  const auto count = static_cast<std::size_t>(element_count(images));
  std::vector<Shape> shapes;
  for (const Tensor& map : session.run({make_tensor(images, std::vector<float>(count))})) {
    shapes.push_back(map.shape);
  }
  return shapes;
}

}  // namespace

std::function<std::vector<Shape>(const Shape& images)> run_backbone(
    const std::filesystem::path& path, std::span<const std::byte> bytes,
    const SessionOptions& options) {
  const auto runs = std::make_shared<Runs>();
  return [=](const Shape& images) {
    const auto known = runs->shapes.find(images);
    if (known != runs->shapes.end()) return known->second;
    if (!runs->session) {
      runs->session = std::make_unique<Session>(open(path, bytes, options));
    }
    return runs->shapes[images] = shapes_for(*runs->session, images);
  };
}

}  // namespace tv2onnx
