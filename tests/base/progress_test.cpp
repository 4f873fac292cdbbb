#include "tv2onnx/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Progress, StepsAreToldUntilTheCallIsCancelled) {
  std::vector<std::string> told;
  std::stop_source source;
  const CallControl control{.progress = [&](const Step& step) { told.emplace_back(step.name); },
                            .cancel = source.get_token()};
  begin_step(control, {"one", 0, 2});
  source.request_stop();
  EXPECT_THAT(testing::message_of([&] {
                begin_step(control, {"two", 1, 2});
              }),
              HasSubstr("error[X003]: the call was cancelled"));
  EXPECT_THAT(told, ElementsAre("one"));
}

TEST(Progress, NothingIsNeeded) {
  EXPECT_NO_THROW(begin_step({}, {"one", 0, 1}));
  EXPECT_NO_THROW(stop_if_cancelled({}));
}

}  // namespace
}  // namespace tv2onnx
