# Gives WickHdf5::hdf5: the HDF5 library, and those decoders that this machine has. Chunks of a decoder that is missing are
# left to the HDF5 library, which is slower.
#
# A target that the project has from its own find_package(HDF5) is taken first, then HDF5's package files, then the library
# where distributions put it. CMake's own module is not asked: it fails in a project that has no C.
set(WickHdf5_OLDEST 1.10.8)
set(WickHdf5_NOT_FOUND_MESSAGE "")

if(TARGET WickHdf5::hdf5)
  set(WickHdf5_FOUND TRUE)
  return()
endif()

# Distributions put builds side by side, and name the folder of each after it. The serial one is best: reading without the
# library gains nothing by MPI. HDF5_PREFER_PARALLEL means here what it means to CMake's own module.
set(WickHdf5_builds serial openmpi mpich)
if(HDF5_PREFER_PARALLEL)
  set(WickHdf5_builds openmpi mpich serial)
endif()

unset(WickHdf5_target)
set(WickHdf5_own_targets hdf5::hdf5 hdf5::hdf5-shared hdf5::hdf5-static hdf5-shared hdf5-static)
foreach(own IN LISTS WickHdf5_own_targets)
  if(TARGET ${own} AND NOT WickHdf5_target)
    set(WickHdf5_target ${own})
  endif()
endforeach()
if(NOT WickHdf5_target)
  list(TRANSFORM WickHdf5_builds PREPEND lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/hdf5_ OUTPUT_VARIABLE WickHdf5_suffixes)
  find_package(HDF5 CONFIG QUIET GLOBAL PATH_SUFFIXES ${WickHdf5_suffixes})
  set(WickHdf5_VERSION ${HDF5_VERSION})
  foreach(own IN LISTS WickHdf5_own_targets)
    if(TARGET ${own} AND NOT WickHdf5_target)
      set(WickHdf5_target ${own})
    endif()
  endforeach()
endif()

if(WickHdf5_target)
  set(WickHdf5_FOUND TRUE)
else()
  list(TRANSFORM WickHdf5_builds PREPEND hdf5/ OUTPUT_VARIABLE WickHdf5_suffixes)
  find_path(WickHdf5_INCLUDE_DIR hdf5.h HINTS ${HDF5_ROOT} ENV HDF5_ROOT PATH_SUFFIXES include ${WickHdf5_suffixes})
  set(WickHdf5_build "")
  if(WickHdf5_INCLUDE_DIR MATCHES "/hdf5/([a-z]+)/?$")
    set(WickHdf5_build ${CMAKE_MATCH_1})
  endif()
  find_library(WickHdf5_LIBRARY NAMES hdf5 hdf5_${WickHdf5_build} HINTS ${HDF5_ROOT} ENV HDF5_ROOT
    PATH_SUFFIXES hdf5/${WickHdf5_build} lib)
  mark_as_advanced(WickHdf5_INCLUDE_DIR WickHdf5_LIBRARY)
  set(WickHdf5_FOUND FALSE)
  if(WickHdf5_INCLUDE_DIR AND WickHdf5_LIBRARY)
    file(STRINGS ${WickHdf5_INCLUDE_DIR}/H5public.h WickHdf5_version REGEX "^#define H5_VERS_(MAJOR|MINOR|RELEASE)[ \t]")
    list(TRANSFORM WickHdf5_version REPLACE "^#define H5_VERS_[A-Z]+[ \t]+([0-9]+).*" "\\1")
    list(JOIN WickHdf5_version "." WickHdf5_VERSION)
    if(WickHdf5_VERSION VERSION_LESS WickHdf5_OLDEST)
      string(CONCAT WickHdf5_NOT_FOUND_MESSAGE
        "wick::hdf5 needs HDF5 ${WickHdf5_OLDEST} or newer, and ${WickHdf5_LIBRARY} is ${WickHdf5_VERSION}.")
    else()
      set(WickHdf5_FOUND TRUE)
    endif()
    # The headers of a parallel build include MPI's; nothing of MPI is called here, so nothing is linked.
    file(GLOB WickHdf5_settings ${WickHdf5_INCLUDE_DIR}/H5pubconf*.h)
    set(WickHdf5_parallel "")
    foreach(settings IN LISTS WickHdf5_settings)
      file(STRINGS ${settings} parallel REGEX "^#define H5_HAVE_PARALLEL 1")
      string(APPEND WickHdf5_parallel "${parallel}")
    endforeach()
    if(WickHdf5_FOUND AND WickHdf5_parallel)
      find_path(WickHdf5_MPI_INCLUDE_DIR mpi.h HINTS ${HDF5_ROOT} ENV HDF5_ROOT PATH_SUFFIXES include ${WickHdf5_build})
      mark_as_advanced(WickHdf5_MPI_INCLUDE_DIR)
      if(NOT WickHdf5_MPI_INCLUDE_DIR)
        set(WickHdf5_FOUND FALSE)
        string(CONCAT WickHdf5_NOT_FOUND_MESSAGE
          "wick::hdf5 found ${WickHdf5_LIBRARY}, a parallel build, but not its MPI's header: say where it is with "
          "-DWickHdf5_MPI_INCLUDE_DIR=... (the folder that holds mpi.h), or install a serial build (Debian's libhdf5-dev).")
      endif()
    endif()
  else()
    string(CONCAT WickHdf5_NOT_FOUND_MESSAGE
      "wick::hdf5 needs HDF5 ${WickHdf5_OLDEST} or newer, and none was found: install Debian's libhdf5-dev, or say where it is "
      "with -DHDF5_ROOT=... (the folder that holds include/hdf5.h).")
  endif()
