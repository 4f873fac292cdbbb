// What the extension has of its own, so that it needs no newer system.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

// glibc 2.35 made these anew, and a program that is built with it runs on none before. Lengths in
// pixels overflow nowhere. The linker calls them instead (--wrap).
extern "C" double __wrap_hypot(double x, double y) {  // NOLINT: the linker's name
  return __builtin_sqrt(x * x + y * y);
}

// Headers of glibc 2.38 name these for what the older ones do, which also knew no binary numbers.
extern "C" {
long older_strtol(const char*, char**, int) __asm__("strtol");
unsigned long older_strtoul(const char*, char**, int) __asm__("strtoul");
long long older_strtoll(const char*, char**, int) __asm__("strtoll");
unsigned long long older_strtoull(const char*, char**, int) __asm__("strtoull");

long __wrap___isoc23_strtol(const char* text, char** end, int base) {  // NOLINT: likewise
  return older_strtol(text, end, base);
}
unsigned long __wrap___isoc23_strtoul(const char* text, char** end, int base) {  // NOLINT
  return older_strtoul(text, end, base);
}
long long __wrap___isoc23_strtoll(const char* text, char** end, int base) {  // NOLINT
  return older_strtoll(text, end, base);
}
unsigned long long __wrap___isoc23_strtoull(const char* text, char** end, int base) {  // NOLINT
  return older_strtoull(text, end, base);
}
}

// Of glibc 2.36; the linker gold names it also where nothing calls it.
extern "C" std::uint32_t __wrap_arc4random() {  // NOLINT: likewise
  std::uint32_t number = 0;
  if (getentropy(&number, sizeof(number)) != 0) abort();
  return number;
}

// The readable names of C++'s types cost 20 KiB of the wheel, and nobody sees them: nanobind has
// names for what it shows.
extern "C" char* __wrap___cxa_demangle(const char* name, char* /*buffer*/, std::size_t* /*length*/,
                                       int* status) {  // NOLINT: likewise
  if (status != nullptr) *status = 0;
  return strdup(name);
}

extern "C" float __wrap_hypotf(float x, float y) {  // NOLINT: likewise
  return static_cast<float>(__wrap_hypot(x, y));
}
