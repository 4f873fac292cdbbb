// In the place of Python in the tests on Windows: its arguments are its log, one in a line, and the
// file that CROSS_REFERENCE names is its answer.

#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <cstdio>
#include <string>

int wmain(int count, wchar_t** words) {
  for (int k = 1; k < count; ++k) {
    std::string line(4 * std::wstring(words[k]).size() + 1, '\0');
    line.resize(static_cast<std::size_t>(WideCharToMultiByte(
        CP_UTF8, 0, words[k], -1, line.data(), static_cast<int>(line.size()), nullptr, nullptr)));
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  _setmode(_fileno(stdout), _O_BINARY);
  std::FILE* reference = _wfopen(_wgetenv(L"CROSS_REFERENCE"), L"rb");
  if (reference == nullptr) return 1;
  char buffer[65536];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, reference)) > 0;) {
    std::fwrite(buffer, 1, size, stdout);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
