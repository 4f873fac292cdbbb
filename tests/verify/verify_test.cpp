#include "tv2onnx/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// What the files of tests/gen/fake_detectors.py say about their checkpoint.
constexpr const char* kFingerprint = "00112233445566778899aabbccddeeff";

std::string model(const std::string& name) {
  return TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" + name + ".onnx";
}

Reference recorded() {
  return read_reference(TV2ONNX_SOURCE_DIR "/tests/golden/verify/fake.safetensors");
}

VerifyReport verified(const std::string& name, const Reference& reference,
                      const VerifyOptions& options = {}) {
  return verify(Detector(model(name)), reference, options);
}

TEST(Verify, EveryConventionEqualsTheRecording) {
  for (const char* name : {"batched", "fixed", "flat", "uint8_bgr", "auto", "torch_labels_scores",
                           "torch_scores_labels"}) {
    const VerifyReport report = verified(name, recorded());
    EXPECT_TRUE(report.equal()) << name << ": " << report.reason;
    EXPECT_THAT(report.images, SizeIs(7));
    EXPECT_GE(report.matched, 21U);
    EXPECT_EQ(report.matched, report.expected);
    EXPECT_THAT(report.notes, IsEmpty());
  }
}

TEST(Verify, RowsSayWhatWasRun) {
  const VerifyReport report = verified("batched", recorded());
  const ImageResult& wide = report.images[0];
  EXPECT_EQ(wide.case_name, "wide");
  EXPECT_EQ(wide.size, (ImageSize{40, 57}));
  EXPECT_EQ(wide.resized, (ImageSize{100, 142}));
  EXPECT_FALSE(wide.reference_resized.has_value());
  const ImageResult& last = report.images[6];
  EXPECT_EQ(last.image, 2U);
  EXPECT_EQ(last.batch, 3U);
}

TEST(Verify, ShiftedBoxesAreNotEqual) {
  const VerifyReport report = verified("shifted", recorded());
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.reason, HasSubstr("wide (40x57): 4 detections further apart"));
  EXPECT_NEAR(report.worst.box, 1, 1e-5);
  EXPECT_TRUE(report.images[2].equal()) << "the blank image has no boxes that could be wrong";
  VerifyOptions generous;
  generous.tolerance.box = 1.001;
  EXPECT_TRUE(verified("shifted", recorded(), generous).equal());
}

/// The reference with all boxes moved.
Reference moved(float pixels) {
  Reference reference = recorded();
  for (ReferenceCase& one : reference.cases) {
    for (NamedTensors& image : one.images) {
      std::vector<float> boxes = to_float(image.at("boxes"));
      for (float& side : boxes) side += pixels;
      image.at("boxes") = make_tensor(image.at("boxes").shape, std::move(boxes));
    }
  }
  return reference;
}

TEST(Verify, SmallDifferencesAreSaidToBeDecidedByFloat64) {
  const auto said = HasSubstr("whether PyTorch's own rounding explains them");
  const VerifyReport near = verified("batched", moved(0.1F));
  EXPECT_EQ(near.verdict, Verdict::kNotEqual);
  EXPECT_THAT(near.notes, Contains(said));
  Reference run = moved(0.1F);
  run.kind = ReferenceKind::kCheckpoint;
  EXPECT_THAT(verified("batched", run).notes,
              Contains(StartsWith("all differences are small: --with-float64")));
  EXPECT_THAT(verified("batched", moved(2)).notes, ::testing::Not(Contains(said)));
  EXPECT_THAT(verified("batched", recorded()).notes, ::testing::Not(Contains(said)));
  // Known already, and it does not explain them.
  Reference precise = moved(0.1F);
  for (ReferenceCase& one : precise.cases) {
    for (NamedTensors& image : one.images) {
      const auto exact = [&](const char* name) {
        const std::vector<float> values = to_float(image.at(name));
        return make_tensor(image.at(name).shape, std::vector<double>(values.begin(), values.end()));
      };
      const NamedTensors added{{"boxes64", exact("boxes")},
                               {"scores64", exact("scores")},
                               {"labels64", image.at("labels")}};
      image.insert(added.begin(), added.end());
    }
  }
  EXPECT_EQ(verified("batched", precise).verdict, Verdict::kNotEqual);
  EXPECT_THAT(verified("batched", precise).notes, ::testing::Not(Contains(said)));
}

