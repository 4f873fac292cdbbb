#pragma once
// The command line of tv2onnx predict and detect.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/options.h"
#include "tv2onnx/detect.h"
#include "video/frame_reader.h"

namespace tv2onnx::cli {

/// An option that has a meaning for some tasks only.
struct TaskOption {
  const Argument* option;
  std::vector<Task> tasks;
};

struct DetectFlags {
  std::string model;
  std::vector<std::string> inputs;
  std::string folder;
  std::string json;
  std::string coco;
  std::string coco_images;
  std::string class_names_file;
  DetectOptions core;
  std::optional<std::size_t> top;  ///< of classifiers
  std::string label_maps;          ///< of segmentation: the folder
  std::string flo;                 ///< of flow: the folder
  std::size_t frames = 0;          ///< of clips: at most so many; 0: all
  bool recursive = false;
  std::string list;                             ///< --list: the file
  std::string shard = "0/1";                    ///< --shard
  std::size_t part_size = 500;                  ///< --part-size
  FrameSource source = {};                      ///< of videos: --every, --start, --end
  bool track = false;                           ///< --track
  std::vector<const Argument*> of_videos = {};  ///< the options that only they have
  SessionOptions session;
  std::vector<TaskOption> limited = {};
};

void add_detect_options(Command& command, DetectFlags& options);

/// \throws Error U003 for options that models of the task do not have.
void require_meaning(const DetectFlags& options, Task task);

/// Runs a detector as the flags say; returns the exit code.
int run_detect(const DetectFlags& options, const Invocation& invocation);
/// The same of models of the other tasks.
int run_classify(const DetectFlags& options, const Invocation& invocation);
int run_clips(const DetectFlags& options, const Invocation& invocation);
int run_segment(const DetectFlags& options, const Invocation& invocation);
int run_flow(const DetectFlags& options, const Invocation& invocation);

}  // namespace tv2onnx::cli
