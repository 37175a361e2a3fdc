# What only this project's own programs are built with: warnings, and sanitizers if asked for. Never installed.
set(WICK_SANITIZE "" CACHE STRING "Build the tests with: address (and undefined behaviour), thread, or nothing")
set_property(CACHE WICK_SANITIZE PROPERTY STRINGS "" address thread)

add_library(wick_dev INTERFACE)
target_compile_features(wick_dev INTERFACE cxx_std_20)
target_compile_options(wick_dev INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(wick_dev INTERFACE -fconcepts-diagnostics-depth=2)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(wick_dev INTERFACE -Wno-restrict)  # GCC 12 suspects "text" + std::string (its bug 105651).
  endif()
endif()

if(WICK_SANITIZE STREQUAL address)
  # Not the types of objects: whether memory may be looked at for one is asked by a pipe, and tests use up all descriptors.
  set(sanitizers -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(WICK_SANITIZE STREQUAL thread)
  set(sanitizers -fsanitize=thread)
elseif(WICK_SANITIZE)
  message(FATAL_ERROR "WICK_SANITIZE is \"${WICK_SANITIZE}\", and it can be address, thread or empty")
endif()
if(sanitizers AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  list(APPEND sanitizers -Wno-maybe-uninitialized)  # GCC warns of what the sanitizers put in.
endif()
target_compile_options(wick_dev INTERFACE ${sanitizers})
target_link_options(wick_dev INTERFACE ${sanitizers})
