#include "serve/static_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/own_place.h"
#include "serve/page.h"
#include "serve/repository_files.h"
#include "serve/triton.h"
#include "tv2onnx/error.h"

namespace tv2onnx::serve {
namespace {

namespace fs = std::filesystem;
using Settings = nlohmann::ordered_json;

constexpr std::array kWebFiles{"ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs",
                               "ort-wasm-simd-threaded.wasm"};

bool has_web_files(const fs::path& folder) {
  std::error_code ignored;
  return std::ranges::all_of(
      kWebFiles, [&](const char* name) { return fs::is_regular_file(folder / name, ignored); });
}

fs::path web_folder(const fs::path& asked) {
  const fs::path own = own_folder();
  std::vector<fs::path> folders{asked, asked / "dist"};
  if (asked.empty()) {
    folders = {(own / ".." / "lib" / "tv2onnx" / "web").lexically_normal(), own / "web"};
    const fs::path checkout = checkout_of(own);
    if (!checkout.empty()) folders.push_back(checkout / ".cache" / "onnxruntime" / "lib" / "web");
  }
  const auto found = std::ranges::find_if(folders, has_web_files);
  if (found != folders.end()) return *found;
  std::vector<std::string> looked;
  for (const fs::path& folder : folders) looked.push_back("looked in " + folder.string());
  throw Error({.code = "R001",
               .found = "no onnxruntime-web, which runs the model in the browser",
               .expected = fmt::format("a folder with {}", fmt::join(kWebFiles, ", ")),
               .details = looked,
               .hint = "scripts/setup page, or unpack `npm pack onnxruntime-web@1.30.0` and give "
                       "--web package/dist"});
}

void require_for_page(const Runner& runner) {
  if (takes_whole_images(runner)) return;
  throw Error({.code = "R007",
               .found = "the page cannot make what this model takes",
               .where = {.file = session_of(runner).file()},
               .expected = "one image of any size with pixels of 0..1 or 0..255: a detector "
                           "(not --outputs raw), or a classifier or segmentation with "
                           "--preprocess full"});
}

Settings input_settings(const ImageInput& input) {
  return {{"name", input.port.name},
          {"bytes", input.bytes()},
          {"planes", input.layout == Layout::kPlanes},
          {"bgr", input.order == ChannelOrder::kBgr},
          {"unit", !input.bytes() && input.range != PixelRange::kByte}};
}

Settings detection_settings(const DetectionOutputs& outputs, const std::vector<PortInfo>& ports) {
  Settings settings{{"boxes", ports[outputs.boxes].name},
                    {"labels", ports[outputs.labels].name},
                    {"scores", ports[outputs.scores].name}};
  const auto add = [&](const char* key, const std::optional<std::size_t>& output) {
    if (output) settings[key] = ports[*output].name;
  };
  add("count", outputs.num_detections);
  add("masks", outputs.masks);
  add("keypoints", outputs.keypoints);
  add("keypointsScores", outputs.keypoints_scores);
  return settings;
}

Settings answer_settings(const AnswerOutputs& answer, const std::vector<PortInfo>& ports) {
  const bool logits = answer.mode == OutputMode::kLogits;
  Settings settings{{"answer", ports[answer.answer].name}, {"mode", logits ? "logits" : ""}};
  if (answer.labels) settings["labels"] = ports[*answer.labels].name;
  return settings;
}

}  // namespace

std::string page_settings(const std::string& name, const Runner& runner) {
  const Contract& contract = contract_of(runner);
  const std::vector<PortInfo>& ports = session_of(runner).outputs();
  return json_line({{"mode", "browser"},
                    {"name", name},
                    {"model", "model.onnx"},
                    {"task", task_name(contract.task)},
                    {"input", input_settings(contract.input)},
                    {"outputs", contract.task == Task::kDetection
                                    ? detection_settings(contract.outputs, ports)
                                    : answer_settings(contract.answer, ports)},
                    {"classNames", contract.class_names}}) +
         "\n";
}

std::vector<fs::path> write_page(const NamedFile& model, const fs::path& folder,
                                 const SessionOptions& session, const PageOptions& options) {
  const Runner runner = load_runner(model.file, session);
  require_for_page(runner);
  const fs::path web = web_folder(options.web);
  const auto file = complete_file(model.file, session);
  std::vector<fs::path> written;
  const auto write = [&](std::string_view name, std::span<const std::byte> bytes) {
    written.push_back(folder / name);
    write_below(written.back(), bytes, options.overwrite);
  };
  const std::string settings = page_settings(model.name, runner);
  for (const PageFile& page : page_files()) {
    const std::string_view content = page.name == "page.json" ? settings : page.content;
    write(page.name, std::as_bytes(std::span(content)));
  }
  write("model.onnx", file->bytes());
  for (const char* name : kWebFiles) write(name, MappedFile::open(web / name)->bytes());
  return written;
}

}  // namespace tv2onnx::serve
