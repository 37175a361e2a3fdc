// SPDX-License-Identifier: MIT
#include <wick/tensor/plain_mode.hpp>

#include "support/catch.hpp"

#include <ATen/ATen.h>

TEST_CASE("plain mode: inside it there is neither inference nor gradient, and behind it all is as before") {
    const at::Tensor weight = at::ones({2}).requires_grad_(true);
    {
        const c10::InferenceMode inference;
        {
            const wick::detail::PlainMode plain;
            const at::Tensor made = weight.mul(2);
            CHECK_FALSE(made.is_inference());
            CHECK_FALSE(made.requires_grad());
        }
        CHECK(at::ones({2}).is_inference());
    }
    {
        const wick::detail::PlainMode plain;
        CHECK_FALSE(weight.mul(2).requires_grad());
    }
    CHECK(weight.mul(2).requires_grad());
}

TEST_CASE("plain mode: inside it nothing is cast to another precision") {
    c10::impl::tls_set_dispatch_key_excluded(c10::DispatchKey::AutocastCPU, false);  // as autocast does it
    const at::Tensor matrix = at::ones({2, 2});
    CHECK(at::mm(matrix, matrix).scalar_type() == at::kBFloat16);
    {
        const wick::detail::PlainMode plain;
        CHECK(at::mm(matrix, matrix).scalar_type() == at::kFloat);
    }
    c10::impl::tls_set_dispatch_key_excluded(c10::DispatchKey::AutocastCPU, true);
}
