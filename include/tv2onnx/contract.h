#pragma once
/// \file
/// What a model file takes and gives, whoever made it. What is not known has a value of its own.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/port.h"
#include "tv2onnx/setting.h"
#include "tv2onnx/task.h"

namespace TV2ONNX_API tv2onnx {

using ImageSize = std::array<std::int64_t, 2>;  ///< height, width

enum class ChannelOrder { kUnknown, kRgb, kBgr };
inline constexpr ModeNames<ChannelOrder, 2> kChannelOrders{
    {{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}}};

/// What tv2onnx writes into its files beside the graph. What a file does not say, or says in words
/// that are not known here, is absent.
struct FileMetadata {
  std::string version;       ///< of tv2onnx
  std::string architecture;  ///< name in the table of models
  std::optional<Task> task = {};
  Setting config = {};  ///< dict of the model's settings
  std::optional<InputMode> input = {};
  ChannelOrder order = ChannelOrder::kUnknown;
  std::optional<OutputMode> outputs = {};
  std::optional<MaskOutput> masks = {};
  std::optional<Preprocess> preprocess = {};  ///< of all tasks but detection, as the next three
  std::optional<PhotoSpec> photo = {};        ///< the whole preparation, in the graph or not
  std::vector<std::string> features = {};     ///< outputs that are those of a module
  std::string weights = {};                   ///< torchvision's name: "IMAGENET1K_V2"
  std::string onnx_runtime = {};              ///< the first release that runs the file: "1.14"
  std::string torchvision = {};               ///< release whose image sizes are reproduced
  std::string checkpoint = {};                ///< XXH3-128 of the checkpoint
  std::vector<std::string> class_names = {};  ///< of detectors, index 0 is the background
  /// What of a whole module the graph does not have: ExportReport::warnings.
  std::vector<std::string> assumed = {};
  /// Of InputMode::kNormalized: what callers subtract from 0..1, by channel or one number for all,
  /// and then divide by.
  std::vector<double> mean = {};
  std::vector<double> deviation = {};  ///< likewise
  /// What height and width, of clips time before them, must be at least; empty: 1.
  std::vector<std::int64_t> smallest = {};
  Setting raw = {};         ///< of files with raw outputs: family and grids
  std::string damage = {};  ///< which part is damaged and how; "": none
};

/// Puts everything into metadata_props but `raw` and `smallest`, which the builders write.
void write_metadata(const FileMetadata& file, std::map<std::string, std::string>& metadata);
/// Never fails; what is damaged is left out and named.
FileMetadata read_metadata(const std::map<std::string, std::string>& metadata);

enum class PixelRange {
  kUnknown,     ///< nothing is done to the pixels: the caller normalises
  kUnit,        ///< 0..1
  kByte,        ///< 0..255
  kUnitOrByte,  ///< decided per image (tv2onnx export --input auto)
  kNormalised,  ///< 0..1 of which the caller has subtracted `mean` and divided by `deviation`
};

enum class Layout {
  kUnknown,  ///< the input is no image
  kPlanes,   ///< channels, height, width
  kPixels,   ///< height, width, channels
  kFrames,   ///< channels, time, height, width: clips
};

/// The image or clip that a file takes, alone or in a batch; of two images the first one.
struct ImageInput {
  PortInfo port = {};
  Layout layout = Layout::kUnknown;
  PixelRange range = PixelRange::kUnknown;
  ChannelOrder order = ChannelOrder::kUnknown;
  /// Subtracted from each channel, in units of the input; one number is for all channels.
  std::vector<double> mean{0};
  std::vector<double> deviation{1};        ///< then divided by
  bool normalises = false;                 ///< mean and deviation are in the graph
  ImageSize smallest{1, 1};                ///< height and width of images are at least
  std::vector<std::string> evidence = {};  ///< nodes, or metadata

