# Copies include/ and compiles with nothing but a compiler and LibTorch's flags, as a project that allows no warning.
cmake_minimum_required(VERSION 3.24)
file(REMOVE_RECURSE ${WORK_DIR})
file(COPY ${WICK_SOURCE}/include DESTINATION ${WORK_DIR})
foreach(dir IN LISTS TORCH_INCLUDE)
  if(NOT dir STREQUAL "/usr/include")
    list(APPEND torch_include -isystem ${dir})
  endif()
endforeach()
execute_process(COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY COMMAND
  ${CXX} -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I${WORK_DIR}/include ${torch_include}
  ${CMAKE_CURRENT_LIST_DIR}/main.cpp -o ${WORK_DIR}/consumer
  -L${TORCH_LIB} -Wl,-rpath,${TORCH_LIB} -ltorch_cpu -lc10 -pthread)
execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${WORK_DIR}/consumer)
