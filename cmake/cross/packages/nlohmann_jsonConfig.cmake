# Stands in for the package's own file where only its headers are used.

add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
target_include_directories(nlohmann_json::nlohmann_json INTERFACE
  ${CMAKE_CURRENT_LIST_DIR}/../../../.cache/cross/include)
