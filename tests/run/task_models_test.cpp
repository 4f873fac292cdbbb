// The classes of the library that run segmentation, video and optical flow.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "support/errors.h"
#include "support/files.h"
#include "support/task_golden.h"
#include "tv2onnx/classify.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/estimate_flow.h"
#include "tv2onnx/image.h"
#include "tv2onnx/segment.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using testing::export_case;
using ::testing::HasSubstr;
using testing::message_of;
using testing::session_of;
using testing::task_case;

const std::string kPhoto = TV2ONNX_SOURCE_DIR "/examples/shapes/images/009.jpg";

Segmenter segmenter(Preprocess preprocess, OutputMode outputs) {
  ExportOptions options{.build = {.outputs = outputs, .preprocess = preprocess}};
  options.overrides = {{"resize_size", {std::int64_t{61}}, "test"}};
  options.class_names = {"__background__", "ant", "bee", "cat", "dog"};
  const Checkpoint& checkpoint =
      testing::checkpoint_of_case(task_case("lraspp_mobilenet_v3_large"));
  return {session_of(export_to_memory(checkpoint, options)), {}};
}

Flow raft() {
  return {session_of(export_case(task_case("raft_small"), {}, {{"num_flow_updates", 1}})), {}};
}

VideoClassifier video(const char* name) {
  return {session_of(export_case(task_case(name), {})), {}};
}

Tensor frames(std::int64_t count, std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * height * width * 3));
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    pixels[k] = static_cast<std::uint8_t>((k * k / 7 + k / 311) % 256);
  }
  return make_tensor({count, height, width, 3}, std::move(pixels));
}

std::vector<std::int32_t> labels_of(const LabelMap& map) {
  const auto labels = map.labels.as<std::int32_t>();
  return {labels.begin(), labels.end()};
}

/// The graph brings labels to the photo's size, or this library does.
TEST(Segmenter, GivesTheSameLabelsInEveryForm) {
  const Tensor photo = read_image(kPhoto);
  const LabelMap full = segmenter(Preprocess::kFull, OutputMode::kLabels).run(photo)[0];
  ASSERT_EQ(full.labels.shape, (Shape{photo.shape[1], photo.shape[2]}));
  EXPECT_EQ(full.logits.data, nullptr);
  const std::vector<ClassShare> shares = class_shares(full.labels);
  ASSERT_GE(shares.size(), 2U);  // else nothing is compared
  const LabelMap logits = segmenter(Preprocess::kFull, OutputMode::kLogits).run(photo)[0];
  EXPECT_EQ(labels_of(logits), labels_of(full));
  EXPECT_EQ(logits.logits.shape[0], 5);
  EXPECT_EQ(std::min(logits.logits.shape[1], logits.logits.shape[2]), 61);
  for (const Preprocess outside : {Preprocess::kNormalize, Preprocess::kNone}) {
    const std::vector<std::int32_t> other =
        labels_of(segmenter(outside, OutputMode::kLabels).run(photo)[0]);
    std::size_t same = 0;
    for (std::size_t k = 0; k < other.size(); ++k) same += other[k] == labels_of(full)[k] ? 1 : 0;
    EXPECT_GT(static_cast<double>(same), 0.98 * static_cast<double>(other.size()));
    if (outside == Preprocess::kNone) break;
  }
}

TEST(Segmenter, TakesBatchesAndOtherSizes) {
  const Segmenter model = segmenter(Preprocess::kFull, OutputMode::kLabels);
  const Tensor two = frames(2, 50, 83);
  const std::vector<LabelMap> both = model.run(two);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].labels.shape, (Shape{50, 83}));
  Tensor second = two;
  second.shape[0] = 1;
  second.data += second.byte_size();
  EXPECT_EQ(labels_of(model.run(second)[0]), labels_of(both[1]));
  EXPECT_EQ(model.name(2), "bee");
}

TEST(Segmenter, BackgroundIsClassZeroUnlessNamesSayOtherwise) {
  EXPECT_TRUE(is_background({}, 0));
  EXPECT_TRUE(is_background({"__background__", "cat"}, 0));
  EXPECT_FALSE(is_background({"road", "car"}, 0));
  EXPECT_FALSE(is_background({"__background__", "cat"}, 1));
}

TEST(Segmenter, LabelsAreWholeNumbersOfPixels) {
  const Tensor labels = make_tensor({1, 2}, std::vector<std::int32_t>{3, 4});
  EXPECT_EQ(resized_labels(labels, 2, 3).shape, (Shape{2, 3}));
  EXPECT_EQ(testing::code_of([&] { resized_labels(labels, 0, 3); }), "I003");
  EXPECT_EQ(testing::code_of([&] { resized_labels(labels, 1LL << 40U, 1LL << 40U); }), "I003");
  EXPECT_EQ(testing::code_of([&] { resized_labels(Tensor{}, 2, 2); }), "R006");
  const Tensor floats = make_tensor({1, 2}, std::vector<float>{3, 4});
  EXPECT_EQ(testing::code_of([&] { class_shares(floats); }), "R006");
}

