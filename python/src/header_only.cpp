// Libraries that are compiled into the extension, so that it needs none of the system's.

// The thousands of numbers are not separated here; the locale would come with all of its facets.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include <fmt/format-inl.h>

#include <cstddef>
#include <cstring>

#define XXH_STATIC_LINKING_ONLY
#define XXH_IMPLEMENTATION
#include <xxhash.h>

FMT_BEGIN_NAMESPACE
namespace detail {

#if FMT_VERSION >= 100000
using FormatArguments = vformat_args<>::type;
#else
using FormatArguments = basic_format_args<FMT_BUFFER_CONTEXT(char)>;
#endif

// What fmt's own library has.
template dragonbox::decimal_fp<float> dragonbox::to_decimal(float) noexcept;
template dragonbox::decimal_fp<double> dragonbox::to_decimal(double) noexcept;
template thousands_sep_result<char> thousands_sep_impl(locale_ref);
template char decimal_point_impl(locale_ref);
template void buffer<char>::append(const char*, const char*);
template void vformat_to(buffer<char>&, string_view, FormatArguments, locale_ref);

}  // namespace detail
FMT_END_NAMESPACE

// glibc 2.35 made these anew, and a program that is built with it runs on none before. Lengths in
// pixels overflow nowhere. The linker calls them instead (--wrap).
extern "C" double __wrap_hypot(double x, double y) {  // NOLINT: the linker's name
  return __builtin_sqrt(x * x + y * y);
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
