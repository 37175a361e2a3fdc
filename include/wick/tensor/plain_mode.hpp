// SPDX-License-Identifier: MIT
#pragma once

// A batch is sometimes made by a thread of the loader's and sometimes by the user's. His modes are about his network, and
// must not decide what the batch is.

#include <ATen/core/grad_mode.h>
#include <c10/core/DispatchKeySet.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace wick::inline v0::detail {

/// While this lives, the thread is in none of LibTorch's modes: no gradients, no inference, no autocast.
class PlainMode {
public:
    PlainMode() = default;
    PlainMode(const PlainMode&) = delete;
    PlainMode& operator=(const PlainMode&) = delete;

private:
    const c10::InferenceMode no_inference_{false};
    const at::NoGradGuard no_grad_;  // after it: leaving inference allows gradients
    const c10::impl::ExcludeDispatchKeyGuard no_autocast_{c10::autocast_dispatch_keyset};
};

}  // namespace wick::inline v0::detail
