# Says in one sentence that the compiler is too old, before it says so in a thousand lines.
foreach(known IN ITEMS "GNU 12" "Clang 14" "AppleClang 15")
  separate_arguments(known)
  list(GET known 0 wick_compiler)
  list(GET known 1 wick_oldest)
  if(CMAKE_CXX_COMPILER_ID STREQUAL wick_compiler AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS wick_oldest)
    message(FATAL_ERROR "wick needs ${wick_compiler} ${wick_oldest} or newer, and ${CMAKE_CXX_COMPILER} is "
      "${CMAKE_CXX_COMPILER_VERSION}: choose another with -DCMAKE_CXX_COMPILER=...")
  endif()
endforeach()