  bool bytes() const { return port.dtype == DType::kUInt8; }
  std::int64_t batch() const;     ///< -1: any; 1 for an input without that dimension
  std::int64_t channels() const;  ///< 3 where the file leaves them open
  ImageSize size() const;         ///< -1: any
  std::int64_t frames() const;    ///< of clips; -1: any; 1 for images
  /// Height and width, if no others are taken.
  std::optional<ImageSize> only_size() const;
};

/// "float [batch, 3, height, width], RGB 0..1, normalised inside".
std::string text_of(const ImageInput& input);

/// "shorter side 232, middle 224x224 (bicubic)": what happens to a photo before normalisation; ""
/// if nothing does.
std::string resizing_text(const PhotoSpec& photo);
/// What happens to a photo, and who does it: "in the file: shorter side 256, middle 224x224, RGB /
/// 255, minus 0.485 0.456 0.406, divided by 0.229 0.224 0.225".
std::string preparation_text(const PhotoSpec& photo, Preprocess preprocess);

/// What the outputs of a detector are. The numbers are those of the outputs.
struct DetectionOutputs {
  enum class Form {
    kUnknown,
    kBatched,  ///< [batch, n, ...] and num_detections
    kFlat,     ///< one list
    kRaw,      ///< raw outputs of the heads
  };
  Form form = Form::kUnknown;
  std::size_t boxes = 0;                             ///< not kRaw
  std::size_t labels = 0;                            ///< likewise
  std::size_t scores = 0;                            ///< likewise
  std::optional<std::size_t> num_detections = {};    ///< kBatched only
  std::optional<std::size_t> batch_index = {};       ///< kFlat only; absent: one image
  std::optional<std::size_t> masks = {};             ///< Mask R-CNN
  std::optional<std::size_t> keypoints = {};         ///< Keypoint R-CNN
  std::optional<std::size_t> keypoints_scores = {};  ///< likewise, and always with keypoints
  /// Masks are of the whole image; absent: they are if they have its size.
  std::optional<bool> masks_pasted = {};
};

/// What the outputs of a file are that gives one answer for an image. The numbers are those of the
/// outputs.
struct AnswerOutputs {
  std::optional<OutputMode> mode = {};     ///< nothing: not known
  std::size_t answer = 0;                  ///< the logits, probabilities, labels, flow
  std::optional<std::size_t> labels = {};  ///< of kTopK, whose `answer` are the probabilities
  std::optional<std::size_t> aux = {};     ///< of segmentation: logits of the auxiliary head
  std::vector<std::size_t> features = {};  ///< outputs of modules
};

/// How images go into a file and results come out.
struct Contract {
  Task task = Task::kDetection;
  ImageInput input = {};
  DetectionOutputs outputs = {};  ///< of Task::kDetection
  AnswerOutputs answer = {};      ///< of all others
  /// How photos become what the network was trained on, and how much of that the graph does;
  /// nothing if the file does not say.
  std::optional<PhotoSpec> photo = {};
  Preprocess preprocess = Preprocess::kNone;
  FileMetadata metadata = {};
  std::vector<std::string> class_names = {};  ///< by label; empty if the file does not say
  std::string architecture = {};              ///< "" if the file does not say
  /// "metadata of tv2onnx 0.1.0", "types and shapes of inputs and outputs"
  std::string origin = {};
  std::string doubt = {};   ///< why input or outputs are not known; "" if they are
  std::string remedy = {};  ///< what to do about it, if that is known

  bool known() const { return doubt.empty(); }
  /// Height and width, if images of others cannot be given. Raw files take all: what they get is
  /// resized before.
  std::optional<ImageSize> only_size() const;
};

/// What a file declares.
struct FilePorts {
  const std::map<std::string, std::string>& metadata;
  const std::vector<PortInfo>& inputs;
  const std::vector<PortInfo>& outputs;
};

/// Finds out the contract from the metadata that tv2onnx writes, else from what is known of the
/// graph's first nodes (`graph_input`, may be null), and from names and types of inputs and
/// outputs. Never fails: see Contract::doubt.
Contract read_contract(const FilePorts& file, const ImageInput* graph_input = nullptr);

/// The outputs for each of several images, where a file that was traced with them repeats its
/// outputs. Empty: there are not as many of boxes, labels and scores as images.
std::vector<DetectionOutputs> outputs_of_each_image(const std::vector<PortInfo>& outputs,
                                                    std::size_t images);

}  // namespace TV2ONNX_API tv2onnx
