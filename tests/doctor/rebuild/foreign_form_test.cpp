#include "doctor/rebuild/foreign_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/sketch.h"

namespace tv2onnx::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A layer that is run twice on two images, as RAFT runs its last ones for each update of the flow.
ForeignForm form_of_two_updates(const std::vector<std::string>& outputs) {
  testing::Sketch sketch;
  sketch.input("a", {{1, ""}, {1, ""}, {1, ""}, {1, ""}})
      .input("b", {{1, ""}, {1, ""}, {1, ""}, {1, ""}})
      .constant("w", make_tensor({1, 1, 1, 1}, std::vector<float>{1}))
      .node("Conv", {"a", "w"}, {"first"})
      .node("Conv", {"first", "w"}, {"second"})
      .node("Add", {"second", "b"}, {"third"});
  for (const std::string& output : outputs) sketch.output(output);
  return form_of(View(sketch.model), find_model("raft_small"));
}

TEST(ForeignForm, AFlowForEachUpdateIsAList) {
  const ForeignForm list = form_of_two_updates({"first", "second"});
  EXPECT_EQ(list.outputs, OutputMode::kAll);
  EXPECT_THAT(list.notes, ElementsAre(HasSubstr("after each of its 2 updates")));
  ASSERT_EQ(list.settings.size(), 1U);
  EXPECT_EQ(list.settings[0].name, "num_flow_updates");
  EXPECT_EQ(to_json(list.settings[0].value), "2");
}

TEST(ForeignForm, OtherOutputsOfRaftAreNoList) {
  for (const std::vector<std::string>& outputs :
       std::vector<std::vector<std::string>>{{"second"}, {"first", "second", "third"}}) {
    const ForeignForm form = form_of_two_updates(outputs);
    EXPECT_EQ(form.outputs, std::nullopt);
    EXPECT_THAT(form.notes, IsEmpty());
  }
}

}  // namespace
}  // namespace tv2onnx::doctor
