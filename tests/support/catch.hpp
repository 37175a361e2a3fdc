// SPDX-License-Identifier: MIT
#pragma once

// One way to write tests for Catch2 v2 (Debian 12) and v3: write them as for v3.
// One of LibTorch's headers defines CHECK, which would silently take Catch2's place and abort instead of
// reporting: where there is LibTorch, it comes first, so that it does not come later.

#ifdef WICK_TEST_TORCH
#include <c10/util/Logging.h>
#endif
#ifdef CHECK
#undef CHECK
#endif

#if __has_include(<catch2/catch_test_macros.hpp>)

#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#else

#include <catch2/catch.hpp>

#include <exception>
#include <string>

namespace Catch {

using Detail::Approx;

namespace Matchers {

inline auto ContainsSubstring(const std::string& text) { return Contains(text); }

/// Holds for an exception whose what() matches.
template <class Text>
class ExceptionTextMatcher : public Impl::MatcherBase<std::exception> {
public:
    explicit ExceptionTextMatcher(Text text) : text_(std::move(text)) {}
    bool match(const std::exception& error) const override { return text_.match(error.what()); }
    std::string describe() const override { return "exception message " + text_.toString(); }

private:
    Text text_;
};

template <class Text>
ExceptionTextMatcher<Text> MessageMatches(const Text& text) {
    return ExceptionTextMatcher<Text>(text);
}

}  // namespace Matchers
}  // namespace Catch

#endif

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
