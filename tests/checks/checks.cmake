# Checks of the tree itself, and of what must not compile.
function(add_check name script)
  add_test(NAME check/${name} COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${PROJECT_SOURCE_DIR}
    -D INCLUDE_DIR=${PROJECT_SOURCE_DIR}/include -D WORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/checks -P ${script})
endfunction()

add_check(layers ${PROJECT_SOURCE_DIR}/cmake/check_layers.cmake)
add_check(umbrella ${PROJECT_SOURCE_DIR}/cmake/check_umbrella.cmake)
add_check(tests ${PROJECT_SOURCE_DIR}/cmake/check_tests.cmake)
add_check(readme ${PROJECT_SOURCE_DIR}/cmake/check_readme.cmake)
add_check(checks_refuse ${CMAKE_CURRENT_SOURCE_DIR}/checks/checks_refuse.cmake)

# Tests that build something in this build folder take turns.
add_test(NAME check/headers_alone
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target all_verify_interface_header_sets)
set_property(TEST check/headers_alone PROPERTY RESOURCE_LOCK build_folder)

# Each file of fail/ compiles as it is, and with MUST_FAIL only says what its first line expects.
file(GLOB cases CONFIGURE_DEPENDS fail/*.cpp)
foreach(case IN LISTS cases)
  cmake_path(GET case STEM name)
  file(STRINGS ${case} expected REGEX "^// expect: " LIMIT_COUNT 1)
  string(REGEX REPLACE "^// expect: " "" expected "${expected}")
  if(NOT expected)
    message(FATAL_ERROR "${case} does not begin with // expect: <regular expression>")
  endif()
  add_library(compiles_${name} OBJECT ${case})
  target_link_libraries(compiles_${name} PRIVATE wick wick_dev)
  add_dependencies(with_torch compiles_${name})
  add_library(fails_${name} OBJECT EXCLUDE_FROM_ALL ${case})
  target_link_libraries(fails_${name} PRIVATE wick wick_dev)
  target_compile_definitions(fails_${name} PRIVATE MUST_FAIL)
  add_test(NAME fail/${name} COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target fails_${name})
  set_tests_properties(fail/${name} PROPERTIES PASS_REGULAR_EXPRESSION "${expected}" RESOURCE_LOCK build_folder)
endforeach()

add_test(NAME check/old_compiler COMMAND ${CMAKE_COMMAND} -D CMAKE_CXX_COMPILER_ID=GNU
  -D CMAKE_CXX_COMPILER_VERSION=11.4 -D CMAKE_CXX_COMPILER=g++-11 -P ${PROJECT_SOURCE_DIR}/cmake/WickCompiler.cmake)
set_property(TEST check/old_compiler PROPERTY PASS_REGULAR_EXPRESSION "wick needs GNU 12 or newer, and g.*11 is[ \n]+11\\.4")
