# run(COMMAND ...): ends the test if it fails; what it printed is in `out`.
function(run)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=TV2ONNX_ORT ${ARGN}
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN} ended with ${result}:\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()
