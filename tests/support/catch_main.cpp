// SPDX-License-Identifier: MIT
// Catch2's main, compiled once for all suites: in v2 it takes longer than any test.

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

// Asking for too much memory is something tests do on purpose: the sanitizers shall refuse it as the system does.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

// LibTorch's libraries are not built for ThreadSanitizer, which sees nothing of how they count who holds a tensor's
// memory: that the last one gives it back after all others looks like no order at all.
extern "C" const char* __tsan_default_suppressions() { return "race:c10::TensorImpl::~TensorImpl\n"; }
