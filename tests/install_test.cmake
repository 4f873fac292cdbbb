# Installs what was built, moves it to where neither checkout nor build tree are found from, and
# builds and runs programs against it as users do:
#   cmake -DBUILD=... -DSOURCE=... -DLIBDIR=... -DCXX=... -P install_test.cmake

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

function(refuse what text pattern)
  if("${text}" MATCHES "${pattern}")
    message(FATAL_ERROR "${what}: found '${CMAKE_MATCH_0}'")
  endif()
endfunction()

set(shapes ${SOURCE}/examples/shapes)
# Exports and runs the detector of the demo; one cross (class 6) is found with certainty.
function(expect_cross program)
  run(${program} ${shapes}/fasterrcnn_shapes_half.pth ${work}/shapes.onnx ${shapes}/images/002.jpg)
  if(NOT out MATCHES "^class 6  0\\.99")
    message(FATAL_ERROR "${program} printed:\n${out}")
  endif()
endfunction()

function(build_example source folder)
  run(${CMAKE_COMMAND} -G Ninja -S ${source} -B ${work}/${folder} -DCMAKE_PREFIX_PATH=${prefix}
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX} ${ARGN})
  run(${CMAKE_COMMAND} --build ${work}/${folder})
endfunction()

run(mktemp -d --suffix=_tv2onnx)
string(STRIP "${out}" work)
set(prefix ${work}/prefix)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${BUILD}/install_test --strip)
file(COPY ${BUILD}/install_test/ DESTINATION ${prefix})
file(REMOVE_RECURSE ${BUILD}/install_test)
run(${prefix}/bin/tv2onnx --version)

# Nothing of the place where it was built is in it.
set(shared ${prefix}/${LIBDIR}/libtv2onnx.so)
foreach(file ${shared} ${prefix}/${LIBDIR}/libtv2onnx_core.so ${prefix}/bin/tv2onnx)
  file(STRINGS ${file} paths REGEX "${SOURCE}|${BUILD}")
  refuse(${file} "${paths}" ".+")
endforeach()

# The shared library shows what the public headers declare, and nothing else.
run(nm --demangle --dynamic --defined-only ${shared})
foreach(name "tv2onnx::open_checkpoint" "tv2onnx::Session::run" "typeinfo for tv2onnx::Error")
  if(NOT out MATCHES "${name}")
    message(FATAL_ERROR "${shared} does not export ${name}")
  endif()
endforeach()
refuse(${shared} "${out}" "tv2onnx::(MappedFile|OutputFile|doctor)::[^\n]*")

build_example(${SOURCE}/examples/library shared -DBUILD_SHARED_LIBS=ON)
run(readelf --dynamic ${work}/shared/detect)
if(NOT out MATCHES "libtv2onnx\\.so\\.[0-9]+\\.[0-9]+\\]")
  message(FATAL_ERROR "the example does not load libtv2onnx.so by its soname:\n${out}")
endif()
expect_cross(${work}/shared/detect)

# What links the archive finds the runtime from the place of the program.
build_example(${SOURCE}/examples/library static -DBUILD_SHARED_LIBS=OFF)
file(COPY ${work}/static/detect DESTINATION ${prefix}/bin)
expect_cross(${prefix}/bin/detect)

# From checkpoint to file, no image library, no runtime and no option parser are needed. xxHash lies
# where only CMake looks for it, as vcpkg and Conan have it.
run(${CXX} -print-file-name=libxxhash.so)
string(STRIP "${out}" xxhash)
file(MAKE_DIRECTORY ${work}/elsewhere/lib)
file(CREATE_LINK ${xxhash} ${work}/elsewhere/lib/libxxhash.so SYMBOLIC)
set(ENV{CMAKE_PREFIX_PATH} ${work}/elsewhere)
build_example(${SOURCE}/tests/install core)
file(STRINGS ${work}/core/build.ninja places REGEX "-L${work}/elsewhere/lib")
if(NOT places)
  message(FATAL_ERROR "the archive's xxHash is not searched in CMAKE_PREFIX_PATH")
endif()
run(${work}/core/core ${shapes}/fasterrcnn_shapes_half.pth)
foreach(file ${work}/core/core ${prefix}/${LIBDIR}/libtv2onnx_core.so)
  run(readelf --dynamic ${file})
  refuse(${file} "${out}" "lib(jpeg|png|webp|opencv|agg|onnxruntime)[^\n]*")
endforeach()
run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${work}/core_alone -DCMAKE_CXX_COMPILER=${CXX}
  -DTV2ONNX_IMAGES=OFF -DTV2ONNX_TESTS=OFF -DCMAKE_DISABLE_FIND_PACKAGE_JPEG=ON
  -DCMAKE_DISABLE_FIND_PACKAGE_PNG=ON)
file(READ ${work}/core_alone/build.ninja rules)
refuse("core alone" "${rules}" "src/(image|runtime|run|verify|doctor|cli)/[^ \n]*")

# Without CMake, and the archive only: nothing may hide behind the shared library.
file(GLOB all_shared ${prefix}/${LIBDIR}/libtv2onnx*.so*)
file(REMOVE ${all_shared})
run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${prefix}/${LIBDIR}/pkgconfig
  pkg-config --cflags --libs --static tv2onnx)
separate_arguments(flags UNIX_COMMAND "${out}")
run(${CXX} -std=c++20 ${SOURCE}/examples/library/main.cpp ${flags} -o ${prefix}/bin/with_pkg_config)
expect_cross(${prefix}/bin/with_pkg_config)

file(REMOVE_RECURSE ${work})
