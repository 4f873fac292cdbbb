# How rooms become libraries.

file(GLOB folders LIST_DIRECTORIES true RELATIVE ${PROJECT_SOURCE_DIR}/src src/*)
foreach(folder ${folders})
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/src/${folder}
     AND NOT folder IN_LIST CORE_ROOMS AND NOT folder IN_LIST REST_ROOMS AND NOT folder MATCHES "^(cli|serve)$")
    message(FATAL_ERROR "src/${folder} is a room that CMakeLists.txt does not name")
  endif()
endforeach()

# Of what operating systems do differently each room has two sources.
set(OTHER_PLATFORM "/platform_[^/]*windows.cpp$")
if(WIN32)
  set(OTHER_PLATFORM "/platform_[^/]*posix.cpp$")
endif()

# Without the codecs something else says that they are not there.
set(OTHER_CODECS "image/without_codecs.cpp$")
if(NOT TV2ONNX_IMAGES)
  set(OTHER_CODECS "image/(encode|encode_label_map|jpeg|png|shapes|webp).cpp$")
endif()

# RESULT: the sources of the rooms that follow.
function(tv2onnx_sources result)
  set(sources)
  foreach(room ${ARGN})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS src/${room}/*.cpp)
    list(FILTER found EXCLUDE REGEX "${OTHER_PLATFORM}|${OTHER_CODECS}")
    list(APPEND sources ${found})
  endforeach()
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

# Sources of one room that are compiled in one go where CMAKE_UNITY_BUILD is on: names in anonymous
# namespaces are unique in a room. Not those of images: the Python package has codecs of its own, and
# takes from the archive only the objects that it needs.
set(TV2ONNX_UNITY_SIZE 12)
function(tv2onnx_unity_groups name sources)
  set(rooms ${ARGN})
  list(REMOVE_ITEM rooms image)
  foreach(room ${rooms})
    tv2onnx_sources(all ${room})
    set(index 0)
    foreach(source ${all})
      if(NOT source IN_LIST sources)
        continue()
      endif()
      math(EXPR group "${index} / ${TV2ONNX_UNITY_SIZE}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${room}_${group})
      math(EXPR index "${index} + 1")
    endforeach()
  endforeach()
  set_target_properties(${name} PROPERTIES UNITY_BUILD_MODE GROUP)
  if(WIN32)  # whose header defines short words
    set(windows ${sources})
    list(FILTER windows INCLUDE REGEX "/platform_[^/]*windows.cpp$")
    set_source_files_properties(${windows} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# Sources with loops over pixels, weights or the bytes of a file, which are compiled for speed. The
# others are compiled for size, without which the wheel is half as large again.
set(TV2ONNX_FAST
  base/half.cpp base/json_parse.cpp base/tensor.cpp checkpoint/inflate.cpp checkpoint/zip.cpp
  coco/average_precision.cpp coco/curve.cpp coco/mask_runs.cpp coco/matching.cpp coco/polygons.cpp
  coco/run_lengths.cpp doctor/numbers.cpp export/finite_weights.cpp export/weight_scan.cpp nn/quantised_weight.cpp
  nn/rearranged_weights.cpp onnx/model.cpp onnx/parse_tensor.cpp onnx/wire.cpp onnx/write_tensor.cpp
  rewrite/fold_batch_norm.cpp rewrite/fold_channel_scale.cpp rewrite/quantise_numbers.cpp
  rewrite/store_weights.cpp run/class_scores.cpp run/clip.cpp run/masks.cpp run/paste.cpp
  run/photo.cpp run/prepare.cpp run/prepared_pixels.cpp run/raw_image.cpp run/segmenter.cpp
  runtime/session_tensors.cpp verify/mask_difference.cpp verify/recorded_maps.cpp)
foreach(source ${TV2ONNX_FAST})
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/src/${source})
    message(FATAL_ERROR "src/${source}, which cmake/libraries.cmake names, is not there")
  endif()
endforeach()

# What makes the Python package small: operator delete without the size, which malloc has no use for,
# and, beside -Os, instructions in the order in which they were generated, which zip packs better.
set(TV2ONNX_UNSIZED $<$<CONFIG:Release>:-fno-sized-deallocation>)
set(TV2ONNX_SMALL $<$<CONFIG:Release>:-Os>
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-fno-schedule-insns2>)

# The compiled sources of the rooms that follow: libraries of objects, NAME and, if some of them are to
# be fast, NAME_fast.
function(tv2onnx_objects name)
  tv2onnx_sources(small ${ARGN})
  set(fast)
  foreach(source ${small})
    string(REPLACE ${PROJECT_SOURCE_DIR}/src/ "" path ${source})
    if(path MATCHES "^image/" OR path IN_LIST TV2ONNX_FAST)
      list(APPEND fast ${source})
    endif()
  endforeach()
  list(REMOVE_ITEM small ${fast})
  tv2onnx_object_library(${name} "${small}" ${ARGN})
  target_compile_options(${name} PRIVATE ${TV2ONNX_SMALL})
  if(fast)
    tv2onnx_object_library(${name}_fast "${fast}" ${ARGN})
  endif()
endfunction()

function(tv2onnx_object_library name sources)
  add_library(${name} OBJECT ${sources})
  tv2onnx_unity_groups(${name} "${sources}" ${ARGN})
  target_include_directories(${name} PRIVATE include src)
  target_compile_definitions(${name} PRIVATE TV2ONNX_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE tv2onnx_flags fmt::fmt nlohmann_json::nlohmann_json)
  # Of which the Python package keeps what it calls.
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections ${TV2ONNX_UNSIZED})
endfunction()

# An archive and, if wanted or to be tested, a shared library of the same objects. Program and tests
# link the archive, whose inside is visible. NAMES are the LIBRARIES for those who link the
# installed archive.
function(tv2onnx_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" EXPORT "OBJECTS;LIBRARIES;NAMES")
  add_library(${name} STATIC)
  target_link_libraries(${name} PRIVATE "$<INSTALL_INTERFACE:${ARG_NAMES}>")
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${ARG_EXPORT}_static)
  set(targets ${name})
  if(BUILD_SHARED_LIBS OR TV2ONNX_TESTS AND NOT TV2ONNX_SANITIZE)
    add_library(${name}_shared SHARED)
    set_target_properties(${name}_shared PROPERTIES OUTPUT_NAME ${name}
      EXPORT_NAME ${ARG_EXPORT}_shared VERSION ${PROJECT_VERSION}
      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    target_link_options(${name}_shared PRIVATE -Wl,--no-undefined -Wl,--exclude-libs,ALL)
    list(APPEND targets ${name}_shared)
  endif()
  foreach(target ${targets})
    foreach(objects ${ARG_OBJECTS})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endforeach()
    foreach(library tv2onnx_flags ${ARG_LIBRARIES})
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${library}>)
    endforeach()
    target_link_libraries(${target} PRIVATE fmt::fmt ${CMAKE_DL_LIBS})
    target_include_directories(${target} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_features(${target} INTERFACE cxx_std_20)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  endforeach()
  set(kind "")
  if(BUILD_SHARED_LIBS)
    set(kind _shared)
  endif()
  add_library(tv2onnx::${ARG_EXPORT} ALIAS ${name}${kind})
  install(TARGETS ${targets} EXPORT tv2onnxTargets)

  list(TRANSFORM ARG_NAMES PREPEND -l OUTPUT_VARIABLE private)
  list(JOIN private " " PRIVATE_LIBRARIES)
  file(RELATIVE_PATH PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  set(LIBRARY ${name})
  configure_file(cmake/library.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