TEST(Segment, GoesOnBehindAnImageThatCannotBeRead) {
  const Segmenter model = segmenter(Preprocess::kFull, OutputMode::kLabels);
  const SegmentReport report = segment(model, {"missing.jpg", kPhoto});
  ASSERT_EQ(report.images.size(), 2U);
  EXPECT_EQ(report.failed(), 1U);
  std::int64_t pixels = 0;
  for (const ClassShare& one : report.images[1].classes) pixels += one.pixels;
  EXPECT_EQ(pixels, report.images[1].width * report.images[1].height);
}

TEST(TaskModels, OtherTasksAreRefusedByName) {
  const auto session = [](const char* name) {
    return session_of(export_case(task_case(name), {}));
  };
  const std::string flow = message_of([&] { Segmenter(session("raft_small"), {}); });
  EXPECT_THAT(flow, AllOf(HasSubstr("R007"), HasSubstr("the file is a flow model (raft_small)"),
                          HasSubstr("a segmentation model"), HasSubstr("FIRST_PHOTO")));
  const std::string segmentation =
      message_of([&] { Flow(session("lraspp_mobilenet_v3_large"), {}); });
  EXPECT_THAT(segmentation, HasSubstr("the file is a segmentation model"));
  EXPECT_THAT(message_of([&] { VideoClassifier(session("lraspp_mobilenet_v3_large"), {}); }),
              HasSubstr("a classifier of clips"));
  EXPECT_THAT(message_of([&] { Classifier(session("lraspp_mobilenet_v3_large"), {}); }),
              HasSubstr("the file is a segmentation model"));
  EXPECT_THAT(message_of([&] {
                Session raft = session("raft_small");
                Contract contract = read_contract(raft);
                Detector(std::move(raft), std::move(contract));
              }),
              HasSubstr("the file is a flow model"));
}

/// Metadata that promise what the ports do not have.
TEST(TaskModels, EditedFilesAreRefused) {
  struct Edit {
    const char* model;
    const char* key;
    const char* value;
    const char* sentence;
  };
  const Edit edits[] = {
      {"raft_small", "tv2onnx.task", "segmentation", "2 inputs"},
      {"raft_small", "tv2onnx.outputs", "labels", "promise labels of a flow model"},
      {"raft_small", "tv2onnx.preparation", "{}", "do not say how photos are prepared"},
      {"lraspp_mobilenet_v3_large", "tv2onnx.task", "flow", "1 inputs"},
      {"lraspp_mobilenet_v3_large", "tv2onnx.task", "video", "no RGB"},
      {"lraspp_mobilenet_v3_large", "tv2onnx.outputs", "topk", "promise topk"},
  };
  for (const Edit& edit : edits) {
    const Session session = session_of(export_case(task_case(edit.model), {}));
    std::map<std::string, std::string> metadata = session.metadata();
    metadata[edit.key] = edit.value;
    Contract contract = read_contract({metadata, session.inputs(), session.outputs()});
    const std::string message = message_of([&] {
      Session again = session_of(export_case(task_case(edit.model), {}));
      switch (contract.task) {
        case Task::kSegmentation: Segmenter(std::move(again), contract); break;
        case Task::kVideo: VideoClassifier(std::move(again), contract); break;
        default: Flow(std::move(again), contract);
      }
    });
    EXPECT_THAT(message, HasSubstr("R007")) << edit.key << " " << edit.value;
  }
}

/// Callers may hand over what they think of a file.
TEST(TaskModels, ContractsThatSayTooLittleAreRefused) {
  const auto refused = [](const std::function<void(Contract&)>& change) {
    Session session = session_of(export_case(task_case("lraspp_mobilenet_v3_large"), {}));
    Contract contract = read_contract(session);
    change(contract);
    return testing::code_of([&] { Segmenter(std::move(session), contract); });
  };
  EXPECT_EQ(refused([](Contract&) {}), "");
  EXPECT_EQ(refused([](Contract& contract) { contract.photo.reset(); }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.answer.mode.reset(); }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.photo->crop = {32}; }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.answer.answer = 3; }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.answer.aux = 9; }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.input.layout = Layout::kFrames; }), "R007");
  EXPECT_EQ(refused([](Contract& contract) { contract.input.port.shape = {3}; }), "R007");
}

TEST(Flow, FollowsPixelsOfTheFirstImage) {
  const Flow model = raft();
  const Tensor two = frames(2, 128, 136);
  Tensor first = two;
  first.shape[0] = 1;
  Tensor second = first;
  second.data += first.byte_size();
  const Tensor flow = model.run(first, second);
  EXPECT_EQ(flow.shape, (Shape{1, 2, 128, 136}));
  const std::vector<float> numbers = to_float(flow);
  const Tensor batch = model.run(two, two);
  EXPECT_EQ(batch.shape, (Shape{2, 2, 128, 136}));
  EXPECT_NE(numbers, to_float(model.run(second, first)));
}

