#pragma once
// What the Windows half of the platform_*.h share.

#include <windows.h>

#include <filesystem>
#include <string>
#include <utility>

namespace tv2onnx::platform {

/// The name as the system's calls take it, also of more than 260 characters.
std::wstring system_name(const std::filesystem::path& path);

/// The number of errno that an error of the system is called by.
int errno_of(DWORD error);

/// A handle, closed with the object; null if it is none.
class OwnHandle {
 public:
  explicit OwnHandle(HANDLE handle = nullptr)
      : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  ~OwnHandle() {
    if (handle_ != nullptr) CloseHandle(handle_);
  }
  OwnHandle(OwnHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  OwnHandle& operator=(OwnHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  HANDLE get() const { return handle_; }
  HANDLE release() { return std::exchange(handle_, nullptr); }

 private:
  HANDLE handle_;
};

}  // namespace tv2onnx::platform
