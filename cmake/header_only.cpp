// Libraries that are compiled into what is to need none of the system's: the Python package and the
// program of `make static`.

// The thousands of numbers are not separated here; the locale would come with all of its facets.
#define FMT_STATIC_THOUSANDS_SEPARATOR ','
#include <fmt/format-inl.h>

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
