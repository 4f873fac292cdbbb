// Files that torch.onnx.export has really broken, and what the doctor makes of them.
// tests/gen/broken_detectors.py makes them and records what torchvision finds; CTest runs it first.

#include "tv2onnx/doctor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "onnx/schema.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/onnx_checker.h"
#include "support/run_tool.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using Codes = std::set<std::string>;

std::string broken(const std::string& file) {
  return TV2ONNX_LIVE_DIR "/broken/" + file;
}

/// Codes of what is wrong; information is nothing wrong.
Codes codes_of(const Diagnosis& diagnosis) {
  Codes codes;
  for (const Finding& finding : diagnosis.findings) {
    if (finding.damage > Damage::kInformation) codes.emplace(finding.code.name());
  }
  return codes;
}

struct Case {
  std::string file;
  std::string reference;
  Codes codes;
  Damage worst;
  Codes left = {};  ///< what a repair leaves
};

std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.file;
}

class Doctor : public ::testing::TestWithParam<Case> {};

/// What is wrong with the file as the exporter that is installed here writes it.
Codes expected_codes(const Case& one) {
  Codes codes = one.codes;
  // torch 2 writes all attributes of RoiAlign.
  const std::string torch = read_onnx_model(broken(one.file + ".onnx")).producer_version;
  if (!torch.starts_with("1.")) codes.erase("D10");
  return codes;
}

TEST_P(Doctor, SaysWhatIsWrong) {
  const Diagnosis diagnosis = diagnose(broken(GetParam().file + ".onnx"));
  EXPECT_EQ(codes_of(diagnosis), expected_codes(GetParam()));
  ASSERT_FALSE(diagnosis.findings.empty());
  EXPECT_EQ(diagnosis.findings[0].damage, GetParam().worst);
  for (const Finding& finding : diagnosis.findings) {
    if (finding.damage == Damage::kInformation) continue;
    EXPECT_THAT(finding.evidence, ::testing::Not(IsEmpty())) << finding.code.name();
    EXPECT_NE(finding.remedy, "") << finding.code.name();
  }
}

/// Nodes that compute in double precision or hold a constant of it.
std::set<std::string> doubles_of(const std::filesystem::path& path) {
  std::set<std::string> names;
  const OnnxModel model = read_onnx_model(path);
  for (const OnnxNode& node : model.graph.nodes) {
    const OnnxAttribute* value = node.find("value");
    const bool constant = value != nullptr && value->tensor &&
                          value->tensor->data_type == schema::data_type(DType::kFloat64);
    const bool cast =
        node.op == "Cast" && node.integer("to", 0) == schema::data_type(DType::kFloat64);
    if (constant || cast) names.insert(node.name);
  }
  return names;
}

TEST_P(Doctor, RepairsToWhatTorchvisionFinds) {
  const TemporaryFolder folder;
  const std::string fixed = folder / "fixed.onnx";
  const FixReport repaired = fix(broken(GetParam().file + ".onnx"), fixed, {});
  EXPECT_EQ(codes_of(repaired.after), GetParam().left);
  EXPECT_THAT(repaired.proof, ::testing::Not(IsEmpty()));
  EXPECT_EQ(testing::check_with_onnx(fixed), "");
  // Without folding torch leaves constants of its own in double precision.
  EXPECT_THAT(doubles_of(fixed),
              ::testing::IsSubsetOf(doubles_of(broken(GetParam().file + ".onnx"))));
  if (!GetParam().left.empty()) return;
  const Reference reference = read_reference(broken(GetParam().reference + ".safetensors"));
  const VerifyReport report = verify(Detector(fixed), reference);
  // What is not matched is at a threshold, such as the 300th best score: which side of it depends
  // on the processor.
  EXPECT_TRUE(report.equal()) << report.reason;
  EXPECT_LE(report.expected - report.matched, report.flips);
  EXPECT_LE(report.flips, 2U);
  EXPECT_GE(report.expected, 300U);
  for (const ImageResult& image : report.images) EXPECT_EQ(image.skipped, "") << image.case_name;
  fmt::print("{}: {} of {} detections, worst box {:.2g} px\n", GetParam().file, report.matched,
             report.expected, report.worst.box);
}

TEST_P(Doctor, IsRightThatItWasWrong) {
  if (GetParam().file == "static" || GetParam().file == "batch2") return;  // other inputs
  if (GetParam().worst != Damage::kWrong) return;
  const Reference reference = read_reference(broken(GetParam().reference + ".safetensors"));
  const Detector original(broken(GetParam().file + ".onnx"));
  EXPECT_FALSE(verify(original, reference).equal());
}

const Codes kEvery{"D02", "D04", "D05", "D06"};  // of a trace with a photo

Codes with(Codes codes, const std::string& more) {
  codes.insert(more);
  return codes;
}

INSTANTIATE_TEST_SUITE_P(
    Broken, Doctor,
    ::testing::Values(
        Case{"photo", "faster_rcnn", kEvery, Damage::kWrong},
        Case{"unfolded", "faster_rcnn", kEvery, Damage::kWrong},
        Case{"zero_silent", "faster_rcnn", {"D01", "D04", "D05", "D06"}, Damage::kWrong},
        Case{"zero_crash", "faster_rcnn_25", {"D01", "D04", "D05", "D06"}, Damage::kWrong},
        Case{"static", "faster_rcnn", {"D02", "D03", "D05", "D06"}, Damage::kWrong},
        Case{"static_edited", "faster_rcnn", {"D02", "D03", "D05", "D06"}, Damage::kWrong},
        Case{"batch2", "faster_rcnn", kEvery, Damage::kWrong, {"D04"}},
        Case{"misnamed", "faster_rcnn", with(kEvery, "D09"), Damage::kWrong},
        Case{"one_name", "faster_rcnn", with(kEvery, "D09"), Damage::kWrong},
        Case{"roialign16", "faster_rcnn", with(kEvery, "D10"), Damage::kWrong},
        Case{"retinanet_edited", "retinanet", {"D03", "D05", "D06"}, Damage::kWrong},
        Case{"ssdlite_edited", "ssdlite", {"D03", "D06"}, Damage::kWrong},
        Case{"ssdlite_counted", "ssdlite_few", {"D04", "D06", "D17"}, Damage::kWrong},
        Case{"retinanet_counted", "retinanet_few", {"D04", "D05", "D06", "D17"}, Damage::kWrong}),
    [](const auto& test) { return test.param.file; });

TEST(DoctorSettings, AreThoseOfTheModel) {
  const Diagnosis diagnosis = diagnose(broken("photo.onnx"));
  const auto found = std::ranges::find(diagnosis.findings, ErrorCode("D12"), &Finding::code);
  ASSERT_NE(found, diagnosis.findings.end());
  for (const char* setting :
       {"num_classes = 5 ", "min_size = 320 ", "max_size = 533 ", "rpn_pre_nms_top_n_test = 150 ",
        "rpn_post_nms_top_n_test = 24 ", "rpn_nms_thresh = 0.7 ", "box_score_thresh = 0.05 ",
        "box_nms_thresh = 0.5 ", "box_detections_per_img = 100 "}) {
    EXPECT_THAT(found->evidence, Contains(StartsWith(setting)));
  }
  EXPECT_THAT(found->symptom, HasSubstr("no proposals"));
}

TEST(DoctorCounts, TopTenOfFewerIsAllOfThem) {
  const TemporaryFolder folder;
  const FixReport repaired = fix(broken("top_ten.onnx"), folder / "fixed.onnx", {});
  EXPECT_THAT(repaired.repaired, Contains(ErrorCode("D17")));
  EXPECT_TRUE(repaired.after.healthy()) << repaired.after.verdict;
  bool blank = false;
  for (const ProofRow& row : repaired.proof) {
    EXPECT_EQ(row.failure, "") << row.input;
    blank = blank || (row.input == "blank" && row.verdict == "fixed");
  }
  EXPECT_TRUE(blank);
}

TEST(DoctorCounts, PythonNumbersOfOnesOwnAreNamed) {
  const TemporaryFolder folder;
  const std::string fixed = folder / "fixed.onnx";
  const FixReport repaired = fix(broken("chosen.onnx"), fixed, {});
  EXPECT_FALSE(repaired.after.healthy());
  const auto found = std::ranges::find(repaired.after.findings, ErrorCode("D17"), &Finding::code);
  ASSERT_NE(found, repaired.after.findings.end());
  EXPECT_FALSE(found->repairable);
  for (const char* part : {"to [", "parts of 4, ", "takes places 0, ", "from 3 to 7"}) {
    EXPECT_THAT(found->evidence, Contains(HasSubstr(part)));
  }
  const auto fails = [](const ProofRow& row) { return !row.failure.empty(); };
  EXPECT_TRUE(std::ranges::any_of(repaired.proof, fails));
  const auto shown = testing::run_tool("doctor " + broken("chosen.onnx") + " -f --fix " + fixed);
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_THAT(shown.out, ::testing::Not(HasSubstr("now healthy")));
}

TEST(DoctorSwin, AnySizeIsWrong) {
  for (const char* name : {"swin_small", "swin_large"}) {
    const Diagnosis diagnosis = diagnose(broken(std::string(name) + ".onnx"));
    ASSERT_FALSE(diagnosis.findings.empty());
    EXPECT_EQ(diagnosis.findings[0].code.name(), "D03") << name;
    EXPECT_EQ(diagnosis.findings[0].damage, Damage::kWrong) << name;
    EXPECT_FALSE(diagnosis.findings[0].repairable) << name;
  }
  const Diagnosis large = diagnose(broken("swin_large.onnx"));
  EXPECT_THAT(large.findings[0].symptom, HasSubstr("larger or smaller than 4x4"));
}

TEST(DoctorControl, FindsNothingInOtherNetworks) {
  for (const char* name : {"classifier", "classifier_static", "shufflenet", "mnasnet",
                           "segmentation", "vit", "swin", "attention", "recurrent", "masked"}) {
    const Diagnosis diagnosis = diagnose(broken(std::string(name) + ".onnx"));
    EXPECT_TRUE(diagnosis.healthy()) << name << ": " << diagnosis.verdict;
  }
}

TEST(DoctorControl, LeavesHealthyFilesAlone) {
  const TemporaryFolder folder;
  const auto attempt = [&] { fix(broken("classifier.onnx"), folder / "fixed.onnx", {}); };
  EXPECT_EQ(testing::code_of(attempt), "D101");
  EXPECT_THAT(folder.names(), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
