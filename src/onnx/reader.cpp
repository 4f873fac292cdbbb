// Reads what an ONNX file declares.
//
// Producers differ, so unknown fields are skipped, numbers may be packed or not, and the order of
// fields does not matter. Weights, in the file or beside it, are never touched. Nested graphs are
// entered only to count their nodes. A hostile file cannot make the summary much larger than
// itself: everything that is kept is counted against a limit.

#include "onnx/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>

#include "base/mapped_file.h"
#include "onnx/schema.h"
#include "onnx/wire.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using wire::Field;
using wire::Reader;

constexpr int kMaxDepth = 32;                   // of graphs inside graphs
constexpr std::size_t kMaxEntries = 1U << 20U;  // values, dimensions, metadata and operators kept

[[noreturn]] void damaged(std::string found, std::uint64_t offset) {
  throw Error({.code = "O002", .found = std::move(found), .where = {.offset = offset}});
}

class Summarizer {
 public:
  void model(Reader reader);
  /// True once a field was seen that a model starts with: what follows is damage, not another kind
  /// of file.
  bool recognised() const { return recognised_; }
  bool has_graph() const { return has_graph_; }
  OnnxSummary take();

 private:
  void graph(Reader reader, int depth);
  void node(Reader reader, int depth);
  OnnxValue value_info(Reader reader);
  OnnxValue tensor(Reader reader);
  void value_type(Reader reader, OnnxValue& value);
  void tensor_type(Reader reader, OnnxValue& value);
  std::string dimension(Reader reader);
  void opset(Reader reader);
  void metadata(Reader reader);
  void count_entry(const Reader& reader);

  OnnxSummary summary_;
  std::string version_;
  std::size_t entries_ = 0;
  bool recognised_ = false;
  bool has_graph_ = false;
};

void Summarizer::count_entry(const Reader& reader) {
  if (++entries_ > kMaxEntries) {
    damaged(fmt::format("the model declares more than {} values and dimensions", kMaxEntries),
            reader.offset());
  }
}

void Summarizer::model(Reader reader) {
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::model::kIrVersion)) {
      summary_.ir_version = field.integer();
      recognised_ = true;
    } else if (field.is_bytes(schema::model::kProducerName)) {
      summary_.producer = field.text();
    } else if (field.is_bytes(schema::model::kProducerVersion)) {
      version_ = field.text();
    } else if (field.is_bytes(schema::model::kGraph)) {
      has_graph_ = true;
      graph(reader.inside(field), 0);
    } else if (field.is_bytes(schema::model::kOpsetImport)) {
      opset(reader.inside(field));
    } else if (field.is_bytes(schema::model::kMetadata)) {
      metadata(reader.inside(field));
    }
  }
}

void Summarizer::graph(Reader reader, int depth) {
  if (depth > kMaxDepth) {
    damaged(fmt::format("graphs are nested deeper than {}", kMaxDepth), reader.offset());
  }
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::graph::kNode)) {
      node(reader.inside(field), depth);
    } else if (depth > 0) {
      continue;
    } else if (field.is_bytes(schema::graph::kName)) {
      summary_.graph_name = field.text();
    } else if (field.is_bytes(schema::graph::kInitializer)) {
      summary_.initializers.push_back(tensor(reader.inside(field)));
    } else if (field.is_bytes(schema::graph::kInput)) {
      summary_.inputs.push_back(value_info(reader.inside(field)));
    } else if (field.is_bytes(schema::graph::kOutput)) {
      summary_.outputs.push_back(value_info(reader.inside(field)));
    }
  }
}

void Summarizer::node(Reader reader, int depth) {
  std::string_view op;
  std::string_view domain;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::node::kOpType)) op = field.text();
    if (field.is_bytes(schema::node::kDomain)) domain = field.text();
    if (!field.is_bytes(schema::node::kAttribute)) continue;
    Reader attribute = reader.inside(field);
    Field part;
    while (attribute.next(part)) {
      if (part.is_bytes(schema::attribute::kGraph) || part.is_bytes(schema::attribute::kGraphs)) {
        graph(attribute.inside(part), depth + 1);
      }
    }
  }
  const bool standard = domain.empty() || domain == "ai.onnx";
  const auto [entry, is_new] =
      summary_.operators.try_emplace(standard ? std::string(op) : fmt::format("{}.{}", domain, op));
  if (is_new) count_entry(reader);
  ++entry->second;
}