TEST(Verify, DamagedMetadataAreNamed) {
  const auto message_of_damaged = [](const char* key, const char* text) {
    Reference reference = recorded();
    reference.source = "given.safetensors";
    reference.metadata[key] = text;
    return testing::message_of([&] { verified("batched", reference); });
  };
  for (const char* text : {"{", "[1e400]", R"({"a": 1, "a": 2})", "9223372036854775808"}) {
    EXPECT_THAT(message_of_damaged("settings", text), StartsWith("error[V002]: damaged metadata"));
    EXPECT_THAT(message_of_damaged("settings", text), HasSubstr("given.safetensors, settings"));
  }
  EXPECT_THAT(message_of_damaged("torchvision", "?"), HasSubstr("given.safetensors, torchvision"));
  Contract contract = Detector(model("batched")).contract();
  contract.metadata.torchvision = "new";
  const std::string message = testing::message_of(
      [&] { verify(Detector(Session(model("batched"), {}), contract), recorded()); });
  EXPECT_THAT(message, HasSubstr("error[R007]"));
  EXPECT_THAT(message, HasSubstr("batched.onnx"));
  EXPECT_THAT(message, HasSubstr("tv2onnx.torchvision"));
}

TEST(Verify, WrongChannelOrderIsNotEqual) {
  Reference reference = recorded();
  for (ReferenceCase& one : reference.cases) {
    if (one.input.dtype != DType::kUInt8) continue;
    const auto pixels = one.input.as<std::uint8_t>();
    std::vector<std::uint8_t> swapped(pixels.begin(), pixels.end());
    for (std::size_t k = 0; k < swapped.size(); k += 3) std::swap(swapped[k], swapped[k + 2]);
    one.input = make_tensor(one.input.shape, std::move(swapped));
  }
  EXPECT_FALSE(verified("batched", reference).equal());
}

TEST(Verify, AFailingRunIsARowAndTheOthersGoOn) {
  const VerifyReport report = verified("torch_static", recorded());
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.images[0].failure, HasSubstr("height 40 and width 57"));
  EXPECT_THAT(report.reason, HasSubstr("wide (40x57): an image of height 40"));
  EXPECT_TRUE(report.images[3].equal());
  EXPECT_EQ(report.images[3].comparison.matched, 6U);
}

TEST(Verify, FloatImagesAreSkippedWhereTheyMeanSomethingElse) {
  const VerifyReport bytes = verified("uint8_bgr", recorded());
  EXPECT_TRUE(bytes.equal());
  EXPECT_THAT(bytes.images[3].skipped, HasSubstr("takes bytes"));
  const VerifyReport rescaling = verified("auto", recorded());
  EXPECT_THAT(rescaling.images[3].skipped, HasSubstr("rescales"));
  EXPECT_EQ(verified("batched", recorded()).images[3].skipped, "");

  Reference only_floats = recorded();
  std::erase_if(only_floats.cases, [](const auto& one) { return one.name != "range_0_255"; });
  const VerifyReport nothing = verified("uint8_bgr", only_floats);
  EXPECT_EQ(nothing.verdict, Verdict::kNotDecided);
  EXPECT_THAT(nothing.reason, HasSubstr("nothing could be compared"));
}

/// Changes what is expected in the first image.
void change_first(Reference& reference, const std::function<void(Detections&)>& change) {
  NamedTensors& first = reference.cases[0].images[0];
  Detections detections = detections_of(first).detections;
  change(detections);
  first = tensors_of(detections);
}

