# Gives WickTorch::torch, whichever LibTorch this is: Debian's, a wheel from PyPI, a download, or a target named `torch`
# that the project has already.
#
# Wheels are built with CUDA. Their own TorchConfig.cmake stops the configuration where there is no CUDA toolkit, which a
# loader never needs, and their libtorch.so does not link where NVIDIA's libraries are missing. So a missing toolkit is kept
# from TorchConfig, and libtorch_cpu.so is linked alone where libtorch.so cannot be.
set(WickTorch_OLDEST 1.13)
set(WickTorch_NOT_FOUND_MESSAGE "")
unset(WickTorch_HOW)

if(TARGET WickTorch::torch)
  set(WickTorch_HOW "found before")
elseif(TARGET torch)
  set(WickTorch_HOW "this project's own target")
  set(WickTorch_LIBRARIES torch)
else()
  find_package(CUDAToolkit QUIET)
  if(NOT CUDAToolkit_FOUND AND NOT TARGET torch::cudart)
    add_library(torch::cudart INTERFACE IMPORTED GLOBAL)  # TorchConfig looks for a toolkit only if this target is missing.
  elseif(CUDAToolkit_FOUND AND NOT TARGET CUDA::nvToolsExt)
    add_library(CUDA::nvToolsExt INTERFACE IMPORTED GLOBAL)  # LibTorch up to 2.8 asks for it, and CUDA 12.9 dropped it.
    if(TARGET CUDA::nvtx3)
      target_link_libraries(CUDA::nvToolsExt INTERFACE CUDA::nvtx3)
    endif()
  endif()

  # TorchConfig writes its own choice of GPUs into the flags, and warns of libraries that nothing here needs.
  foreach(kept IN ITEMS CMAKE_CUDA_FLAGS CMAKE_MODULE_PATH CMAKE_MESSAGE_LOG_LEVEL)
    set(WickTorch_kept_${kept} "${${kept}}")
  endforeach()
  set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
  find_package(Torch ${WickTorch_OLDEST} QUIET GLOBAL)
  foreach(kept IN ITEMS CMAKE_CUDA_FLAGS CMAKE_MODULE_PATH CMAKE_MESSAGE_LOG_LEVEL)
    set(${kept} "${WickTorch_kept_${kept}}")
    unset(WickTorch_kept_${kept})
  endforeach()

  if(NOT Torch_FOUND)
    if(Torch_CONSIDERED_VERSIONS)
      list(JOIN Torch_CONSIDERED_VERSIONS ", " WickTorch_seen)
      string(CONCAT WickTorch_NOT_FOUND_MESSAGE
        "wick needs LibTorch ${WickTorch_OLDEST} or newer, and here is only ${WickTorch_seen} (${Torch_CONSIDERED_CONFIGS}).")
    else()
      string(CONCAT WickTorch_NOT_FOUND_MESSAGE
        "wick needs LibTorch ${WickTorch_OLDEST} or newer, and none was found: install Debian's libtorch-dev, or say where "
        "LibTorch is with -DCMAKE_PREFIX_PATH=... (the folder that holds share/cmake/Torch; for a wheel: "
        "`python3 -c 'import torch; print(torch.utils.cmake_prefix_path)'`).")
    endif()
  else()
    set(WickTorch_HOW "${Torch_VERSION} in ${Torch_DIR}")
    set(WickTorch_LIBRARIES torch)
    if(TARGET torch_cuda)
      include(CheckCXXSourceCompiles)
      string(MAKE_C_IDENTIFIER "WickTorch_LINKS_${TORCH_LIBRARY}" WickTorch_links)
      set(CMAKE_REQUIRED_QUIET TRUE)
      set(CMAKE_REQUIRED_LINK_OPTIONS LINKER:--no-as-needed)
      set(CMAKE_REQUIRED_LIBRARIES ${TORCH_LIBRARY})
      check_cxx_source_compiles("int main() { return 0; }" ${WickTorch_links})
      unset(CMAKE_REQUIRED_QUIET)
      unset(CMAKE_REQUIRED_LINK_OPTIONS)
      unset(CMAKE_REQUIRED_LIBRARIES)
      if(NOT ${WickTorch_links})
        string(APPEND WickTorch_HOW ", CPU only: it was built with CUDA, and its GPU libraries do not link here")
        set(WickTorch_LIBRARIES torch_cpu_library c10)
      endif()
    endif()
  endif()
endif()

if(NOT WickTorch_HOW)
  set(WickTorch_FOUND FALSE)
  if(WickTorch_FIND_REQUIRED)
    message(FATAL_ERROR "${WickTorch_NOT_FOUND_MESSAGE}")
  endif()
  return()
endif()

set(WickTorch_FOUND TRUE)
if(NOT TARGET WickTorch::torch)
  message(STATUS "wick: LibTorch ${WickTorch_HOW}")
  add_library(WickTorch::torch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(WickTorch::torch INTERFACE ${WickTorch_LIBRARIES})
  if("torch_cpu_library" IN_LIST WickTorch_LIBRARIES)
    target_include_directories(WickTorch::torch INTERFACE ${TORCH_INCLUDE_DIRS})
    target_compile_options(WickTorch::torch INTERFACE ${TORCH_CXX_FLAGS})
  endif()
endif()
