# Programs that need little of the system they run on.

if(MINGW)
  # The manifest: names of files in UTF-8, longer than 260 characters where the system allows it.
  enable_language(RC)
  target_sources(tv2onnx_cli PRIVATE packaging/windows/tv2onnx.rc)
  # MinGW's C++ library takes the bytes of a path for Latin-1; src/base/platform_windows.cpp has what takes
  # them for UTF-8.
  target_link_options(tv2onnx_cli PRIVATE -static
    LINKER:--wrap=_ZNKSt7codecvtIwciE5do_inERiPKcS3_RS3_PwS5_RS5_)
  target_link_libraries(tv2onnx_cli PRIVATE psapi)
  return()
elseif(CMAKE_CROSSCOMPILING)
  target_link_options(tv2onnx_cli PRIVATE -static-libstdc++ -static-libgcc)
  return()
endif()

# `make static`: of the same objects a program with the codecs and the C++ runtime in it, which needs
# the C library alone. fmt, which Debian has no archive of, and xxhash are compiled into it.
foreach(name jpeg png16 z webp sharpyuv)  # sharpyuv: what newer releases of WebP need
  find_library(TV2ONNX_ARCHIVE_${name} lib${name}.a)
endforeach()
if(NOT TV2ONNX_IMAGES OR TV2ONNX_SANITIZE OR NOT (TV2ONNX_ARCHIVE_jpeg AND TV2ONNX_ARCHIVE_png16
    AND TV2ONNX_ARCHIVE_z AND TV2ONNX_ARCHIVE_webp))
  return()
endif()
set(ARCHIVES)
foreach(name jpeg png16 z webp sharpyuv)
  if(TV2ONNX_ARCHIVE_${name})
    list(APPEND ARCHIVES ${TV2ONNX_ARCHIVE_${name}})
  endif()
endforeach()
add_executable(tv2onnx_static cmake/header_only.cpp $<TARGET_OBJECTS:tv2onnx_cli>
  $<TARGET_OBJECTS:tv2onnx_cli_objects>)
if(NOT TV2ONNX_TESTS)
  set_target_properties(tv2onnx_static PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
set_target_properties(tv2onnx_static PROPERTIES OUTPUT_NAME tv2onnx UNITY_BUILD OFF
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/static)
# By their files: as targets they bring the shared libraries.
add_dependencies(tv2onnx_static tv2onnx tv2onnx_cli)
if(TARGET tv2onnx_serve)
  target_link_libraries(tv2onnx_static PRIVATE $<TARGET_FILE:tv2onnx_serve>)
endif()
target_link_libraries(tv2onnx_static PRIVATE $<TARGET_FILE:tv2onnx> ${AGG_LIBRARY} ${ARCHIVES}
  ${CMAKE_DL_LIBS})
target_link_options(tv2onnx_static PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