endif()

# zlib is needed only where the faster libdeflate is missing; HDF5 itself needs it nearly everywhere.
set(WickHdf5_decoders "")
foreach(decoder IN ITEMS "LIBDEFLATE libdeflate.h deflate" "ZLIB zlib.h z" "LZ4 lz4.h lz4" "ZSTD zstd.h zstd"
    "BLOSC blosc.h blosc")
  separate_arguments(decoder)
  list(GET decoder 0 word)
  list(GET decoder 1 header)
  list(GET decoder 2 library)
  find_path(WickHdf5_${word}_INCLUDE_DIR ${header})
  find_library(WickHdf5_${word}_LIBRARY ${library})
  mark_as_advanced(WickHdf5_${word}_INCLUDE_DIR WickHdf5_${word}_LIBRARY)
  if(WickHdf5_${word}_INCLUDE_DIR AND WickHdf5_${word}_LIBRARY
      AND NOT (word STREQUAL "ZLIB" AND "LIBDEFLATE" IN_LIST WickHdf5_decoders))
    list(APPEND WickHdf5_decoders ${word})
  endif()
endforeach()
if(WickHdf5_FOUND AND NOT WickHdf5_decoders MATCHES "LIBDEFLATE|ZLIB")
  set(WickHdf5_FOUND FALSE)
  set(WickHdf5_NOT_FOUND_MESSAGE "wick::hdf5 needs libdeflate or zlib: install Debian's libdeflate-dev.")
endif()

if(NOT WickHdf5_FOUND)
  if(WickHdf5_FIND_REQUIRED)
    message(FATAL_ERROR "${WickHdf5_NOT_FOUND_MESSAGE}")
  endif()
  return()
endif()

add_library(WickHdf5::hdf5 INTERFACE IMPORTED GLOBAL)
if(WickHdf5_target)
  target_link_libraries(WickHdf5::hdf5 INTERFACE ${WickHdf5_target})
else()
  target_link_libraries(WickHdf5::hdf5 INTERFACE ${WickHdf5_LIBRARY})
  target_include_directories(WickHdf5::hdf5 INTERFACE ${WickHdf5_INCLUDE_DIR})
  if(WickHdf5_parallel)
    # MPI's C++ functions, which left its standard, would have to be linked.
    target_include_directories(WickHdf5::hdf5 INTERFACE ${WickHdf5_MPI_INCLUDE_DIR})
    target_compile_definitions(WickHdf5::hdf5 INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
  endif()
endif()

foreach(word IN LISTS WickHdf5_decoders)
  target_include_directories(WickHdf5::hdf5 INTERFACE ${WickHdf5_${word}_INCLUDE_DIR})
  target_link_libraries(WickHdf5::hdf5 INTERFACE ${WickHdf5_${word}_LIBRARY})
  target_compile_definitions(WickHdf5::hdf5 INTERFACE WICK_HDF5_${word})
endforeach()
list(JOIN WickHdf5_decoders ", " WickHdf5_decoders)
string(TOLOWER "${WickHdf5_decoders}" WickHdf5_decoders)
message(STATUS "wick: HDF5 ${WickHdf5_VERSION} in ${WickHdf5_target}${WickHdf5_LIBRARY}, with ${WickHdf5_decoders}")
