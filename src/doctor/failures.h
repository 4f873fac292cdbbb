#pragma once
// What a run of a file showed, as findings: no file is healthy that fails on an image.

#include <string>
#include <vector>

#include "tv2onnx/doctor.h"

namespace tv2onnx::doctor {

/// An input on which a file failed, or gave what no detector gives.
struct Failure {
  std::string input;
  Damage damage = Damage::kCrash;
  LogExplanation explanation;
};

/// What a message of the runtime means; the message itself if that is not known.
LogExplanation explanation_of(const std::string& message);

/// Adds a finding for each kind of failure that no finding of the diagnosis is about.
void add_failures(Diagnosis& diagnosis, const std::vector<Failure>& failures);

/// Adds findings in their order and says the verdict anew.
void add_findings(Diagnosis& diagnosis, std::vector<Finding> findings);

}  // namespace tv2onnx::doctor