TEST(Verify, FlipsAreCountedAgainstAllDetections) {
  Reference reference = recorded();
  change_first(reference, [](Detections& all) {
    all.push_back({{0, 0, 9, 9}, 1, 0.50001F});
    all.push_back({{0, 20, 9, 29}, 1, 0.49999F});
  });
  const VerifyReport report = verified("batched", reference);
  EXPECT_EQ(report.flips, 2U);
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.reason, HasSubstr("2 of 29 detections differ at a threshold"));
  EXPECT_THAT(report.reason, HasSubstr("--max-flips"));
  VerifyOptions generous;
  generous.max_flips = 0.08;
  EXPECT_TRUE(verified("batched", reference, generous).equal());
}

/// Leaves one case, and one detection at the threshold besides what it has.
VerifyReport with_flip(const std::string& only_case, float score, double max_flips = 0.005) {
  Reference reference = recorded();
  std::erase_if(reference.cases, [&](const auto& one) { return one.name != only_case; });
  change_first(reference, [&](Detections& all) { all.push_back({{0, 0, 9, 9}, 1, score}); });
  VerifyOptions options;
  options.max_flips = max_flips;
  return verified("batched", reference, options);
}

TEST(Verify, OneExplainedFlipAmongFewDetectionsIsNoFault) {
  const VerifyReport one = with_flip("wide", 0.50001F);
  EXPECT_EQ(one.flips, 1U);
  EXPECT_EQ(one.verdict, Verdict::kEqual) << one.reason;
  EXPECT_FALSE(with_flip("wide", 0.51F).equal()) << "nothing explains this one";
  EXPECT_FALSE(with_flip("wide", 0.50001F, 0).equal()) << "none are allowed";
}

TEST(Verify, AFlipAloneDecidesNothing) {
  const VerifyReport alone = with_flip("blank", 0.50001F);
  EXPECT_EQ(alone.verdict, Verdict::kNotDecided);
  EXPECT_THAT(alone.reason, HasSubstr("no detection is in both"));
}

/// What the file itself finds on the recorded images.
Reference found_by(const std::string& name) {
  std::vector<InputCase> cases;
  for (ReferenceCase& one : recorded().cases) cases.push_back({one.name, std::move(one.input)});
  return reference_from(Detector(model(name)), cases);
}

TEST(Verify, ComparesMasks) {
  for (const char* name : {"masks_roi", "masks_full"}) {
    const VerifyReport report = verified(name, found_by(name));
    EXPECT_TRUE(report.equal()) << name << ": " << report.reason;
    EXPECT_EQ(report.masks, report.expected);
    EXPECT_EQ(report.keypoints, 0U);
  }
  // The two are masks of other things.
  EXPECT_THAT(verified("masks_roi", found_by("masks_full")).reason, HasSubstr("in the mask"));
}

TEST(Verify, ComparesKeypointsAndCountsTheirFlips) {
  Reference reference = found_by("keypoints");
  EXPECT_TRUE(verified("keypoints", reference).equal());
  change_first(reference, [](Detections& all) { all[0].keypoints[1].x += 5; });
  const VerifyReport report = verified("keypoints", reference);
  EXPECT_EQ(report.keypoints, 4 * report.expected);
  EXPECT_EQ(report.keypoint_flips, 1U);
  EXPECT_EQ(report.flips, 0U);
  EXPECT_THAT(report.reason, HasSubstr("1 of 108 keypoints are elsewhere (0.93 %)"));
  VerifyOptions generous;
  generous.max_flips = 0.01;
  EXPECT_TRUE(verified("keypoints", reference, generous).equal());
}

TEST(Verify, PartsThatOnlyOneSideHas) {
  EXPECT_EQ(verified("batched", found_by("keypoints")).reason,
            "the reference has keypoints, and the file gives none");
  const VerifyReport report = verified("masks_roi", recorded());
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_THAT(report.notes, ElementsAre("the reference has no masks, so those of the file were not "
                                        "compared"));
}

