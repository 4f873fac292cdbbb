# The room serve, an archive that the program, its tests and a fuzz target link, and no part of the
# library: it needs Boost's headers (Beast and Asio), and nothing at run time.

if(NOT TV2ONNX_SERVE)
  target_sources(tv2onnx_cli PRIVATE src/cli/without_serve.cpp)
  return()
endif()

find_path(BOOST_INCLUDE boost/beast.hpp REQUIRED)

set(PAGE ${PROJECT_SOURCE_DIR}/src/serve/page)
file(GLOB PAGE_FILES CONFIGURE_DEPENDS ${PAGE}/*)
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/page_files.cpp
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${PAGE} -DOUTPUT=${PROJECT_BINARY_DIR}/page_files.cpp
          -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${PAGE_FILES} cmake/embed.cmake VERBATIM)

tv2onnx_objects(tv2onnx_serve_objects serve)
target_sources(tv2onnx_serve_objects PRIVATE ${PROJECT_BINARY_DIR}/page_files.cpp)
target_include_directories(tv2onnx_serve_objects SYSTEM PRIVATE ${BOOST_INCLUDE})
target_precompile_headers(tv2onnx_serve_objects REUSE_FROM tv2onnx_core_objects)
# Asio of Boost 1.74 (Debian 12) takes the coroutines of C++20 from GCC only; clang has them too.
target_compile_definitions(tv2onnx_serve_objects PRIVATE
  $<$<CXX_COMPILER_ID:Clang>:BOOST_ASIO_HAS_CO_AWAIT>)
find_package(Threads REQUIRED)
add_library(tv2onnx_serve STATIC $<TARGET_OBJECTS:tv2onnx_serve_objects>)
target_link_libraries(tv2onnx_serve PUBLIC tv2onnx Threads::Threads)

target_sources(tv2onnx_cli PRIVATE src/cli/serve.cpp src/cli/triton.cpp
  src/cli/page.cpp)
target_link_libraries(tv2onnx_cli PRIVATE tv2onnx_serve)
