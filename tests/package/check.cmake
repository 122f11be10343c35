# Installs the package to a folder of its own, builds the example project with what is there and
# nothing else of ours, and runs it as its user would.
set(work ${BUILD}/package_test)
file(REMOVE_RECURSE ${work})

function(run expected output)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${work} RESULT_VARIABLE status
                  OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL ${expected})
    message(FATAL_ERROR "${ARGN}\nexit ${status}, expected ${expected}\n${out}\n${err}")
  endif()
  set(${output} "${out}${err}" PARENT_SCOPE)
endfunction()

function(expect text)
  foreach(part ${ARGN})
    string(FIND "${text}" "${part}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "\"${part}\" is not in\n${text}")
    endif()
  endforeach()
endfunction()

file(MAKE_DIRECTORY ${work})
run(0 ignored ${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
file(GLOB_RECURSE headers RELATIVE ${work}/prefix/include ${work}/prefix/include/*)
if(NOT headers STREQUAL "slipway/ecs_task.h")
  message(FATAL_ERROR "installed headers: ${headers}")
endif()
run(0 ignored ${CMAKE_COMMAND} -S ${SOURCE}/examples/task-class -B example
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${work}/prefix)
run(0 ignored ${CMAKE_COMMAND} --build example)

run(0 out example/web_dev debug)
file(WRITE ${work}/debug.json "${out}")
expect("${out}" "{\n  \"task_definition\": {\n    \"family\": \"web\"" "my_image:{image_tag}"
       "\"events__put_targets\": []")
run(0 again prefix/bin/slipway ecs-task debug -f debug.json)
if(NOT again STREQUAL out)
  message(FATAL_ERROR "debug of its own output:\n${again}")
endif()
run(0 again prefix/bin/slipway ecs-task debug -f ${SOURCE}/examples/task-class/ecs-task.yml)
if(NOT again STREQUAL out)
  message(FATAL_ERROR "the class as a file is another one:\n${again}")
endif()
run(0 out example/web_dev deploy 1.4.2 --sim)
expect("${out}" "Using image tag 1.4.2" "Registered web:" "  service web" "Succeeded: WebDev (web:")
run(2 out example/web_dev deploy)
expect("${out}" "usage: example/web_dev deploy [options] IMAGE_TAG")
