# Stands in for the package's own file where only its headers are used.

add_library(fmt::fmt INTERFACE IMPORTED)
target_include_directories(fmt::fmt INTERFACE
  ${CMAKE_CURRENT_LIST_DIR}/../../../.cache/cross/include)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
