// The library in other people's programs: whatever they hand over, every function answers or throws
// an Error. Only what include/tv2onnx declares is used. Meant for the sanitizers, too.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/errors.h"
#include "support/sanitizers.h"
#include "support/task_golden.h"
#include "tv2onnx/bench.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/compare.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/flow.h"
#include "tv2onnx/image.h"
#include "tv2onnx/masks.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/segment.h"
#include "tv2onnx/verify.h"
#include "tv2onnx/video_classifier.h"

namespace tv2onnx {
namespace {

using ::testing::AnyOf;
using testing::code_of;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kGolden = TV2ONNX_SOURCE_DIR "/tests/golden/runtime/";
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

SessionOptions with_threads(int threads) {
  SessionOptions options;
  options.threads = threads;
  return options;
}

SessionOptions one_thread() {
  return with_threads(1);
}

/// The model whose outputs are known; see tests/gen/fake_detectors.py.
const Detector& detector() {
  static const Detector model(kGolden + "batched.onnx", one_thread());
  return model;
}

Tensor image(std::int64_t height = 20, std::int64_t width = 30, std::int64_t count = 1) {
  const auto bytes = static_cast<std::size_t>(height * width * count * 3);
  return make_tensor({count, height, width, 3}, std::vector<std::uint8_t>(bytes, 200));
}

/// Tensors that nothing can be read from, or that are no images.
std::vector<Tensor> odd_tensors() {
  const auto shaped = [](DType dtype, Shape shape) {
    return Tensor{dtype, std::move(shape), {}, nullptr, nullptr};
  };
  constexpr std::int64_t kMost = INT64_MAX;
  std::vector<Tensor> all{{},  // a float without data
                          shaped(DType::kUInt8, {}),
                          shaped(DType::kUInt8, {0}),
                          shaped(DType::kUInt8, {1, 20, 30, 3}),
                          shaped(DType::kUInt8, {0, 20, 30, 3}),
                          shaped(DType::kUInt8, {1, 0, 0, 3}),
                          shaped(DType::kUInt8, {1, -20, -30, 3}),
                          shaped(DType::kUInt8, {-1, 20, 30, 3}),
                          shaped(DType::kUInt8, {1, kMost, kMost, 3}),
                          shaped(DType::kUInt8, {kMost, 1, 1, 3}),
                          shaped(DType::kUInt8, {1, 1 << 30, 1 << 30, 3}),
                          shaped(DType::kUInt8, {2, 20, 30}),
                          shaped(DType::kFloat32, {1, 3, 20, 30}),
                          shaped(DType::kFloat32, {1, 3, 0, 0}),
                          shaped(DType::kFloat32, {1, 3, kMost, 2}),
                          shaped(DType::kFloat64, {1, 3, 20, 30}),
                          shaped(DType::kFloat16, {1, 20, 30, 3}),
                          shaped(DType::kInt64, {4, 4}),
                          shaped(DType::kBool, {1, 20, 30, 3}),
                          make_tensor({1, 3, 2, 2}, std::vector<float>(12, kNan)),
                          make_tensor({1, 2, 2, 4}, std::vector<std::uint8_t>(16)),
                          make_tensor({2, 2}, std::vector<std::uint8_t>(4)),
                          make_tensor({}, std::vector<float>(1)),
                          make_tensor({0, 3, 8, 8}, std::vector<float>())};
  Tensor strided = image();
  strided.strides = {1, 2};
  all.push_back(strided);
  Tensor without = image();
  without.data = nullptr;
  all.push_back(without);
  return all;
}

/// Runs `task` on each: what it throws must be an Error of the caller's, not a bug.
void each_answers_or_refuses(const std::vector<Tensor>& tensors,
                             const std::function<void(const Tensor&)>& task) {
  for (const Tensor& tensor : tensors) {
    SCOPED_TRACE(std::string(dtype_name(tensor.dtype)) + " " + shape_text(tensor.shape));
    EXPECT_NE(code_of([&] { task(tensor); }), "X001");
  }
}

TEST(Embedding, OddTensorsAreReadOrRefused) {
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { to_float(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { contiguous_bytes(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { part_of(tensor, 1); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) {
    if (!is_floating(tensor.dtype)) to_int64(tensor);
  });
  EXPECT_EQ(code_of([] { part_of(make_tensor({2}, std::vector<float>(2)), 2); }), "R006");
  EXPECT_NE(code_of([] { make_tensor({2, 3}, std::vector<float>(5)); }), "");
  EXPECT_NE(code_of([] { make_tensor({INT64_MAX, INT64_MAX}, std::vector<float>(1)); }), "");
  EXPECT_EQ(element_count(Shape{INT64_MAX, 2, INT64_MAX}), INT64_MAX);
  EXPECT_EQ(element_count(Shape{INT64_MAX, 2, 0}), 0);
}

TEST(Embedding, ADetectorRefusesWhatIsNoImage) {
  for (const char* file :
       {"batched", "flat", "fixed", "uint8_bgr", "auto", "masks_roi", "keypoints"}) {
    const Detector model(kGolden + file + ".onnx");
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) { model.run(tensor); });
    each_answers_or_refuses(odd_tensors(),
                            [&](const Tensor& tensor) { model.session_input(tensor); });
    each_answers_or_refuses(odd_tensors(),
                            [&](const Tensor& tensor) { model.session().run({tensor}); });
    EXPECT_EQ(code_of([&] { model.session().run({}); }), "R006");
    EXPECT_EQ(code_of([&] { model.session().run({image(), image()}); }), "R006");
  }
  EXPECT_THAT(detector().run(make_tensor({0, 20, 30, 3}, std::vector<std::uint8_t>())), IsEmpty());
  EXPECT_EQ(code_of([] {
              detector().run(make_tensor({1, 0, 30, 3}, std::vector<std::uint8_t>()));
            }),
            "R006");
}

/// Of every task: one of its files and the class that runs it.
TEST(Embedding, ModelsOfOtherTasksRefuseWhatIsNoImage) {
  const auto session = [](const char* name) {
    return testing::session_of(testing::export_case(testing::task_case(name), {}));
  };
  const Segmenter segmenter(session("lraspp_mobilenet_v3_large"), {});
  each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) { segmenter.run(tensor); });
  const VideoClassifier clips(session("mc3_18"), {});
  each_answers_or_refuses(odd_tensors(),
                          [&](const Tensor& tensor) { clips.session_input(tensor); });
  const Flow flow(session("raft_small"), {});
  each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) { flow.run(tensor, tensor); });
  each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) { flow.run(image(), tensor); });
}

