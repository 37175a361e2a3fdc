# Every way into another project: each is configured, built and run.
set(consumer_dir ${CMAKE_CURRENT_SOURCE_DIR}/consumer)
set(consumer_build ${CMAKE_CURRENT_BINARY_DIR}/consumer)
set(prefix ${consumer_build}/prefix)
string(REPLACE ";" "\\;" elsewhere "${CMAKE_PREFIX_PATH}")
set(options -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} "-DWICK_SOURCE=${PROJECT_SOURCE_DIR}"
  "-DCMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit=${CMAKE_DISABLE_FIND_PACKAGE_CUDAToolkit}")

# Tests that need wick installed wait for this one.
add_test(NAME consumer/install COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
set_property(TEST consumer/install PROPERTY FIXTURES_SETUP installed)

function(add_consumer name folder)
  add_test(NAME consumer/${name} COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${consumer_dir}/${folder} ${consumer_build}/${name} --build-generator ${CMAKE_GENERATOR}
    --build-options ${options} ${ARGN} --test-command ./consumer)
  set_property(TEST consumer/${name} PROPERTY FIXTURES_REQUIRED installed)
endfunction()

add_consumer(find_package find_package "-DCMAKE_PREFIX_PATH=${prefix}\\;${elsewhere}")
add_consumer(add_subdirectory add_subdirectory "-DCMAKE_PREFIX_PATH=${elsewhere}")
add_consumer(fetch_content fetch_content "-DCMAKE_PREFIX_PATH=${elsewhere}"
  "-DFETCHCONTENT_SOURCE_DIR_WICK=${PROJECT_SOURCE_DIR}")
if(NOT TARGET torch_cuda)  # A CUDA-built LibTorch that the project looks for itself needs the CUDA toolkit.
  add_consumer(own_torch find_package "-DCMAKE_PREFIX_PATH=${prefix}\\;${elsewhere}" -DTORCH_FIRST=ON)
endif()
if(WickHdf5_FOUND)
  add_consumer(hdf5 hdf5 "-DCMAKE_PREFIX_PATH=${prefix}\\;${elsewhere}")
endif()

# The folder include/ copied into a project without CMake.
cmake_path(GET TORCH_LIBRARY PARENT_PATH torch_dir)
add_test(NAME consumer/copied COMMAND ${CMAKE_COMMAND} -D WICK_SOURCE=${PROJECT_SOURCE_DIR}
  -D CXX=${CMAKE_CXX_COMPILER} -D TORCH_LIB=${torch_dir} "-D TORCH_INCLUDE=${TORCH_INCLUDE_DIRS}"
  -D WORK_DIR=${consumer_build}/copied -P ${consumer_dir}/copied.cmake)

# What cannot work is refused in words. Each refused project is configured from nothing.
set(refused find_package)
function(add_refusal name words)
  add_test(NAME consumer/${name} COMMAND ${CMAKE_COMMAND} --fresh -G ${CMAKE_GENERATOR} -S ${consumer_dir}/${refused}
    -B ${consumer_build}/${name} ${options} ${ARGN})
  set_tests_properties(consumer/${name} PROPERTIES FIXTURES_REQUIRED installed PASS_REGULAR_EXPRESSION "${words}")
endfunction()

add_refusal(version_not_installed "requested version[ \n]+\"99\\.0\".*wick-config\\.cmake, version: ${PROJECT_VERSION}"
  -DCMAKE_PREFIX_PATH=${prefix} -DWICK_WANTED=99.0)
add_refusal(torch_missing "wick needs LibTorch 1\\.13 or newer,[ \n]+and none was found: install"
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON)

set(refused hdf5)
add_refusal(hdf5_missing "wick::hdf5 needs HDF5 1\\.10\\.8 or newer,[ \n]+and none was found: install"
  "-DCMAKE_PREFIX_PATH=${prefix}\\;${elsewhere}" -DWickHdf5_LIBRARY=  # empty is not looked for
  -DCMAKE_DISABLE_FIND_PACKAGE_HDF5=ON)
# Builds of HDF5 side by side, as Debian has them: by what stands here it can only be told which one is found.
set(builds ${consumer_build}/hdf5_builds)
set(numbers "#define H5_VERS_MAJOR 1\n#define H5_VERS_MINOR 14\n#define H5_VERS_RELEASE 99\n")
foreach(build IN ITEMS serial openmpi)
  file(WRITE ${builds}/include/hdf5/${build}/hdf5.h "")
  file(WRITE ${builds}/include/hdf5/${build}/H5public.h "${numbers}")
  file(WRITE ${builds}/lib/hdf5/${build}/libhdf5.so "")
endforeach()
file(WRITE ${builds}/include/hdf5/openmpi/H5pubconf.h "#define H5_HAVE_PARALLEL 1\n")
file(WRITE ${builds}/include/openmpi/mpi.h "")
set(beside "-DCMAKE_PREFIX_PATH=${builds}\\;${prefix}\\;${elsewhere}")
set(no_own -DCMAKE_DISABLE_FIND_PACKAGE_HDF5=ON)
set(parallel -DHDF5_PREFER_PARALLEL=ON)
add_refusal(hdf5_serial_first "HDF5 1\\.14\\.99 in [^ ]*/hdf5/serial/libhdf5\\.so" "${beside}" ${no_own})
add_refusal(hdf5_parallel "HDF5 1\\.14\\.99 in [^ ]*/hdf5/openmpi/libhdf5\\.so" "${beside}" ${no_own} ${parallel})
add_refusal(hdf5_without_mpi "libhdf5\\.so,[ \n]+a[ \n]+parallel[ \n]+build,[ \n]+but[ \n]+not[ \n]+its[ \n]+MPI's[ \n]+header"
  "${beside}" ${no_own} ${parallel} -DWickHdf5_MPI_INCLUDE_DIR=)
set(refused find_package)

set(old ${consumer_build}/old_torch/share/cmake/Torch)
file(WRITE ${old}/TorchConfig.cmake "")
file(WRITE ${old}/TorchConfigVersion.cmake "set(PACKAGE_VERSION 1.12.1)\n")
add_refusal(torch_too_old "wick needs LibTorch 1\\.13 or newer,[ \n]+and here is only[ \n]+1\\.12\\.1"
  "-DCMAKE_PREFIX_PATH=${prefix}\\;${consumer_build}/old_torch" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
  -DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF -DCMAKE_MAKE_PROGRAM=${CMAKE_MAKE_PROGRAM})