TEST(Verify, NotesOtherSizeRule) {
  Reference reference = recorded();
  reference.metadata["torchvision"] = "0.14.1+cpu";
  ReferenceCase narrow;
  narrow.name = "narrow";
  narrow.input = make_tensor({1, 20, 41, 3}, std::vector<std::uint8_t>(20 * 41 * 3, 255));
  narrow.images = {tensors_of({})};  // which is wrong for a white image
  reference.cases.insert(reference.cases.begin(), narrow);
  const VerifyReport report = verified("batched", reference);
  EXPECT_THAT(report.notes, Contains(HasSubstr("torchvision 0.14, which computes image sizes in "
                                               "float32; the file mimics 0.21")));
  EXPECT_THAT(report.notes, Contains(HasSubstr("1 of 8 images are resized to another size")));
  EXPECT_EQ(report.images[0].resized, (ImageSize{97, 200}));
  EXPECT_EQ(report.images[0].reference_resized, (ImageSize{97, 199}));
  EXPECT_THAT(report.reason, HasSubstr("narrow (20x41), resized to 97x200 and in the reference to "
                                       "97x199: 6 detections unexpected"));
}

TEST(Verify, NotesOtherSettings) {
  Reference reference = recorded();
  reference.metadata["settings"] = R"({"min_size": [90, 100.0], "box_score_thresh": 0.3})";
  const VerifyReport report = verified("batched", reference);
  EXPECT_THAT(report.notes, ElementsAre("the reference was made with box_score_thresh = 0.3, the "
                                        "file has 0.5"));
}

TEST(Verify, OneNumberForAllChannelsIsNoOtherSetting) {
  Reference reference = recorded();
  reference.metadata["settings"] = R"({"box_score_thresh": [0.5, 0.5]})";
  EXPECT_THAT(verified("batched", reference).notes, IsEmpty());
  reference.metadata["settings"] = R"({"box_score_thresh": [0.5, 0.4]})";
  EXPECT_THAT(verified("batched", reference).notes, SizeIs(1));
}

TEST(Verify, ImagesAtTheirOwnSizeAreAnotherSize) {
  Reference reference = recorded();
  reference.metadata["settings"] = R"({"no_resize": true})";
  reference.metadata["torchvision"] = "0.21.0";
  const VerifyReport report = verified("batched", reference);
  EXPECT_EQ(report.images[0].resized, (ImageSize{100, 142}));
  EXPECT_EQ(report.images[0].reference_resized, (ImageSize{40, 57}));
  EXPECT_FALSE(report.equal());
}

TEST(Verify, NothingDetectedDecidesNothing) {
  Reference reference = recorded();
  std::erase_if(reference.cases, [](const auto& one) { return one.name != "blank"; });
  const VerifyReport report = verified("batched", reference);
  EXPECT_EQ(report.verdict, Verdict::kNotDecided);
  EXPECT_THAT(report.reason, HasSubstr("neither found anything in any image"));
}

TEST(Verify, KnownOtherSizesAreNeverEqual) {
  Reference reference = recorded();
  reference.metadata["settings"] = R"({"min_size": 90})";
  const VerifyReport report = verified("batched", reference);
  EXPECT_EQ(report.matched, report.expected);
  EXPECT_EQ(report.verdict, Verdict::kNotDecided);
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.reason, HasSubstr("7 of 7 images are resized to another size than in the "
                                       "reference, first wide: 100x142, not 90x128"));
  EXPECT_THAT(report.notes, Contains(HasSubstr("min_size = 90, the file has 100")));
}

TEST(Verify, AnotherCheckpointIsNeverEqualAndSaidFirst) {
  const auto against = [](const std::string& name, const std::string& fingerprint) {
    Reference reference = recorded();
    reference.metadata["settings"] = R"({"box_score_thresh": 0.3})";
    reference.fingerprint = fingerprint;
    return verified(name, reference);
  };
  const std::string own(32, 'a');
  EXPECT_TRUE(against("batched", "").equal());
  EXPECT_TRUE(against("batched", kFingerprint).equal()) << against("batched", kFingerprint).reason;
  const VerifyReport report = against("batched", own);
  EXPECT_EQ(report.verdict, Verdict::kNotDecided);
  EXPECT_THAT(report.reason, HasSubstr("batched.onnx was exported from another checkpoint than"));
  EXPECT_THAT(report.reason, HasSubstr(own));
  EXPECT_EQ(report.notes.front(), report.reason);
  const VerifyReport wrong = against("shifted", own);
  EXPECT_EQ(wrong.verdict, Verdict::kNotEqual);
  EXPECT_THAT(wrong.notes.front(), HasSubstr("another checkpoint"));
}