TEST(Embedding, LabelMapsAndFlowsAreReadOrRefused) {
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { draw_flow(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { encode_flo(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { encode_label_map(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { class_shares(tensor); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { best_classes(tensor); });
  each_answers_or_refuses(odd_tensors(),
                          [](const Tensor& tensor) { draw_label_map(image(), tensor, {}); });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) {
    draw_label_map(tensor, make_tensor({20, 30}, std::vector<std::int32_t>(600)), {});
  });
}

TEST(Embedding, AContractOfTheCallersOwnIsCheckedAgainstTheFile) {
  const auto run = [](Contract contract) {
    Detector(Session(kGolden + "flat.onnx", {}), std::move(contract)).run(image());
  };
  const Contract known = Detector(kGolden + "flat.onnx").contract();
  EXPECT_EQ(code_of([&] { run(known); }), "");
  EXPECT_EQ(code_of([&] { run({}); }), "R007");
  Contract beyond = known;
  beyond.outputs.scores = 99;
  EXPECT_EQ(code_of([&] { run(beyond); }), "R007");
  Contract half = known;
  half.outputs.keypoints = 0;
  EXPECT_EQ(code_of([&] { run(half); }), "R007");
  Contract rankless = known;
  rankless.input.port.shape.clear();
  EXPECT_EQ(code_of([&] { run(rankless); }), "R007");
}

TEST(Embedding, ImpossibleOptionsAreRefused) {
  for (const int threads : {1'000'000, INT_MAX, INT_MIN, -1}) {
    EXPECT_EQ(code_of([&] { Detector(kGolden + "batched.onnx", with_threads(threads)); }), "U002");
  }
  BenchOptions options{
      .sizes = {{20, 30}}, .runs = 1, .image = [](const ImageSize&) { return image(); }};
  EXPECT_EQ(code_of([&] { bench(kGolden + "batched.onnx", options); }), "");
  options.threads = {1'000'000};
  EXPECT_EQ(code_of([&] { bench(kGolden + "batched.onnx", options); }), "U002");
  options = {.sizes = {{-1, 0}}, .runs = 1, .image = [](const ImageSize&) { return Tensor{}; }};
  EXPECT_EQ(code_of([&] { bench(kGolden + "batched.onnx", options); }), "U002");
  options.image = nullptr;
  EXPECT_EQ(code_of([&] { bench(kGolden + "batched.onnx", options); }), "U003");
  options = {.runs = 0, .image = [](const ImageSize&) { return image(); }};
  EXPECT_EQ(code_of([&] { bench(kGolden + "batched.onnx", options); }), "U002");
  EXPECT_EQ(BenchRow{}.ratio(), 1);
}

TEST(Embedding, PhotosThatAreNoneAreRefused) {
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) {
    standard_cases({.quick = true, .photos = {tensor}});
  });
  each_answers_or_refuses(
      odd_tensors(), [](const Tensor& tensor) { try_out(kGolden + "batched.onnx", {tensor}); });
  for (const ImageSize& size : {ImageSize{0, 0}, {-5, 20}, {INT64_MAX, INT64_MAX}}) {
    EXPECT_EQ(code_of([&] { standard_cases({.size = size}); }), "I003");
  }
  EXPECT_NE(code_of([] { decode_image({}); }), "");
  EXPECT_NE(code_of([] { open_checkpoint(std::span<const std::byte>(), "nothing"); }), "");
  EXPECT_NE(code_of([] { Session(std::span<const std::byte>(), "nothing", {}); }), "");
  EXPECT_THAT(detect(detector(), {}).images, IsEmpty());
  EXPECT_EQ(code_of([] {
              detect(detector(), {"a.jpg", "b.jpg"}, {.pictures = {"c.jpg"}});
            }),
            "U003");
}

TEST(Embedding, PicturesOfNothingAreRefused) {
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) { draw_boxes(tensor, {}); });
  each_answers_or_refuses(odd_tensors(),
                          [](const Tensor& tensor) { encode_image(tensor, ImageFormat::kJpeg); });
  each_answers_or_refuses(odd_tensors(),
                          [](const Tensor& tensor) { encode_image(tensor, ImageFormat::kPng); });
  const std::vector<DrawnBox> boxes{{{kNan, 0, 5, 5}, "", 0},
                                    {{-1e30F, 3, kInfinite, 9}, "", INT64_MIN},
                                    {{9, 9, 1, 1}, std::string(100'000, 'x'), INT64_MAX},
                                    {{-1e30F, -1e30F, 1e30F, 1e30F}, "\xff", 1}};
  EXPECT_EQ(draw_boxes(image(1, 1), boxes).size(), 3);
  const std::vector<DrawnKeypoints> points{
      {std::vector<std::array<float, 2>>(17, {kNan, 1e30F}), INT64_MIN}, {}};
  EXPECT_EQ(draw_keypoints(image(1, 1), points).size(), 3);
}

TEST(Embedding, MasksOfNothingAreRefused) {
  for (const std::int64_t place : {std::int64_t{0}, INT64_MIN, INT64_MAX, std::int64_t{INT_MAX}}) {
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
      draw_masks(image(), std::vector<DrawnMask>{{{place, place, tensor}, 1}});
    });
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
      coco_rle({place, place, tensor}, {INT64_MAX, INT64_MAX});
    });
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
      mask_polygons({place, place, tensor});
    });
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
      mask_area({place, place, tensor});
    });
  }
  for (const std::array<float, 4>& box : {std::array<float, 4>{kNan, kNan, kNan, kNan},
                                          {-1e30F, -1e30F, 1e30F, 1e30F},
                                          {5, 5, 1, 1}}) {
    for (const ImageSize& size : {ImageSize{20, 30}, {-1, 5}, {0, 0}, {INT64_MAX, 2}}) {
      each_answers_or_refuses(odd_tensors(),
                              [&](const Tensor& tensor) { paste_mask(tensor, box, size); });
      for (const bool pasted : {false, true}) {
        each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
          pixel_mask({tensor, pasted}, box, size);
        });
      }
      const Tensor mask = make_tensor({2, 2}, std::vector<float>(4, 0.9F));
      EXPECT_THAT(code_of([&] { paste_mask(mask, box, size); }), AnyOf("", "R006"));
    }
  }
}

