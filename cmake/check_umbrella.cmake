# wick.hpp lists every header but the optional formats, sorted, and nothing else. Run by a test:
#   cmake -D INCLUDE_DIR=include -P cmake/check_umbrella.cmake
# With -D WRITE=ON it writes that list instead.
cmake_minimum_required(VERSION 3.24)
cmake_path(ABSOLUTE_PATH INCLUDE_DIR)
set(optional_formats source/hdf5.hpp source/parquet.hpp)

file(GLOB_RECURSE headers RELATIVE ${INCLUDE_DIR}/wick ${INCLUDE_DIR}/wick/*.hpp)
list(REMOVE_ITEM headers wick.hpp ${optional_formats})
list(FILTER headers EXCLUDE REGEX "^hdf5/")  # What source/hdf5.hpp is made of.
list(TRANSFORM headers REPLACE "(.+)" "#include <wick/\\1>")
list(SORT headers)
set(umbrella ${INCLUDE_DIR}/wick/wick.hpp)

if(WRITE)
  list(JOIN headers "\n" headers)
  file(WRITE ${umbrella} "// SPDX-License-Identifier: MIT\n#pragma once\n\n// All of wick but the optional formats.\n\n${headers}\n")
  return()
endif()

file(STRINGS ${umbrella} listed REGEX "^[ \t]*#[ \t]*include")
set(missing ${headers})
set(surplus ${listed})
if(listed)
  list(REMOVE_ITEM missing ${listed})
endif()
if(headers)
  list(REMOVE_ITEM surplus ${headers})
endif()
if(missing OR surplus)
  message(FATAL_ERROR "wick.hpp does not list the headers that there are (cmake -D INCLUDE_DIR=include -D WRITE=ON "
    "-P cmake/check_umbrella.cmake writes it)\n  missing: ${missing}\n  surplus: ${surplus}")
elseif(NOT listed STREQUAL headers)
  message(FATAL_ERROR "wick.hpp lists its headers twice or unsorted")
endif()
file(STRINGS ${umbrella} lines)
foreach(line IN LISTS lines)
  if(line AND NOT line MATCHES "^(#include|#pragma once|//)")
    message(FATAL_ERROR "wick.hpp holds more than a list: ${line}")
  endif()
endforeach()
