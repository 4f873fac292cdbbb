#include "tv2onnx/estimate_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "run/each_image.h"
#include "run/one_result.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

EstimatedFlow estimate_one(const Flow& flow, const FramePair& pair, const fs::path& picture,
                           const fs::path& flo, const FlowOptions& options) {
  const Tensor first = read_image(pair.first, options.image);
  const Tensor moved = flow.run(first, read_image(pair.second, options.image));
  EstimatedFlow result{pair, first.shape[2], first.shape[1]};
  measure(moved, result);
  if (!flo.empty()) write_bytes(encode_flo(moved), flo, options.overwrite);
  if (!picture.empty()) write_picture(draw_flow(moved), picture, options.overwrite);
  return result;
}

const fs::path& faulty_file(const EstimatedFlow& result) {
  const FramePair& pair = result.pair;
  return result.error->parts().where.file == pair.second.string() ? pair.second : pair.first;
}

nlohmann::ordered_json movement_of(const EstimatedFlow& result) {
  return {{"mean", result.mean},
          {"longest", result.longest},
          {"right", result.right},
          {"down", result.down}};
}

std::string pair_json(const EstimatedFlow& result) {
  nlohmann::ordered_json json{{"first", result.pair.first.string()},
                              {"second", result.pair.second.string()}};
  if (result.error) {
    json["error"] = error_json(faulty_file(result), *result.error);
    return json_line(json);
  }
  json["width"] = result.width;
  json["height"] = result.height;
  json.update(movement_of(result));
  return json_line(json);
}

}  // namespace

void measure(const Tensor& flow, EstimatedFlow& result) {
  const auto values = flow.as<float>();
  const std::size_t area = values.size() / 2;
  for (std::size_t k = 0; k < area; ++k) {
    const double right = values[k];
    const double down = values[area + k];
    const double length = std::hypot(right, down);
    result.mean += length;
    result.right += right;
    result.down += down;
    result.longest = std::max(result.longest, length);
  }
  for (double* sum : {&result.mean, &result.right, &result.down}) *sum /= static_cast<double>(area);
}

std::string movement_json(const EstimatedFlow& result) {
  const std::string object = json_line(movement_of(result));
  return object.substr(1, object.size() - 2);
}

std::size_t FlowReport::failed() const {
  return failures_in(pairs);
}

FlowReport estimate_flow(const Flow& flow, const std::vector<FramePair>& pairs,
                         const FlowOptions& options) {
  FlowReport report{
      .model = flow.session().file(), .architecture = flow.contract().architecture, .pairs = {}};
  require_pictures(options.pictures.size(), pairs.size());
  require_pictures(options.flo_files.size(), pairs.size());
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::string name = pairs[k].first.string();
    begin_step(options.control, {name, k, pairs.size()});
    report.pairs.push_back(or_error(EstimatedFlow{pairs[k]}, [&] {
      return estimate_one(flow, pairs[k], target_of(options.pictures, k),
                          target_of(options.flo_files, k), options);
    }));
    if (options.estimated) options.estimated(report.pairs.back());
  }
  return report;
}

std::string error_line(const EstimatedFlow& pair) {
  return error_line(faulty_file(pair), *pair.error);
}

std::string to_json(const FlowReport& report) {
  std::vector<std::string> pairs;
  for (const EstimatedFlow& pair : report.pairs) pairs.push_back(pair_json(pair));
  return fmt::format("{{\n  \"model\":{},\n  \"architecture\":{},\n  \"pairs\":{}\n}}\n",
                     json_line(report.model), json_line(report.architecture),
                     json_list(pairs, "  "));
}

}  // namespace tv2onnx
