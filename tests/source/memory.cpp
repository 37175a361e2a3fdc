// SPDX-License-Identifier: MIT
#include <wick/source/memory.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"

#include <complex>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

using wick::Dtype;
using wick::MemorySource;

namespace {

template <class T>
std::vector<T> counted(std::size_t count) {
    std::vector<T> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(static_cast<T>(static_cast<std::int8_t>(i * 37 % 101)));
    return values;
}

}  // namespace

TEMPLATE_TEST_CASE("memory: a vector or span of any type is rows of that type", "", std::uint8_t, std::int8_t,
                   std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t,
                   float, double, std::complex<float>, std::complex<double>) {
    const auto values = counted<TestType>(60);
    const auto whole = wick_test::bytes_of_values(values);
    constexpr Dtype dtype = wick::dtype_of<TestType>();
    wick_test::check_source(MemorySource(values), {dtype, {}}, whole);
    wick_test::check_source(MemorySource(values, {5}), {dtype, {5}}, whole);
    wick_test::check_source(MemorySource(std::span(values), {2, 3}), {dtype, {2, 3}}, whole);
}

TEST_CASE("memory: an owned vector lives as long as the source and its copies") {
    std::optional<MemorySource> source(MemorySource(counted<float>(30), {3}));
    const MemorySource copy = *source;
    source.reset();
    wick_test::check_source(copy, {Dtype::f32, {3}}, wick_test::bytes_of_values(counted<float>(30)));
}

TEST_CASE("memory: a borrowed span is read where it lies") {
    std::vector<std::int32_t> values{1, 2, 3};
    const MemorySource source{std::span(values)};
    values[1] = 7;
    CHECK(wick_test::read_rows(source, {1}) == wick_test::bytes_of_values(std::vector<std::int32_t>{7}));
}

TEST_CASE("memory: rows at any address are kept alive by what is given for it") {
    auto values = std::make_shared<const std::vector<bool>>(1);
    const std::weak_ptr<const std::vector<bool>> watch = values;
    const auto whole = wick_test::bytes_of_values(counted<std::uint8_t>(12));
    {
        const MemorySource source(whole.data(), 3, {Dtype::bf16, {2}}, std::move(values));
        wick_test::check_source(source, {Dtype::bf16, {2}}, whole);
        CHECK_FALSE(watch.expired());
    }
    CHECK(watch.expired());
    CHECK_THROWS_AS(MemorySource(nullptr, -1, {Dtype::u8, {}}, nullptr), std::invalid_argument);
    wick_test::check_source(MemorySource(nullptr, 0, {Dtype::u8, {3}}, nullptr), {Dtype::u8, {3}}, {});
    wick_test::check_source(MemorySource(nullptr, 5, {Dtype::u8, {0}}, nullptr), {Dtype::u8, {0}}, {});
}

TEST_CASE("memory: values that are no whole number of rows are refused with both sizes") {
    CHECK_THROWS_MATCHES(
        MemorySource(counted<float>(10), {3}), std::invalid_argument,
        MessageMatches(ContainsSubstring("40 bytes are no whole number of rows of 12 bytes, f32 [3]")));
    CHECK_THROWS_AS(MemorySource(counted<float>(10), {0}), std::invalid_argument);
    CHECK_THROWS_AS(MemorySource(counted<float>(10), {-1}), std::invalid_argument);
    CHECK(MemorySource(std::vector<float>{}, {3}).size() == 0);
}
