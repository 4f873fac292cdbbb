#pragma once
/// \file
/// What is wrong with an exported ONNX model, and its repair.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/error_code.h"
#include "tv2onnx/export.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/tensor.h"
#include "tv2onnx/zoo.h"

namespace TV2ONNX_API tv2onnx {

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
  ErrorCode code;  ///< "D01"
  Damage damage = Damage::kInformation;
  std::string what;                   ///< one line
  std::vector<std::string> evidence;  ///< nodes, "/roi_heads/Slice_8 (Slice)"
  std::string symptom;                ///< what the user sees at run time
  std::string since;                  ///< which exporters do it
  std::string remedy;                 ///< what to do
  bool repairable = false;            ///< `doctor --fix` repairs it
  std::string source = {};            ///< a public page that shows it, or ""
};

struct Diagnosis {
  std::string file;
  std::string verdict;            ///< one line
  std::vector<Finding> findings;  ///< worst first

  bool healthy() const;  ///< nothing but information
};

/// What a message of a runtime or exporter means.
struct LogExplanation {
  std::size_t line = 0;   ///< where it stands, from 1
  std::string text;       ///< the message, shortened
  std::string speaker;    ///< "ONNX Runtime"
  ErrorCode code = {};    ///< of the rule that finds it in the file; none: not the file's fault
  bool harmless = false;  ///< nothing is wrong
  std::string cause;
  std::string remedy;
  std::string source;  ///< a public page with the message or the rule behind it
};

/// Explains the lines of a log that are recognised, the most telling first; none twice.
std::vector<LogExplanation> explain_log(std::string_view log);

/// Programs whose refusals are known: "tensorrt", "openvino", ...
std::vector<std::string_view> target_names();
/// \throws Error U001 with the nearest name.
void require_target(std::string_view target);

struct DiagnosisOptions {
  /// Also what this program refuses (D13), a name of target_names(); "": none.
  std::string target = {};
};

/// Reads the file and applies every rule; nothing is run.
/// \throws Error C001, C002, O001, O002, U001 (no such target).
Diagnosis diagnose(const std::filesystem::path& path, const DiagnosisOptions& options = {});

/// How the file did on one input.
struct TrialRun {
  std::string input;    ///< "photo_480x640", "blank", "batch_2"
  std::string outcome;  ///< "19 detections, best 0.98", "fails", "wrong"
  bool passed = true;
  LogExplanation explanation = {};  ///< of what is wrong
};

/// How the file did when the same image was prepared in another way.
struct TrialVariant {
  std::string name;            ///< "RGB 0..1"
  std::size_t detections = 0;  ///< with a score of at least 0.5
  double mean_score = 0;       ///< of those
  std::string failure = {};    ///< of the run, or ""
};

struct Trial {
  std::vector<TrialRun> runs;
  std::vector<TrialVariant> variants;
  std::string made_for;  ///< which variant, and why

  bool passed() const;
};

/// Runs the file in ONNX Runtime: several sizes, two images at once, a blank one, a white one,
/// noise, and images prepared in several ways. `photos` are uint8 [1, height, width, 3] RGB; none:
/// drawn scenes.
/// \throws Error C001 to O002 as diagnose, R001, R002, R005, R007 (no image as input), X003.
Trial try_out(const std::filesystem::path& path, const std::vector<Tensor>& photos,
              const CallControl& control = {});

/// The diagnosis with what the trial of the same file showed and no rule had found.
Diagnosis with_trial(Diagnosis diagnosis, const Trial& trial);

/// How the repaired file did on one input, beside the original.
struct ProofRow {
  std::string input;   ///< "375x500", "blank"
  std::string before;  ///< "100 detections", or the runtime's message
  std::string after;   ///< likewise
  /// "same", "same but for 1 at a threshold or tie", "fixed", "fails as before", "differs as
  /// intended"; what is worse than before is an error.
  std::string verdict;
  std::string failure = {};  ///< what the runtime says of the repaired file, or ""
};

struct FixReport {
  Diagnosis before;
  Diagnosis after;  ///< with what its own check showed: a row that fails is a finding
  std::vector<ErrorCode> repaired;
  std::vector<ProofRow> proof;
};

struct FixOptions {
  /// Whose arithmetic the file should have (D05); if not given, that of the release it was made
  /// with.
  std::optional<TorchvisionVersion> torchvision = {};
  /// What the repaired file takes: kUint8 and kAuto put a few nodes in front of it.
  InputMode input = InputMode::kFloat;
  bool overwrite = false;
  CallControl control = {};  ///< a step is one image of the proof
};

/// Applies every repair that a finding allows, proves it in ONNX Runtime and writes `out`.
/// Nothing is written if there is nothing to repair or the proof fails.
/// \throws Error as diagnose; D101, D102 (nothing to repair, or a
/// repair did not hold), D113 (the input cannot be guarded), O003, O004, R001, X003.
FixReport fix(const std::filesystem::path& path, const std::filesystem::path& out,
              const FixOptions& options);

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
  std::vector<std::string> notes;     ///< settings that are not what the graph has, and why
  /// What the new file takes and gives because the original does, one sentence each.
  std::vector<std::string> kept;
  std::vector<ProofRow> proof;  ///< empty only if unproven
  std::string doubt;            ///< why the comparison says little; may be ""
};

/// Recovers architecture, weights and settings of a network of torchvision from an ONNX file of
/// torch.onnx.export and exports it anew. Both files are compared where the old one works before
/// the new one gets its name. What is no detector takes and gives what the original does, unless
/// the options say otherwise.
/// \throws Error as diagnose and export_onnx; D110 (no such network, or quantised), D111 (weights
/// that fit nowhere), D112 (the results differ, or nothing could be compared).
Rebuilt rebuild(const std::filesystem::path& path, const std::filesystem::path& out,
                const RebuildOptions& options);

/// Reports as JSON. `trial` is that of the same file, or null.
std::string to_json(const Diagnosis& diagnosis, const Trial* trial = nullptr);
std::string to_json(const FixReport& fixed);
std::string to_json(const Rebuilt& rebuilt, const std::filesystem::path& output);
std::string to_json(const std::vector<LogExplanation>& explanations);

}  // namespace TV2ONNX_API tv2onnx
