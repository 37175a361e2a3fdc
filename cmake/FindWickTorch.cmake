find_package(Torch REQUIRED)
add_library(WickTorch::torch INTERFACE IMPORTED GLOBAL)
target_link_libraries(WickTorch::torch INTERFACE torch)
set(WickTorch_FOUND TRUE)
