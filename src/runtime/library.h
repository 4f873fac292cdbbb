#pragma once
// Finding and loading libonnxruntime. A library that was loaded stays loaded until the process
// ends: ONNX Runtime keeps threads and statics that do not survive dlclose.

#ifdef __MINGW32__  // words that the header knows of another compiler
#define _Return_type_success_(X)
#define _stdcall __stdcall
#endif
#include <onnxruntime_c_api.h>

#include <string>

#include "tv2onnx/error_code.h"

namespace tv2onnx {

/// One loaded ONNX Runtime with its environment.
struct Runtime {
  const OrtApi* api = nullptr;
  unsigned api_level = 0;  ///< N of release 1.N; `api` ends where that release's does
  OrtEnv* env = nullptr;
  std::string path;
  std::string version;  ///< as the library says, "1.30.0"

  /// Turns a failed status into an Error of the given code that keeps the runtime's message.
  void check(OrtStatus* status, ErrorCode code, const std::string& found,
             const std::string& file) const;
};

/// Loads the library on first use; see find_runtime for where it looks.
/// \throws Error R001 (none found), R004 (too old).
const Runtime& load_runtime(const std::string& library);

}  // namespace tv2onnx
