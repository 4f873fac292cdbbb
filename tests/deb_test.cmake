# Makes the Debian package, unpacks it into an empty folder and runs what is in it:
#   cmake -DBUILD=... -DSOURCE=... -P deb_test.cmake

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

run(mktemp -d --suffix=_tv2onnx)
string(STRIP "${out}" work)
run(cpack --config ${BUILD}/CPackConfig.cmake -B ${work})
file(GLOB package ${work}/tv2onnx_*.deb)
run(dpkg-deb --field ${package} Depends)
if(NOT out MATCHES "libc6 .*libpng16")
  message(FATAL_ERROR "depends on: ${out}")
endif()
run(dpkg-deb --extract ${package} ${work}/unpacked)
set(program ${work}/unpacked/usr/bin/tv2onnx)
run(${program} doctor --system)
run(${program} export ${SOURCE}/examples/shapes/fasterrcnn_shapes_half.pth -o ${work}/shapes.onnx)
run(${program} predict ${work}/shapes.onnx ${SOURCE}/examples/shapes/images/002.jpg)
if(NOT out MATCHES "0\\.99")
  message(FATAL_ERROR "the installed program printed:\n${out}")
endif()
foreach(file man/man1/tv2onnx.1 bash-completion/completions/tv2onnx zsh/vendor-completions/_tv2onnx
    fish/vendor_completions.d/tv2onnx.fish)
  if(NOT EXISTS ${work}/unpacked/usr/share/${file})
    message(FATAL_ERROR "${file} is missing")
  endif()
endforeach()
file(REMOVE_RECURSE ${work})
