// Reads an ONNX file of any producer. Producers differ, so unknown fields are kept as they are,
// numbers may be packed or not, and the order of fields does not matter. A hostile file cannot make
// the model much larger than itself: everything that is kept is counted against a limit.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/mapped_file.h"
#include "onnx/model.h"
#include "onnx/parse_tensor.h"
#include "onnx/parse_value.h"
#include "onnx/schema.h"
#include "onnx/wire.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using wire::Field;
using wire::Reader;

constexpr int kMaxDepth = 32;  // of graphs inside graphs
// Nodes, values and names. A string takes 16 times the bytes that it takes in a hostile file; real
// models have some thousands.
constexpr std::size_t kMaxEntries = 1U << 22U;
constexpr std::size_t kMostAttributes = 128;  // of a node, or graphs of an attribute
constexpr std::size_t kStructure = 4;         // entries that a node, value or tensor counts for

[[noreturn]] void damaged(std::string found, std::uint64_t offset) {
  throw Error({.code = "O002", .found = std::move(found), .where = {.offset = offset}});
}

void count_entry(std::size_t& entries, const Reader& reader, std::size_t count = 1) {
  entries += count;
  if (entries > kMaxEntries) {
    damaged(fmt::format("the model has more than {} nodes and names", kMaxEntries),
            reader.offset());
  }
}

/// Every look at an attribute goes through them all, and no operator has more than some 20.
void require_few(std::size_t count, const char* what, const Reader& reader) {
  if (count > kMostAttributes) {
    damaged(fmt::format("a node with more than {} {}", kMostAttributes, what), reader.offset());
  }
}

/// Depth of nesting, and how much has been read.
struct Progress {
  int depth = 0;
  std::size_t& entries;
};

OnnxGraph read_graph(Reader reader, Progress progress);

OnnxAttribute read_attribute(const Reader& outer, const Field& message, Progress progress) {
  OnnxAttribute attribute;
  attribute.source = message.bytes;
  Reader reader = outer.inside(message);
  Field field;
  count_entry(progress.entries, reader);
  while (reader.next(field)) {
    if (field.is_bytes(schema::attribute::kName)) attribute.name = field.text();
    if (field.is_integer(schema::attribute::kType)) attribute.type = field.integer();
    if (field.is_integer(schema::attribute::kInt)) attribute.i = field.integer();
    if (field.number == schema::attribute::kFloat && field.type == wire::Type::kFixed32) {
      attribute.f = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
    }
    if (field.is_bytes(schema::attribute::kString)) attribute.s = field.text();
    if (field.number == schema::attribute::kInts) take_integers(reader, field, attribute.ints);
    if (field.number == schema::attribute::kFloats) take_floats(field, attribute.floats);
    if (field.is_bytes(schema::attribute::kTensor)) {
      if (attribute.tensor) damaged("an attribute with two tensors", reader.offset());
      attribute.tensor = read_tensor(reader, field);
    }
    if (field.is_bytes(schema::attribute::kGraph) || field.is_bytes(schema::attribute::kGraphs)) {
      attribute.graphs.push_back(std::make_shared<OnnxGraph>(
          read_graph(reader.inside(field), {progress.depth + 1, progress.entries})));
      require_few(attribute.graphs.size(), "graphs", reader);
    }
  }
  return attribute;
}