OnnxValue Summarizer::tensor(Reader reader) {
  count_entry(reader);
  OnnxValue value;
  std::int64_t type = 0;
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::tensor::kDims)) {
      count_entry(reader);
      value.dims.push_back(std::to_string(field.integer()));
    } else if (field.is_bytes(schema::tensor::kDims)) {
      for (Reader packed = reader.inside(field); !packed.at_end();) {
        count_entry(packed);
        value.dims.push_back(std::to_string(static_cast<std::int64_t>(packed.varint())));
      }
    } else if (field.is_integer(schema::tensor::kDataType)) {
      type = field.integer();
    } else if (field.is_bytes(schema::tensor::kName)) {
      value.name = field.text();
    }
  }
  value.type = schema::data_type_name(type);
  return value;
}

OnnxValue Summarizer::value_info(Reader reader) {
  count_entry(reader);
  OnnxValue value;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::value_info::kName)) value.name = field.text();
    if (field.is_bytes(schema::value_info::kType)) value_type(reader.inside(field), value);
  }
  return value;
}

void Summarizer::value_type(Reader reader, OnnxValue& value) {
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::type::kTensor)) tensor_type(reader.inside(field), value);
    if (field.is_bytes(schema::type::kSequence)) value.type = "seq";
    if (field.is_bytes(schema::type::kMap)) value.type = "map";
    if (field.is_bytes(schema::type::kSparseTensor)) value.type = "sparse_tensor";
    if (field.is_bytes(schema::type::kOptional)) value.type = "optional";
  }
}

void Summarizer::tensor_type(Reader reader, OnnxValue& value) {
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::tensor_type::kElement)) {
      value.type = schema::data_type_name(field.integer());
    } else if (field.is_bytes(schema::tensor_type::kShape)) {
      Reader shape = reader.inside(field);
      Field dim;
      while (shape.next(dim)) {
        if (dim.is_bytes(schema::shape::kDim)) value.dims.push_back(dimension(shape.inside(dim)));
      }
    }
  }
}

std::string Summarizer::dimension(Reader reader) {
  count_entry(reader);
  std::string text = "?";
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::dim::kValue)) text = std::to_string(field.integer());
    if (field.is_bytes(schema::dim::kParam) && !field.bytes.empty()) text = field.text();
  }
  return text;
}

void Summarizer::opset(Reader reader) {
  count_entry(reader);
  std::string domain;
  std::int64_t version = 0;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::opset_id::kDomain)) domain = field.text();
    if (field.is_integer(schema::opset_id::kVersion)) version = field.integer();
  }
  summary_.opsets[domain == "ai.onnx" ? "" : domain] = version;
}

void Summarizer::metadata(Reader reader) {
  count_entry(reader);
  std::string key;
  std::string value;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::string_entry::kKey)) key = field.text();
    if (field.is_bytes(schema::string_entry::kValue)) value = field.text();
  }
  summary_.metadata.insert_or_assign(std::move(key), std::move(value));
}

OnnxSummary Summarizer::take() {
  if (!version_.empty()) {
    summary_.producer += (summary_.producer.empty() ? "" : " ") + version_;
  }
  // Before IR version 4 every initialiser had to be listed as an input too.
  std::unordered_set<std::string_view> weights;
  for (const OnnxValue& weight : summary_.initializers) weights.insert(weight.name);
  std::erase_if(summary_.inputs,
                [&](const OnnxValue& input) { return weights.contains(input.name); });
  return std::move(summary_);
}

/// What the file is instead, if it can be told from its first bytes.
std::string hint_for(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 64));
  if (text.starts_with("PK\x03\x04")) {
    return "it is a zip archive, as torch.save writes them; tv2onnx export converts checkpoints";
  }
  if (text.starts_with("version https://git-lfs")) {
    return "it is a Git LFS pointer: git lfs pull fetches the file itself";
  }
  return "give the .onnx file that the exporter wrote; if this is it, copy or download it again";
}

[[noreturn]] void not_onnx(std::span<const std::byte> bytes, std::string reason) {
  throw Error({.code = "O001",
               .found = "not an ONNX file: " + std::move(reason),
               .where = {.offset = 0},
               .expected = "a serialised ModelProto, which starts with its ir_version",
               .hint = hint_for(bytes)});
}

}  // namespace

OnnxSummary summarize_onnx(std::span<const std::byte> bytes) {
  if (bytes.empty()) not_onnx(bytes, "it is empty");
  Summarizer summarizer;
  try {
    summarizer.model(Reader(bytes));
  } catch (const Error& error) {
    if (summarizer.recognised()) throw;
    not_onnx(bytes, error.parts().found);
  }
  if (!summarizer.recognised()) not_onnx(bytes, "it has no ir_version");
  if (!summarizer.has_graph()) damaged("the file ends before the graph", bytes.size());
  OnnxSummary summary = summarizer.take();
  summary.file_size = bytes.size();
  return summary;
}

OnnxSummary read_onnx_summary(const std::filesystem::path& path) {
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  try {
    return summarize_onnx(file->bytes());
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx
