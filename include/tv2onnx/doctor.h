#pragma once
/// \file
/// What is wrong with an exported ONNX detector, and its repair.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// How bad a finding is; findings are ordered by it.
enum class Damage {
  kInformation,  ///< nothing is wrong
  kWaste,        ///< right, but larger or slower than it need be
  kLimit,        ///< right where it works; some sizes, batches or runtimes are refused
  kCrash,        ///< dies on some images
  kWrong,        ///< runs and returns wrong results
};
std::string_view damage_text(Damage damage);

/// One thing that a rule found.
struct Finding {
  std::string code;  ///< "D01"
  Damage damage = Damage::kInformation;
  std::string what;                   ///< one line
  std::vector<std::string> evidence;  ///< nodes, "/roi_heads/Slice_8 (Slice)"
  std::string symptom;                ///< what the user sees at run time
  std::string since;                  ///< which exporters do it
  std::string remedy;                 ///< what to do
  bool repairable = false;            ///< `doctor --fix` mends it
};

struct Diagnosis {
  std::string file;
  std::string verdict;            ///< one line
  std::vector<Finding> findings;  ///< worst first

  bool healthy() const;  ///< nothing but information
};

/// Reads the file and applies every rule; nothing is run.
/// \throws Error C001, C002, O001, O002.
Diagnosis diagnose(const std::filesystem::path& model);

/// How the repaired file did on one input, beside the original.
struct ProofRow {
  std::string input;    ///< "375x500", "blank"
  std::string before;   ///< "100 detections", or the runtime's message
  std::string after;    ///< likewise
  std::string verdict;  ///< "same", "mended", "differs as meant"; what fails is an error
};

struct Treatment {
  Diagnosis before;
  Diagnosis after;
  std::vector<std::string> repaired;  ///< codes
  std::vector<ProofRow> proof;
};

struct TreatmentOptions {
  /// Whose arithmetic the file should have (D05); if not given, that of the release it was made
  /// with.
  std::optional<TorchvisionVersion> torchvision = {};
  bool overwrite = false;
};

/// Applies every repair that a finding allows, proves it in ONNX Runtime and writes `out`.
/// Nothing is written if there is nothing to repair or the proof fails.
/// \throws Error as diagnose; D... (nothing to repair, or a repair did not hold), O003, O004, R001.
Treatment treat(const std::filesystem::path& model, const std::filesystem::path& out,
                const TreatmentOptions& options);

}  // namespace tv2onnx
