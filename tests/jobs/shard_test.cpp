#include "jobs/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/errors.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

Environment of(const Variables& variables) {
  return [&variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

std::string shard(const std::string& text, const Variables& variables = {}) {
  const Shard found = find_shard(text, of(variables));
  return std::to_string(found.index) + "/" + std::to_string(found.count);
}

std::string code(const std::string& text, const Variables& variables = {}) {
  return testing::code_of([&] { find_shard(text, of(variables)); });
}

TEST(Shard, IsWhatTheUserSays) {
  EXPECT_EQ(shard("0/1"), "0/1");
  EXPECT_EQ(shard("15/16"), "15/16");
  for (const char* bad : {"", "3", "/4", "3/", "3/0", "-1/4", "4/4", "3/4/5", "3/4x", "a/4",
                          "autos", "auto/", "auto/x", "18446744073709551616/2", " 1/2"}) {
    EXPECT_EQ(code(bad), "U002") << bad;
  }
}

TEST(Shard, IsWhatALauncherSays) {
  const std::vector<std::pair<Variables, std::string>> launchers{
      {{{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "5"}}, "2/5"},
      {{{"PMI_RANK", "0"}, {"PMI_SIZE", "3"}}, "0/3"},
      {{{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}}, "1/2"},
      {{{"SLURM_ARRAY_TASK_ID", "5"},
        {"SLURM_ARRAY_TASK_MIN", "1"},
        {"SLURM_ARRAY_TASK_STEP", "2"},
        {"SLURM_ARRAY_TASK_COUNT", "4"}},
       "2/4"},
      {{{"AWS_BATCH_JOB_ARRAY_INDEX", "7"}, {"AWS_BATCH_JOB_ARRAY_SIZE", "8"}}, "7/8"},
      {{{"CLOUD_RUN_TASK_INDEX", "1"}, {"CLOUD_RUN_TASK_COUNT", "9"}}, "1/9"},
      {{{"BATCH_TASK_INDEX", "1"}, {"BATCH_TASK_COUNT", "9"}}, "1/9"},
      {{{"SGE_TASK_ID", "7"},
        {"SGE_TASK_FIRST", "1"},
        {"SGE_TASK_LAST", "9"},
        {"SGE_TASK_STEPSIZE", "3"}},
       "2/3"},
  };
  for (const auto& [variables, expected] : launchers) {
    EXPECT_EQ(shard("auto", variables), expected) << variables.begin()->first;
  }
}

TEST(Shard, SomeLaunchersDoNotTellHowManyThereAre) {
  for (const char* name : {"JOB_COMPLETION_INDEX", "PBS_ARRAY_INDEX", "PBS_ARRAYID"}) {
    EXPECT_EQ(shard("auto/6", {{name, "3"}}), "3/6");
    EXPECT_EQ(code("auto", {{name, "3"}}), "U002");
    EXPECT_EQ(code("auto/3", {{name, "3"}}), "U002") << "counted from 1";
  }
}

TEST(Shard, TwoLaunchersMustAgree) {
  EXPECT_EQ(code("auto"), "U002");
  EXPECT_EQ(shard("auto", {{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}, {"JOB_COMPLETION_INDEX", "1"}}),
            "1/4");
  EXPECT_EQ(code("auto", {{"PMI_RANK", "2"}, {"PMI_SIZE", "4"}, {"JOB_COMPLETION_INDEX", "1"}}),
            "U003");
  EXPECT_EQ(code("auto/5", {{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}}), "U003");
  const Variables both{{"PMI_RANK", "1"},
                       {"PMI_SIZE", "4"},
                       {"SLURM_ARRAY_TASK_ID", "0"},
                       {"SLURM_ARRAY_TASK_COUNT", "3"}};
  EXPECT_EQ(code("auto", both), "U003");
  EXPECT_THAT(testing::message_of([&] { find_shard("auto", of(both)); }),
              HasSubstr("Slurm array says 0 of 3 (SLURM_ARRAY_TASK_ID)"));
}

TEST(Shard, RanksOfMpiHideTheHelpersThatSlurmStarted) {
  EXPECT_EQ(shard("auto", {{"OMPI_COMM_WORLD_RANK", "3"},
                           {"OMPI_COMM_WORLD_SIZE", "4"},
                           {"SLURM_PROCID", "0"},
                           {"SLURM_STEP_NUM_TASKS", "2"}}),
            "3/4");
  // The script of a job is one process, however many tasks the job has.
  EXPECT_EQ(code("auto", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}), "U002");
}

TEST(Shard, LaunchersOfOneTaskSplitNothing) {
  // As scripts of arrays have it.
  EXPECT_EQ(shard("auto", {{"SLURM_ARRAY_TASK_ID", "4"},
                           {"SLURM_ARRAY_TASK_COUNT", "8"},
                           {"SLURM_PROCID", "0"},
                           {"SLURM_NTASKS", "1"}}),
            "4/8");
  const Variables array_of_steps{{"SLURM_ARRAY_TASK_ID", "4"},
                                 {"SLURM_ARRAY_TASK_MIN", "0"},
                                 {"SLURM_ARRAY_TASK_COUNT", "8"},
                                 {"SLURM_PROCID", "0"},
                                 {"SLURM_STEP_NUM_TASKS", "1"}};
  EXPECT_EQ(shard("auto", array_of_steps), "4/8");
  EXPECT_EQ(shard("auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}}), "0/1");
}

TEST(Shard, TasksWithGapsAreRefused) {
  const Variables gaps{{"SLURM_ARRAY_TASK_ID", "9"},
                       {"SLURM_ARRAY_TASK_MIN", "1"},
                       {"SLURM_ARRAY_TASK_STEP", "1"},
                       {"SLURM_ARRAY_TASK_COUNT", "3"}};
  EXPECT_EQ(code("auto", gaps), "U002");
  EXPECT_EQ(code("auto", {{"SGE_TASK_ID", "4"},
                          {"SGE_TASK_FIRST", "1"},
                          {"SGE_TASK_LAST", "9"},
                          {"SGE_TASK_STEPSIZE", "2"}}),
            "U002");
  EXPECT_EQ(code("auto", {{"SGE_TASK_ID", "undefined"}, {"SGE_TASK_LAST", "undefined"}}), "U002");
  EXPECT_EQ(code("auto", {{"PMI_RANK", "one"}, {"PMI_SIZE", "4"}}), "U002");
}

}  // namespace
}  // namespace tv2onnx
