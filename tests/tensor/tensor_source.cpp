// SPDX-License-Identifier: MIT
#include <wick/tensor/tensor_source.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

using wick::Index;

namespace {

at::Tensor read(const wick::TensorSource& source, const std::vector<Index>& rows, at::ScalarType type) {
    std::vector<std::int64_t> sizes{static_cast<std::int64_t>(rows.size())};
    sizes.insert(sizes.end(), source.layout().shape().begin(), source.layout().shape().end());
    at::Tensor out = at::empty(sizes, type);
    source.read(rows, {static_cast<std::byte*>(out.data_ptr()), out.nbytes()});
    return out;
}

}  // namespace

TEST_CASE("tensor source: its rows are the tensor's, as index_select gives them") {
    const std::vector<Index> rows{6, 0, 3, 3};
    const at::Tensor index = at::tensor(rows);
    for (const auto type : {at::kFloat, at::kByte, at::kLong, at::kHalf, at::kBool, at::kComplexFloat}) {
        const at::Tensor tensor = at::randn({7, 2, 5}).mul(100).to(type);
        const wick::TensorSource source(tensor);
        CHECK(source.size() == 7);
        CHECK(source.layout() == wick::RowLayout(wick::dtype_of(type), {2, 5}));
        CHECK(at::equal(read(source, rows, type), tensor.index_select(0, index)));
    }
    const at::Tensor labels = at::arange(7);
    CHECK(at::equal(read(wick::TensorSource(labels), rows, at::kLong), labels.index_select(0, index)));
}

TEST_CASE("tensor source: a tensor that is not contiguous reads the same") {
    const at::Tensor tensor = at::arange(24).reshape({4, 6}).t();
    CHECK(at::equal(read(wick::TensorSource(tensor), {5, 1}, at::kLong),
                    tensor.index_select(0, at::tensor({5, 1}))));
}

TEST_CASE("tensor source: it keeps the tensor's memory alive, and shares it") {
    at::Tensor tensor = at::arange(10);
    const wick::TensorSource source(tensor);
    tensor[4] = 77;
    tensor.reset();
    CHECK(read(source, {4}, at::kLong).item<Index>() == 77);
}

TEST_CASE("tensor source: a tensor without rows is refused") {
    CHECK_THROWS_AS(wick::TensorSource(at::scalar_tensor(3)), std::invalid_argument);
    CHECK_THROWS_AS(wick::TensorSource(at::Tensor()), std::invalid_argument);
    CHECK(wick::TensorSource(at::empty({0, 3})).size() == 0);
}

TEST_CASE("tensor source: a tensor that is conjugate or negative by a mark alone is read as what it means") {
    const at::Tensor tensor = at::randn({6, 3}, at::kComplexFloat);
    CHECK(at::equal(read(wick::TensorSource(tensor.conj()), {4, 0}, at::kComplexFloat),
                    tensor.conj().resolve_conj().index_select(0, at::tensor({4, 0}))));
    const at::Tensor imaginary = at::imag(tensor.conj());
    CHECK(at::equal(read(wick::TensorSource(imaginary), {1, 5}, at::kFloat),
                    imaginary.resolve_neg().index_select(0, at::tensor({1, 5}))));
}
