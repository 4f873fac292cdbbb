# The extension of the Python package, of the objects that the library and the program consist of. It
# needs nothing but the C library: fmt and xxhash are compiled into it, photos are read and written
# by Pillow (see src/photos.cpp).

if(NOT TV2ONNX_CLI OR TV2ONNX_SANITIZE)
  message(FATAL_ERROR "TV2ONNX_PYTHON needs TV2ONNX_CLI, and no sanitizers")
endif()
if(NOT SKBUILD)
  # Debian's, also where another one comes first.
  set(Python_EXECUTABLE /usr/bin/python3)
  list(APPEND CMAKE_PREFIX_PATH ${PROJECT_SOURCE_DIR}/.cache/python/usr)
  set(nanobind_ROOT ${PROJECT_SOURCE_DIR}/.cache/python/usr/share/nanobind)
endif()
find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module ${SKBUILD_SABI_COMPONENT})
find_package(nanobind 2 CONFIG REQUIRED)

# Nanobind's sources have helpers of the same names.
set(CMAKE_UNITY_BUILD OFF)
nanobind_add_module(tv2onnx_python NB_STATIC STABLE_ABI NB_SUPPRESS_WARNINGS
  python/src/arrays.cpp python/src/checkpoint.cpp python/src/doctor.cpp cmake/header_only.cpp
  python/src/measures.cpp python/src/module.cpp python/src/names.cpp python/src/options.cpp
  python/src/own_symbols.cpp
  python/src/photos.cpp python/src/run.cpp python/src/tasks.cpp python/src/worker.cpp
  src/cli/without_serve.cpp $<TARGET_OBJECTS:tv2onnx_cli_objects>)
set_target_properties(tv2onnx_python PROPERTIES OUTPUT_NAME _core
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/python)
target_include_directories(tv2onnx_python PRIVATE include src python/src)
target_compile_definitions(tv2onnx_python PRIVATE TV2ONNX_VERSION="${PROJECT_VERSION}")
target_compile_options(tv2onnx_python PRIVATE -Wall -Wextra
  $<$<BOOL:${TV2ONNX_DEVELOPER_MODE}>:-Werror>)
# Nanobind's own library is one of the two, and compiled for speed.
foreach(name tv2onnx_python nanobind-static nanobind-static-abi3)
  if(TARGET ${name})
    target_compile_options(${name} PRIVATE ${TV2ONNX_SMALL} ${TV2ONNX_UNSIZED})
  endif()
endforeach()
# The archive by its file: as a target it brings the libraries of the codecs.
add_dependencies(tv2onnx_python tv2onnx)
target_link_libraries(tv2onnx_python PRIVATE $<TARGET_FILE:tv2onnx> ${AGG_LIBRARY}
  nlohmann_json::nlohmann_json ${CMAKE_DL_LIBS})
target_include_directories(tv2onnx_python SYSTEM PRIVATE
  $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
# Functions of like names lie together, which zip makes smaller by 3 %. Nothing here may use streams
# or locales of C++: they would bring a tenth of the wheel.
target_link_options(tv2onnx_python PRIVATE -static-libstdc++ -Wl,--gc-sections
  -Wl,--sort-section=name
  -Wl,--wrap=hypot -Wl,--wrap=hypotf -Wl,--wrap=__cxa_demangle -Wl,--wrap=arc4random
  -Wl,--wrap=__isoc23_strtol -Wl,--wrap=__isoc23_strtoul
  -Wl,--wrap=__isoc23_strtoll -Wl,--wrap=__isoc23_strtoull
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/python/exports.map)
# Functions that are the same become one, which makes the wheel smaller by 3 %, where there is gold.
find_program(TV2ONNX_GOLD ld.gold)
if(TV2ONNX_GOLD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_link_options(tv2onnx_python PRIVATE -fuse-ld=gold -Wl,--icf=safe)
endif()

install(TARGETS tv2onnx_python LIBRARY DESTINATION tv2onnx COMPONENT python)
