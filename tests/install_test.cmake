# Installs what was built, and builds and runs examples/library against it as a user does:
#   cmake -DBUILD=... -DSOURCE=... -P install_test.cmake

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN} ended with ${result}:\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

set(prefix ${BUILD}/install_test)
file(REMOVE_RECURSE ${prefix})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${prefix}/bin/tv2onnx --version)

run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE}/examples/library -B ${prefix}/example
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${prefix}/example)
set(shapes ${SOURCE}/examples/shapes)
run(${prefix}/example/detect ${shapes}/fasterrcnn_shapes_half.pth ${prefix}/shapes.onnx
  ${shapes}/images/002.jpg)
# One cross (class 6), found with certainty.
if(NOT out MATCHES "^class 6  0\\.99")
  message(FATAL_ERROR "the example printed:\n${out}")
endif()