TEST(Verify, SettingsOfTheFileAreACaveat) {
  Reference reference = recorded();
  EXPECT_EQ(verified("batched", reference).caveat, "");
  reference.settings_from_file = true;
  for (const char* name : {"batched", "shifted"}) {
    EXPECT_THAT(verified(name, reference).caveat,
                HasSubstr("a forgotten --min-size does not show"));
  }
}

TEST(Verify, AReferenceOfAnotherTaskIsRefused) {
  Reference reference = recorded();
  reference.task = Task::kFlow;
  EXPECT_THAT(testing::message_of([&] { verified("batched", reference); }),
              HasSubstr("error[V002]: results of the task flow"));
}

TEST(Verify, IsCancelledBetweenCases) {
  std::stop_source source;
  std::vector<std::string> begun;
  VerifyOptions options;
  options.control.cancel = source.get_token();
  options.control.progress = [&](const Step& step) {
    begun.emplace_back(step.name);
    EXPECT_EQ(step.count, 5U);
    if (step.index == 1) source.request_stop();
  };
  EXPECT_EQ(testing::code_of([&] { verified("batched", recorded(), options); }), "X003");
  EXPECT_THAT(begun, ElementsAre("wide", "high"));
  EXPECT_EQ(testing::code_of([&] {
              reference_from(Detector(model("batched")), standard_cases({.quick = true}),
                             {.cancel = source.get_token()});
            }),
            "X003");
}

TEST(Verify, ReportsAreJson) {
  const auto good = nlohmann::json::parse(to_json(verified("batched", recorded())));
  EXPECT_EQ(good.at("verdict"), "equal");
  EXPECT_TRUE(good.at("equal"));
  EXPECT_THAT(good.at("model"), EndsWith("batched.onnx"));
  EXPECT_THAT(good.at("reference_kind"), StartsWith("recorded in torch"));
  EXPECT_FALSE(good.contains("caveat"));
  Reference reference = recorded();
  reference.fingerprint = "other";
  reference.settings_from_file = true;
  const auto undecided = nlohmann::json::parse(to_json(verified("batched", reference)));
  EXPECT_EQ(undecided.at("verdict"), "not decided");
  EXPECT_FALSE(undecided.at("equal"));
  EXPECT_TRUE(undecided.contains("caveat"));
}

TEST(ReferenceFrom, AnotherFileGivesWhatItFinds) {
  const std::vector<InputCase> cases = standard_cases({.quick = true});
  const Reference reference = reference_from(Detector(model("flat")), cases);
  EXPECT_EQ(reference.cases.size(), cases.size());
  EXPECT_TRUE(verified("fixed", reference).equal());
  EXPECT_FALSE(verified("shifted", reference).equal());
}

TEST(ReferenceFrom, NotesWhatFailsAndWhatDoesNotApply) {
  const std::vector<InputCase> cases = standard_cases({.quick = true});
  const Reference fixed = reference_from(Detector(model("torch_static")), cases);
  EXPECT_EQ(only_comparable_size(Detector(model("torch_static")).contract()), std::nullopt);
  EXPECT_THAT(fixed.cases[0].failure, HasSubstr("torch_static.onnx fails: an image of height 100"));
  const VerifyReport report = verified("batched", fixed);
  EXPECT_FALSE(report.equal());
  EXPECT_THAT(report.reason, HasSubstr("torch_static.onnx fails"));
  const Reference bytes = reference_from(Detector(model("uint8_bgr")), cases);
  EXPECT_TRUE(verified("batched", bytes).equal());
}

}  // namespace
}  // namespace tv2onnx
