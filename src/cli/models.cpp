// tv2onnx models [NAME]: what can be exported, and a model's settings.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/model_options.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {
namespace {

nlohmann::ordered_json as_json(const Model& model) {
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  for (const Option& option : model.options) {
    options[option.name] = {{"default", nlohmann::ordered_json::parse(to_json(option.standard))},
                            {"flag", flag_of(option.name)},
                            {"help", option.help}};
  }
  return {{"name", model.name}, {"description", model.description}, {"options", options}};
}

int print_all(bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> rows{{"NAME", "DESCRIPTION"}};
  for (const Model& model : models()) {
    list.push_back(as_json(model));
    rows.push_back({model.name, model.description});
  }
  fmt::print("{}\n", json ? list.dump(2) : table_text(rows));
  return 0;
}

int print_one(const Model& model, bool json) {
  if (json) {
    fmt::print("{}\n", as_json(model).dump(2));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"SETTING", "DEFAULT", "MEANING"}};
  for (const Option& option : model.options) {
    rows.push_back({flag_of(option.name), to_json(option.standard), option.help});
  }
  fmt::print("{}\n{}\n\n{}\n", model.name, model.description, table_text(rows));
  return 0;
}

}  // namespace

void add_models(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("models", "list the models that can be exported");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("NAME", *name, "show the settings of this one");
  command->add_flag("--json", *json, "answer as JSON");
  command->callback([name, json, &invocation] {
    invocation.run = [name, json] {
      return name->empty() ? print_all(*json) : print_one(find_model(*name), *json);
    };
  });
}

}  // namespace tv2onnx::cli
