# What is compiled for another machine has the libraries of that machine that scripts/setup cross has
# fetched, and of this one the headers that are the same everywhere: fmt, nlohmann-json, xxhash.

set(CMAKE_FIND_ROOT_PATH ${TV2ONNX_FOREIGN})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
foreach(package fmt nlohmann_json)
  set(${package}_DIR ${CMAKE_CURRENT_LIST_DIR}/packages)
endforeach()
set(ENV{PKG_CONFIG_LIBDIR}
  ${CMAKE_CURRENT_LIST_DIR}/packages:${TV2ONNX_FOREIGN}/lib/aarch64-linux-gnu/pkgconfig)
