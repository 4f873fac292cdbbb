#include "support/designed_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>

#include "support/files.h"

namespace tv2onnx::testing {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char byte : text) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  return value;
}

Shape shape_in(const std::string& text) {
  Shape shape;
  std::istringstream dims(text);
  for (std::string dim; std::getline(dims, dim, ',');) shape.push_back(std::stoll(dim));
  return shape;
}

void append_layer(char kind, const std::string& name, const Shape& shape, TensorList& tensors) {
  if (kind == 't') return tensors.emplace_back(name, shape), void();
  tensors.emplace_back(name + ".weight", shape);
  tensors.emplace_back(name + ".bias", Shape{shape[0]});
  if (kind != 'b') return;
  tensors.emplace_back(name + ".running_mean", shape);
  tensors.emplace_back(name + ".running_var", shape);
}

std::map<std::string, TensorList> read_tensors(const char* file) {
  std::map<std::string, TensorList> builders;
  std::istringstream lines(read_file(std::string(TV2ONNX_SOURCE_DIR "/tests/golden/zoo/") + file));
  TensorList* builder = nullptr;
  std::string last;
  char kind = 0;
  while (lines >> kind) {
    std::string name, dims;
    if (kind == '=') {
      lines >> name;
      builder = &builders[name];
      last.clear();
      continue;
    }
    std::size_t shared = 0;
    lines >> shared >> name >> dims;
    last = last.substr(0, shared) + (name == "-" ? "" : name);
    append_layer(kind, last, shape_in(dims), *builder);
  }
  return builders;
}

/// The value of element `u` of noise.
std::function<double(double)> design_of(const std::string& key, const Shape& shape,
                                        const std::map<std::string, double>& norms) {
  const std::size_t dot = key.rfind('.');
  const std::string_view leaf = std::string_view(key).substr(dot + 1);
  if (leaf == "running_mean" || leaf == "running_var") {
    const double r = norms.at(key.substr(0, dot));
    if (leaf == "running_mean") return [r](double u) { return 0.1 * r * u; };
    return [r](double u) { return r * r * (1 + 0.5 * u); };
  }
  if (leaf == "logit_scale") return [](double u) { return 1.5 + 0.5 * u; };
  if (leaf == "layer_scale") return [](double u) { return 0.3 + 0.1 * u; };
  if (shape.size() >= 2) {
    const double fan_in = static_cast<double>(element_count(shape) / shape[0]);
    return [scale = std::sqrt(6 / fan_in)](double u) { return u * scale; };
  }
  if (leaf == "weight") return [](double u) { return 1 + 0.25 * u; };
  return [](double u) { return 0.1 * u; };
}

Tensor designed(const std::string& key, const Shape& shape,
                const std::function<double(double)>& f) {
  const std::vector<double> u = noise(key, static_cast<std::size_t>(element_count(shape)));
  std::vector<float> values(u.size());
  for (std::size_t k = 0; k < u.size(); ++k) values[k] = static_cast<float>(f(u[k]));
  return make_tensor(shape, std::move(values));
}

/// For each pair of tokens of a window of so many frames the row of the table of relative
/// positions.
std::vector<std::int64_t> position_rows(std::int64_t frames, std::int64_t side) {
  std::vector<std::int64_t> rows;
  const std::int64_t plane = side * side;
  for (std::int64_t a = 0; a < frames * plane; ++a) {
    for (std::int64_t b = 0; b < frames * plane; ++b) {
      const std::int64_t later = a / plane - b / plane + frames - 1;
      const std::int64_t down = a % plane / side - b % plane / side + side - 1;
      const std::int64_t right = a % side - b % side + side - 1;
      rows.push_back((later * (2 * side - 1) + down) * (2 * side - 1) + right);
    }
  }
  return rows;
}

/// Windows are square, or of Swin3D's 8 frames of 7x7.
Tensor position_index(const Shape& shape) {
  if (shape == Shape{8 * 7 * 7, 8 * 7 * 7}) return make_tensor(shape, position_rows(8, 7));
  const auto side = std::llround(std::pow(static_cast<double>(element_count(shape)), 0.25));
  return make_tensor(shape, position_rows(1, side));
}

/// The distances of Swin Transformer V2, [1, span, span, 2].
Tensor position_coordinates(const Shape& shape) {
  const std::int64_t span = shape[1];
  const auto scaled = [&](std::int64_t k) {
    const double share = 8 * (2.0 * static_cast<double>(k) / static_cast<double>(span - 1) - 1);
    return static_cast<float>(std::copysign(std::log2(std::abs(share) + 1) / 3, share));
  };
  std::vector<float> values;
  for (std::int64_t k = 0; k < span * span; ++k) {
    values.push_back(scaled(k / span));
    values.push_back(scaled(k % span));
  }
  return make_tensor(shape, std::move(values));
}

}  // namespace

const std::map<std::string, TensorList>& builder_tensors() {
  static const std::map<std::string, TensorList> builders = read_tensors("classifier_tensors.txt");
  return builders;
}

const std::map<std::string, TensorList>& task_tensors() {
  static const std::map<std::string, TensorList> builders = read_tensors("task_tensors.txt");
  return builders;
}

Checkpoint without_values(const TensorList& tensors) {
  Checkpoint checkpoint;
  checkpoint.file = "model.pth";
  for (const auto& [key, shape] : tensors) {
    checkpoint.tensors.push_back({key, {DType::kFloat32, shape, {}, nullptr, nullptr}});
  }
  return checkpoint;
}

std::vector<double> noise(std::string_view key, std::size_t count) {
  std::vector<double> numbers(count);
  std::uint64_t state = fnv1a(key);
  for (double& number : numbers) {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    z ^= z >> 31U;
    number = static_cast<double>(z >> 40U) / 8388608.0 - 1;
  }
  return numbers;
}

Checkpoint with_designed_values(const TensorList& tensors,
                                const std::map<std::string, double>& norms,
                                const std::map<std::string, double>& factors) {
  Checkpoint checkpoint = without_values(tensors);
  for (auto& [name, tensor] : checkpoint.tensors) {
    if (name.ends_with("relative_position_index")) {
      tensor = position_index(tensor.shape);
    } else if (name.ends_with("relative_coords_table")) {
      tensor = position_coordinates(tensor.shape);
    } else {
      const auto found = factors.find(name.substr(name.rfind('.') + 1));
      const double factor = found != factors.end() ? found->second : 1;
      const auto design = design_of(name, tensor.shape, norms);
      tensor = designed(name, tensor.shape, [&](double u) { return factor * design(u); });
    }
  }
  return checkpoint;
}

Tensor designed_images(std::int64_t count, std::int64_t height, std::int64_t width) {
  return designed(fmt::format("input/{}x{}", height, width), {count, 3, height, width},
                  [](double u) { return 2 * u; });
}

std::vector<Tensor> designed_inputs(const Shape& shape, std::size_t count) {
  const std::string key = fmt::format("input/{}", fmt::join(shape, "x"));
  const double scale = count > 1 ? 1 : 2;
  std::vector<Tensor> inputs;
  for (std::size_t k = 0; k < count; ++k) {
    inputs.push_back(designed(k == 0 ? key : fmt::format("{}/{}", key, k + 1), shape,
                              [scale](double u) { return scale * u; }));
  }
  return inputs;
}

}  // namespace tv2onnx::testing