Detections some() {
  return {{{0, 0, 5, 5}, 1, 0.9F}, {{2, 2, 9, 9}, 2, 0.8F}};
}

TEST(Embedding, CountsThatDisagreeAreRefused) {
  const Detections found = some();
  const std::vector<Segmentation> segmentations(1);
  const std::vector<CocoImage> images{{1, found, segmentations}};
  EXPECT_EQ(code_of([&] { coco_results(images); }), "R006");
  DetectReport report;
  report.images.resize(2);
  EXPECT_EQ(code_of([&] { coco_images(report, {1}); }), "R006");
  Detections mixed = some();
  mixed[0].mask = InstanceMask{make_tensor({2, 2}, std::vector<float>(4)), false};
  EXPECT_EQ(code_of([&] { tensors_of(mixed); }), "V002");
  mixed[1].mask = InstanceMask{};
  EXPECT_EQ(code_of([&] { tensors_of(mixed); }), "V002");
  mixed = some();
  mixed[1].keypoints.resize(3);
  EXPECT_EQ(code_of([&] { tensors_of(mixed); }), "V002");
  EXPECT_EQ(tensors_of({}).size(), 3U);
}

ReferenceCase case_of(Tensor input, std::vector<NamedTensors> images) {
  return {"case", std::move(input), std::move(images), "", ""};
}

