#pragma once
// Cases of tests/gen/task_models.py: a model with designed weights, and numbers of its outputs as
// torchvision gave them in double.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tv2onnx/export.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::testing {

using Json = nlohmann::json;

/// All cases of the builders whose names are these.
std::vector<Json> task_cases(const std::vector<std::string>& builders);
/// The one of this name.
const Json& task_case(const std::string& name);

/// The checkpoint of a case, until another one is asked for.
const Checkpoint& checkpoint_of_case(const Json& one);
/// Exported with the case's settings and these.
ExportedModel export_case(const Json& one, ExportOptions options, const Json& settings = {});

Session session_of(const ExportedModel& model);

/// The opsets at which a case is run: of large models the first of them only.
std::vector<int> opsets_of(const Json& one);

/// What of an output of a run differs most from the golden's numbers, in shares of what is allowed:
/// three times torch's own difference between float and double, and a little.
double worst_difference(const std::vector<float>& found, const Json& output);

/// Runs a session on the inputs of a run and compares every output of the golden, by its name.
/// Returns the worst_difference() of all.
double compare_run(const Session& session, const Json& run, std::size_t inputs = 1);

}  // namespace tv2onnx::testing
