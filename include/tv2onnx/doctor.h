#pragma once
/// \file
/// What is wrong with an exported ONNX detector, and its repair.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/export.h"

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
  bool overwrite = false;
};

/// Applies every repair that a finding allows, proves it in ONNX Runtime and writes `out`.
/// Nothing is written if there is nothing to repair or the proof fails.
/// \throws Error as diagnose; D... (nothing to repair, or a repair did not hold), O003, O004, R001.
Treatment treat(const std::filesystem::path& model, const std::filesystem::path& out,
                const TreatmentOptions& options);

struct RebuildOptions {
  /// As for a checkpoint; overrides come after what the file says, and a release of torchvision
  /// that is not given is the one that belongs to the file's torch.
  ExportOptions core = {};
  std::optional<TorchvisionVersion> torchvision = {};
  std::vector<Tensor> photos = {};  ///< for the comparison, uint8 [1,h,w,3]; empty: drawn scenes
  bool unproven = false;            ///< write also if the two files could not be compared
};

struct Rebuilt {
  std::string source;  ///< "pytorch 1.13.0, opset 11"
  ExportReport exported;
  std::vector<std::string> defaults;  ///< settings that the file does not tell: the builder's
  std::vector<ProofRow> proof;        ///< empty only if unproven
  std::string doubt;                  ///< why the comparison says little; may be ""
};

/// Recovers architecture, weights and settings of a torchvision detector from an ONNX file of
/// torch.onnx.export and exports it anew. Both files are compared where the old one works before
/// the new one gets its name.
/// \throws Error as diagnose and export_onnx; D110 (no such detector, or quantised), D111 (weights
/// that fit nowhere), D112 (the results differ, or nothing could be compared).
Rebuilt rebuild(const std::filesystem::path& model, const std::filesystem::path& out,
                const RebuildOptions& options);

}  // namespace tv2onnx
