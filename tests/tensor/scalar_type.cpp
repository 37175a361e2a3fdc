// SPDX-License-Identifier: MIT
#include <wick/tensor/scalar_type.hpp>

#include "support/catch.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <stdexcept>

using wick::Dtype;

TEST_CASE("scalar type: every dtype that LibTorch has maps to a type of the same width, and back") {
    int known = 0;
    for (int i = 0; i <= static_cast<int>(Dtype::c128); ++i) {
        const auto dtype = static_cast<Dtype>(i);
        const auto type = wick::scalar_type(dtype);
        if (!type) continue;
        ++known;
        CHECK(c10::elementSize(*type) == wick::size_of(dtype));
        CHECK(wick::dtype_of(*type) == dtype);
    }
    CHECK(known >= 12);
}

TEST_CASE("scalar type: each dtype means the type of its name") {
    CHECK(wick::scalar_type(Dtype::boolean) == at::kBool);
    CHECK(wick::scalar_type(Dtype::u8) == at::kByte);
    CHECK(wick::scalar_type(Dtype::i8) == at::kChar);
    CHECK(wick::scalar_type(Dtype::i16) == at::kShort);
    CHECK(wick::scalar_type(Dtype::i32) == at::kInt);
    CHECK(wick::scalar_type(Dtype::i64) == at::kLong);
    CHECK(wick::scalar_type(Dtype::f16) == at::kHalf);
    CHECK(wick::scalar_type(Dtype::bf16) == at::kBFloat16);
    CHECK(wick::scalar_type(Dtype::f32) == at::kFloat);
    CHECK(wick::scalar_type(Dtype::f64) == at::kDouble);
    CHECK(wick::scalar_type(Dtype::c64) == at::kComplexFloat);
    CHECK(wick::scalar_type(Dtype::c128) == at::kComplexDouble);
}

TEST_CASE("scalar type: a type that is no plain number is refused by name") {
    CHECK_THROWS_MATCHES(wick::dtype_of(at::kQInt8), std::invalid_argument,
                         MessageMatches(ContainsSubstring("QInt8")));
}
