# For Linux on ARM, with Debian's cross compiler; scripts/setup cross makes it possible.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(TV2ONNX_FOREIGN ${CMAKE_CURRENT_LIST_DIR}/../../.cache/cross/arm64/usr)
# Archives, so that the program needs the C library alone.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
