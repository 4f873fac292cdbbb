// The one parser of JSON that others wrote: configurations, metadata, annotations. It keeps no more
// than the text says, goes no deeper than anything here needs, and takes nothing for something
// else: a number that nothing here holds and a key that comes twice are errors.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/json_items.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 64;  // of lists and dicts; nothing here needs more than 6

[[noreturn]] void refuse(std::string found, std::string detail = "") {
  throw Error({.code = "U005",
               .found = std::move(found),
               .details = detail.empty() ? std::vector<std::string>{}
                                         : std::vector<std::string>{std::move(detail)}});
}

[[noreturn]] void refuse_number(const std::string& text) {
  refuse(fmt::format("the whole number {} is out of range", printable(text, 40)),
         "expected  at most 9223372036854775807 on either side of 0");
}

/// Makes a Setting of what the library reads.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonItem* item) : item_(item) {}
  Setting root;

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({value}); }
  bool number_integer(std::int64_t value) override { return add({value}); }
  bool number_unsigned(std::uint64_t value) override {
    if (std::in_range<std::int64_t>(value)) return add({static_cast<std::int64_t>(value)});
    refuse_number(std::to_string(value));
  }
  bool number_float(double value, const std::string& text) override {
    // A whole number that the library could not hold comes here, too.
    if (text.find_first_of(".eE") == std::string::npos) refuse_number(text);
    return add({value});
  }
  bool string(std::string& value) override { return add({std::move(value)}); }
  bool binary(Json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open({SettingDict{}}); }
  bool start_array(std::size_t) override { return open({SettingList{}}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (open_.back().has(name)) {
      refuse(fmt::format("the key '{}' comes twice", printable(name, 60)));
    }
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const Json::exception& problem) override {
    // The library counts characters from 1.
    throw Error({.code = "U005",
                 .found = "invalid JSON",
                 .where = {.offset = position > 0 ? position - 1 : 0},
                 .details = {json_problem(problem.what())}});
  }

 private:
  /// A list or dict that has begun.
  struct Open {
    Setting value;
    std::string key = {};                       ///< of the member that comes next
    std::unordered_set<std::string> keys = {};  ///< of a dict with many members
    std::size_t items = 0;                      ///< that were given away

    /// Whether a dict has the key. Few members are looked through, which is quicker.
    bool has(const std::string& name) {
      constexpr std::size_t kFew = 16;
      const auto& members = std::get<SettingDict>(value.value);
      if (members.size() < kFew) {
        return std::ranges::find(members, name, &SettingMember::first) != members.end();
      }
      if (keys.empty()) {
        for (const SettingMember& member : members) keys.insert(member.first);
      }
      return !keys.insert(name).second;
    }
  };

  /// Whether the innermost one is the text's list or a member of its dict.
  bool gives_items() const {
    if (item_ == nullptr || open_.empty() || open_.back().value.list() == nullptr) return false;
    return open_.size() == 1 || (open_.size() == 2 && open_[0].value.dict() != nullptr);
  }
  bool add(Setting value) {
    if (gives_items()) {
      (*item_)(open_.size() == 1 ? "" : open_[0].key, open_.back().items++, value);
    } else if (open_.empty()) {
      root = std::move(value);
    } else if (auto* list = std::get_if<SettingList>(&open_.back().value.value)) {
      list->push_back(std::move(value));
    } else {
      std::get<SettingDict>(open_.back().value.value)
          .emplace_back(open_.back().key, std::move(value));
    }
    return true;
  }
  bool open(Setting empty) {
    if (open_.size() == kMaxDepth) refuse(fmt::format("JSON nested deeper than {}", kMaxDepth));
    open_.push_back({std::move(empty)});
    return true;
  }
  bool close() {
    Setting value = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(value));
  }

  const JsonItem* item_;
  std::vector<Open> open_;
};

Setting parsed(std::string_view text, const JsonItem* item) {
  Builder builder(item);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder.root);
}

}  // namespace

Setting parse_json(std::string_view text) {
  return parsed(text, nullptr);
}

Setting parse_json_items(std::string_view text, const JsonItem& item) {
  return parsed(text, &item);
}

}  // namespace tv2onnx