TEST(Flow, SizesThatItCannotTakeAreNamed) {
  const Flow model = raft();
  const auto message = [&](std::int64_t height, std::int64_t width) {
    const Tensor image = frames(1, height, width);
    return message_of([&] { model.run(image, image); });
  };
  EXPECT_THAT(message(128, 130), AllOf(HasSubstr("R006"), HasSubstr("must be multiples of 8")));
  for (const auto& [height, width] : {std::pair(120, 136), {64, 64}}) {
    EXPECT_THAT(message(height, width), AllOf(HasSubstr("R006"), HasSubstr("at least 128x128")));
  }
  EXPECT_THAT(message_of([&] { model.run(frames(1, 128, 128), frames(1, 128, 136)); }),
              AllOf(HasSubstr("R006"), HasSubstr("two images of one size"), HasSubstr("128x136")));
  EXPECT_THAT(message_of([&] { model.run(frames(1, 128, 128), frames(2, 128, 128)); }),
              HasSubstr("as many of each"));
}

TEST(Flow, FloFilesAreMiddleburys) {
  const Tensor flow = make_tensor({1, 2, 1, 2}, std::vector<float>{1, 2, 3, 4});
  const std::vector<std::byte> file = encode_flo(flow);
  ASSERT_EQ(file.size(), 12U + 16U);
  EXPECT_EQ(std::memcmp(file.data(), "PIEH\x02\0\0\0\x01\0\0\0", 12), 0);
  const float wanted[] = {1, 3, 2, 4};
  EXPECT_EQ(std::memcmp(file.data() + 12, wanted, 16), 0);
  EXPECT_EQ(testing::code_of([] { encode_flo(Tensor{}); }), "R006");
}

TEST(EstimateFlow, ErrorsNameTheFileOfThePair) {
  testing::TemporaryFolder folder;
  const auto save = [&](const char* name, std::int64_t side) {
    const std::vector<std::byte> file = encode_image(frames(1, side, side), ImageFormat::kPng);
    testing::write_file(folder / name, {reinterpret_cast<const char*>(file.data()), file.size()});
    return folder / name;
  };
  const auto a = save("a.png", 128);
  const auto small = save("small.png", 64);
  const FlowReport report =
      estimate_flow(raft(), {{a, folder / "missing.png"}, {a, small}, {a, a}});
  ASSERT_EQ(report.failed(), 2U);
  EXPECT_THAT(error_line(report.pairs[0]), HasSubstr("missing.png"));
  EXPECT_THAT(error_line(report.pairs[1]), HasSubstr("images of 128x128 and of 64x64"));
  EXPECT_FALSE(report.pairs[2].error);
  EXPECT_LE(report.pairs[2].mean, report.pairs[2].longest);
}

TEST(VideoClassifier, SaysHowManyFramesItTakes) {
  const VideoClassifier fixed = video("mvit_v2_s");
  ASSERT_GT(fixed.frames(), 0);
  EXPECT_THAT(message_of([&] { fixed.run(frames(fixed.frames() - 1, 40, 40)); }),
              AllOf(HasSubstr("R006"), HasSubstr("the only number that the file takes")));
  EXPECT_THAT(message_of([&] { fixed.run(frames(fixed.frames(), 40, 40)); }),
              AllOf(HasSubstr("R006"), HasSubstr("--crop-size")));
}

TEST(VideoClassifier, TooFewFramesAreNamed) {
  const VideoClassifier model = video("s3d");
  EXPECT_EQ(model.frames(), -1);
  EXPECT_THAT(
      message_of([&] { model.run(frames(5, 40, 40)); }),
      AllOf(HasSubstr("R006"), HasSubstr("a clip of 5 frames"), HasSubstr("at least 13 frames")));
  EXPECT_THAT(message_of([&] {
                model.run(make_tensor({0, 4, 4, 3}, std::vector<std::uint8_t>()));
              }),
              HasSubstr("a clip of 0 frames"));
}

TEST(Clips, FramesAreSpreadEvenly) {
  Clip clip{"clip", {}};
  for (int k = 0; k < 10; ++k) clip.frames.emplace_back(std::to_string(k));
  using Paths = std::vector<std::filesystem::path>;
  EXPECT_EQ(spread_frames(clip, 5), (Paths{"1", "3", "5", "7", "9"}));
  EXPECT_EQ(spread_frames(clip, 1), (Paths{"5"}));
  EXPECT_EQ(spread_frames(clip, 99), clip.frames);
}

}  // namespace
}  // namespace tv2onnx