OnnxNode read_node(const Reader& outer, const Field& message, Progress progress) {
  OnnxNode node;
  node.source = message.bytes;
  Reader reader = outer.inside(message);
  Field field;
  while (reader.next(field)) {
    count_entry(progress.entries, reader);
    if (field.is_bytes(schema::node::kInput)) node.inputs.emplace_back(field.text());
    if (field.is_bytes(schema::node::kOutput)) node.outputs.emplace_back(field.text());
    if (field.is_bytes(schema::node::kName)) node.name = field.text();
    if (field.is_bytes(schema::node::kOpType)) node.op = field.text();
    if (field.is_bytes(schema::node::kDomain)) node.domain = field.text();
    if (field.is_bytes(schema::node::kAttribute)) {
      node.attributes.push_back(read_attribute(reader, field, progress));
      require_few(node.attributes.size(), "attributes", reader);
    }
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  return node;
}

/// The list that a ValueInfoProto belongs to; null if the field is another one.
std::vector<OnnxValueInfo>* infos_for(const Field& field, OnnxGraph& graph) {
  if (field.is_bytes(schema::graph::kInput)) return &graph.inputs;
  if (field.is_bytes(schema::graph::kOutput)) return &graph.outputs;
  return field.is_bytes(schema::graph::kValueInfo) ? &graph.value_infos : nullptr;
}

OnnxGraph read_graph(Reader reader, Progress progress) {
  if (progress.depth > kMaxDepth) {
    damaged(fmt::format("graphs are nested deeper than {}", kMaxDepth), reader.offset());
  }
  OnnxGraph graph;
  Reader whole = reader;
  Field field;
  while (reader.next(field)) {
    count_entry(progress.entries, reader, kStructure);
    if (field.is_bytes(schema::graph::kNode)) {
      graph.nodes.push_back(read_node(reader, field, progress));
    } else if (field.is_bytes(schema::graph::kInitializer)) {
      graph.initializers.push_back(read_tensor(reader, field));
    } else if (auto* infos = infos_for(field, graph)) {
      infos->push_back(read_value_info(reader, field));
      count_entry(progress.entries, reader, infos->back().dims ? infos->back().dims->size() : 0);
    } else if (field.is_bytes(schema::graph::kName)) {
      graph.name = field.text();
    } else {
      graph.other.push_back(whole.since(reader));
    }
    whole = reader;
  }
  return graph;
}

void read_opset(Reader reader, OnnxModel& model) {
  std::string domain;
  std::int64_t version = 0;
  Field field;
  while (reader.next(field)) {
    if (field.is_bytes(schema::opset_id::kDomain)) domain = field.text();
    if (field.is_integer(schema::opset_id::kVersion)) version = field.integer();
  }
  model.opsets[domain == "ai.onnx" ? "" : domain] = version;
}

/// How far the reading of a model has come.
struct Seen {
  bool ir_version = false;  ///< what follows is damage, not another kind of file
  bool graph = false;
};

void read_model(Reader reader, OnnxModel& model, Seen& seen) {
  std::size_t entries = 0;
  Reader whole = reader;
  Field field;
  while (reader.next(field)) {
    if (field.is_integer(schema::model::kIrVersion)) {
      model.ir_version = field.integer();
      seen.ir_version = true;
    } else if (field.is_bytes(schema::model::kProducerName)) {
      model.producer = field.text();
    } else if (field.is_bytes(schema::model::kProducerVersion)) {
      model.producer_version = field.text();
    } else if (field.is_bytes(schema::model::kGraph)) {
      if (seen.graph) damaged("the model has two graphs", reader.offset());
      seen.graph = true;
      model.graph = read_graph(reader.inside(field), {0, entries});
    } else if (field.is_bytes(schema::model::kOpsetImport)) {
      count_entry(entries, reader);
      read_opset(reader.inside(field), model);
    } else if (field.is_bytes(schema::model::kMetadata)) {
      count_entry(entries, reader);
      auto [key, value] = read_entry(reader.inside(field));
      model.metadata[std::move(key)] = std::move(value);
    } else {
      count_entry(entries, reader);
      model.other.push_back(whole.since(reader));
    }
    whole = reader;
  }
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

OnnxModel parse_onnx_model(std::span<const std::byte> bytes) {
  if (bytes.empty()) not_onnx(bytes, "it is empty");
  OnnxModel model;
  Seen seen;
  try {
    read_model(Reader(bytes), model, seen);
  } catch (const Error& error) {
    if (seen.ir_version) throw;
    not_onnx(bytes, error.parts().found);
  }
  if (!seen.ir_version) not_onnx(bytes, "it has no ir_version");
  if (!seen.graph) damaged("the file ends before the graph", bytes.size());
  model.file_size = bytes.size();
  return model;
}

OnnxModel read_onnx_model(const std::filesystem::path& path) {
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  try {
    OnnxModel model = parse_onnx_model(file->bytes());
    model.file = file;
    return model;
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx
