#include "export/export_commands.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace tv2onnx {

std::int64_t image_channels(const Checkpoint& checkpoint) {
  if (!checkpoint.modules.empty()) return 3;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.starts_with("backbone.") && tensor.shape.size() == 4) return tensor.shape[1];
  }
  return 3;
}

std::vector<std::string> export_commands(const Checkpoint& checkpoint, const Recognition& guess) {
  if (guess.model() == nullptr) return {};
  if (!guess.differences.empty()) return {"tv2onnx explain W005"};
  const std::filesystem::path file(checkpoint.file);
  std::string command = fmt::format("tv2onnx export {} -o {}", shell_quoted(checkpoint.file),
                                    shell_quoted(file.stem().string() + ".onnx"));
  // The defaults are for three colours.
  if (image_channels(checkpoint) != 3) command += " --image-mean 0 --image-std 1";
  std::vector<std::string> commands{command};
  if (!guess.ambiguity.empty()) {
    commands.clear();
    for (const Model* candidate : guess.candidates) {
      commands.push_back(command + " --arch " + candidate->name);
    }
  }
  if (!checkpoint.holder.empty() && checkpoint.choices.empty()) {
    std::string member = checkpoint.stripped_prefix;
    if (member.ends_with('.')) member.pop_back();
    for (std::string& one : commands) one += " --prefix " + shell_quoted(member);
  }
  if (checkpoint.choices.size() < 2) return commands;
  std::vector<std::string> of_each;
  for (const std::string& choice : checkpoint.choices) {
    of_each.push_back(commands.front() + " --prefix " + shell_quoted(choice));
  }
  return of_each;
}

}  // namespace tv2onnx
