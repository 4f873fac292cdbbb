#include "cli/evaluate_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "base/stable_sort.h"
#include "base/text.h"

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kWidest = 12;  // categories that a table has room for
constexpr std::size_t kMostRows = 30;

std::string name_of(const CocoCategory& category) {
  return category.name.empty() ? std::to_string(category.id) : category.name;
}

std::string percent_or_dash(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", 100 * *value) : "-";
}

std::string table_of_scores(const CocoScores& scores) {
  std::string text =
      fmt::format("{}, {}, {}\n\n", counted(scores.images, "image"),
                  counted(scores.objects, "object"), counted(scores.results, "result"));
  for (const CocoFigure& figure : scores.figures) {
    text += fmt::format("{:<6} {:>7}\n", figure.name, percent_or_dash(figure.value));
  }
  std::vector<std::vector<std::string>> rows{{"CATEGORY", "OBJECTS", "AP", "AP50", "AR"}};
  for (const CocoCategoryScores& one : scores.categories) {
    rows.push_back({name_of(one.category), std::to_string(one.objects), percent_or_dash(one.ap),
                    percent_or_dash(one.ap50), percent_or_dash(one.ar)});
  }
  return text + "\n" + table_text(std::move(rows));
}

std::string text_of_difference(const Evaluated& found, const std::string& other) {
  const CocoDifference& difference = *found.difference;
  const double apart = 100 * (difference.second - difference.first);
  return fmt::format(
             "\nagainst {}: AP {:.2f} there, {:+.2f} here; {:+.2f} to {:+.2f} in 95 % of {} draws "
             "of "
             "the images\n",
             printable(other, 4096), 100 * difference.first, apart, 100 * difference.low,
             100 * difference.high, difference.rounds) +
         fmt::format(
             "kept {:.1f} %: {} of {} results there with a score of at least 0.5 (same category, "
             "overlap 0.9); {} new\n",
             100 * found.kept->share(), found.kept->again, found.kept->confident,
             found.kept->added);
}

std::string matrix_of(const CocoConfusion& confusion) {
  const std::size_t side = confusion.categories.size();
  std::vector<std::vector<std::string>> rows{{"ANNOTATED \\ FOUND"}};
  for (const CocoCategory& category : confusion.categories) rows[0].push_back(name_of(category));
  rows[0].emplace_back("(missed)");
  for (std::size_t truth = 0; truth <= side; ++truth) {
    rows.push_back({truth < side ? name_of(confusion.categories[truth]) : "(nothing)"});
    for (std::size_t k = 0; k <= side; ++k) {
      const bool empty = truth == side && k == side;
      rows.back().push_back(empty ? "" : std::to_string(confusion.count(truth, k)));
    }
  }
  return table_text(std::move(rows));
}

/// The most frequent mistakes, where a table would be too wide.
std::string list_of(const CocoConfusion& confusion) {
  const std::size_t side = confusion.categories.size();
  std::vector<std::tuple<std::size_t, std::size_t, std::size_t>> mistakes;
  for (std::size_t truth = 0; truth <= side; ++truth) {
    for (std::size_t k = 0; k <= side; ++k) {
      const std::size_t count = confusion.count(truth, k);
      if (truth != k && count > 0) mistakes.emplace_back(count, truth, k);
    }
  }
  sort_stably(mistakes,
              [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
  std::vector<std::vector<std::string>> rows{{"ANNOTATED", "FOUND", "COUNT"}};
  for (const auto& [count, truth, k] : mistakes) {
    if (rows.size() > kMostRows) break;
    rows.push_back({truth < side ? name_of(confusion.categories[truth]) : "(nothing)",
                    k < side ? name_of(confusion.categories[k]) : "(missed)",
                    std::to_string(count)});
  }
  return table_text(std::move(rows));
}

nlohmann::ordered_json json_of_confusion(const CocoConfusion& confusion) {
  const std::size_t side = confusion.categories.size() + 1;
  nlohmann::ordered_json json{{"categories", nlohmann::ordered_json::array()},
                              {"counts", nlohmann::ordered_json::array()}};
  for (const CocoCategory& category : confusion.categories) {
    json["categories"].push_back(category.id);
  }
  for (std::size_t truth = 0; truth < side; ++truth) {
    auto& row = json["counts"].emplace_back(nlohmann::ordered_json::array());
    for (std::size_t k = 0; k < side; ++k) row.push_back(confusion.count(truth, k));
  }
  return json;
}

}  // namespace

std::string evaluation_text(const Evaluated& found, const std::string& other) {
  std::string text = table_of_scores(found.scores);
  if (found.difference) text += text_of_difference(found, other);
  if (found.confusion) {
    const bool narrow = found.confusion->categories.size() <= kWidest;
    text += "\nwith a score of at least 0.5, at the same place (overlap 0.5):\n" +
            (narrow ? matrix_of(*found.confusion) : list_of(*found.confusion));
  }
  return text;
}

std::string evaluation_json(const Evaluated& found) {
  auto json = nlohmann::ordered_json::parse(to_json(found.scores));
  if (found.difference) {
    const CocoDifference& difference = *found.difference;
    json["against"] = {
        {"AP", difference.first},     {"difference", difference.second - difference.first},
        {"low", difference.low},      {"high", difference.high},
        {"draws", difference.rounds}, {"confident", found.kept->confident},
        {"kept", found.kept->again},  {"added", found.kept->added}};
  }
  if (found.confusion) json["confusion"] = json_of_confusion(*found.confusion);
  return json_text(json) + "\n";
}

}  // namespace tv2onnx::cli
