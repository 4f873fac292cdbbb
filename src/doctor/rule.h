#pragma once
// What a rule is, and the table of them.

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/box_head.h"
#include "doctor/view.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx::doctor {

/// A model under examination: what several rules want to know is found once.
struct Patient {
  explicit Patient(OnnxModel& model) : view(model), box_heads(find_box_heads(view)) {}

  View view;
  std::vector<BoxHead> box_heads;
};

struct Rule {
  std::string_view code;
  /// What is wrong; nothing on a healthy file.
  std::vector<Finding> (*examine)(const Patient& patient);
  /// Mends what examine() calls repairable; the patient is stale afterwards. Null: no rule of local
  /// repair.
  void (*repair)(Patient& patient);
};

/// All rules, in the order in which repairs are applied.
std::span<const Rule> rules();

/// Applies every rule; with `target` also that program's table (D13).
Diagnosis examine(OnnxModel& model, const std::string& file, std::string_view target = "");

/// Applies the repairs of what a diagnosis of the model calls repairable; returns its codes.
std::set<std::string> repair(OnnxModel& model, const Diagnosis& diagnosis);

}  // namespace tv2onnx::doctor