TEST(Embedding, ReferencesThatAreIncompleteAreRefused) {
  const auto verdict_of = [](ReferenceCase one) {
    Reference reference;
    reference.cases.push_back(std::move(one));
    return verify(detector(), reference).verdict;
  };
  EXPECT_EQ(verify(detector(), {}).verdict, Verdict::kNotDecided);
  each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
    verdict_of(case_of(tensor, {tensors_of(some())}));
  });
  each_answers_or_refuses(odd_tensors(), [](const Tensor& tensor) {
    reference_from(detector(), {{"odd", tensor}});
  });
  EXPECT_EQ(code_of([&] { verdict_of({}); }), "V002");
  // Fewer results than images, none at all, and more.
  for (const std::size_t count : {0U, 1U, 3U}) {
    const ReferenceCase one =
        case_of(image(20, 30, 2), std::vector<NamedTensors>(count, tensors_of(some())));
    EXPECT_EQ(code_of([&] { verdict_of(one); }), "V002");
  }
  for (const char* name :
       {"boxes", "labels", "scores", "masks", "keypoints", "tied/boxes", "boxes64"}) {
    each_answers_or_refuses(odd_tensors(), [&](const Tensor& tensor) {
      NamedTensors tensors = tensors_of(some());
      tensors[name] = tensor;
      verdict_of(case_of(image(), {tensors}));
    });
  }
}

TEST(Embedding, AnythingCanBeCompared) {
  Detections odd;
  for (const float value : {0.0F, kNan, kInfinite, -kInfinite, 3e38F, -3e38F}) {
    odd.push_back({{value, value, value, value}, INT64_MIN, value});
    odd.push_back({{0, 0, value, 5}, 1, 0.9F});
  }
  for (const Tensor& tensor : odd_tensors()) {
    for (const bool pasted : {false, true}) {
      Detection one{{0, 0, 5, 5}, 1, 0.9F};
      one.mask = InstanceMask{tensor, pasted};
      odd.push_back(one);
      Detection other{{0, 0, 5, 5}, 1, 0.9F};
      other.mask = InstanceMask{make_tensor({2, 2}, std::vector<float>(4)), !pasted};
      EXPECT_THAT(code_of([&] { compare({one}, {other}, {}); }), AnyOf("", "R006"));
    }
  }
  const DetectionRules rules{
      .score_threshold = kNan, .nms_threshold = 0.5, .max_detections = 0, .scale = {{0.0, kNan}}};
  EXPECT_THAT(code_of([&] { compare(odd, odd, {}, rules, {&odd, &odd}); }), AnyOf("", "R006"));
  for (Detection& one : odd) one.mask.reset();
  EXPECT_EQ(compare(odd, odd, {}, rules, {&odd, &odd}).expected, odd.size());
  EXPECT_EQ(compare({}, {}, {}).expected, 0U);
}

TEST(Embedding, EightThreadsShareADetector) {
  const auto images_of = [](std::int64_t thread) { return image(20 + thread, 30, 1 + thread % 3); };
  std::vector<std::vector<Detections>> expected;
  for (std::int64_t thread = 0; thread < 8; ++thread)
    expected.push_back(detector().run(images_of(thread)));
  std::vector<int> wrong(8);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      const Tensor images = images_of(static_cast<std::int64_t>(thread));
      for (int round = 0; round < 50; ++round) {
        const std::vector<Detections> found = detector().run(images);
        for (std::size_t k = 0; k < found.size(); ++k) {
          const DetectionComparison same =
              compare(expected[thread][k], found[k], {.box = 0, .score = 0});
          if (!same.equal() || same.matched != expected[thread][k].size()) ++wrong[thread];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

/// Memory of this process in MiB, as the system counts it.
double resident() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  double held = 0;
  statm >> pages >> held;
  return held * 4096 / (1 << 20);
}

TEST(Embedding, DetectorsThatAreClosedLeaveNothingBehind) {
  const auto open = [](int count) {
    for (int k = 0; k < count; ++k) {
      const Detector model(kGolden + "batched.onnx", one_thread());
      ASSERT_THAT(model.run(image()), SizeIs(1));
    }
  };
  open(300);  // what the allocators keep for the next one
  const double before = resident();
  open(1200);
  // A leak of a session of this model, some 100 kB, would be 120.
  // The sanitizer keeps what was freed for a while.
  constexpr double kMost = testing::kAddressSanitizer ? 400 : 12;
  EXPECT_LT(resident() - before, kMost);
}

}  // namespace
}  // namespace tv2onnx
