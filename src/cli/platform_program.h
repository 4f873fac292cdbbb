#pragma once
// How a program begins and ends, as far as operating systems differ; see base/platform_files.h.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tv2onnx::cli {

/// The words of the command line in UTF-8.
class Words {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  int count() const { return static_cast<int>(words_.size()); }
  char** pointers() { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};
Words words_of(int argc, char** argv);

/// Standard streams that are there and take bytes as they are; interrupts that leave no
/// half-written file behind.
void prepare_process();

/// SIGTERM and SIGINT, or what is their like, end nothing from now on; called before threads are
/// made.
void hold_interrupts();
/// Until the first of them, which may have come before.
void wait_for_interrupt();

/// Files of strangers can ask for any amount of time and memory when they are run. 0: no limit.
void apply_limits(unsigned seconds, std::uint64_t mebibytes);

/// The most memory that this process has had, in bytes.
std::uint64_t peak_memory();

/// Called when writing to stdout fails because nobody reads it any more: ends as others then do, if
/// they do.
void end_as_nobody_reads();

}  // namespace tv2onnx::cli
