// SPDX-License-Identifier: MIT
#pragma once

// What the device can be made not to hear: so each rule of a copy is shown to matter, without a copy of the
// code that has one rule less.

namespace wick_test::fake {

/// Calls that a device can be made deaf to, as if the code that is tested had left them out.
enum class Call {
    none,
    wait_of_default_stream,  ///< for an event
    wait_of_other_stream,    ///< for an event
    wait_on_host,            ///< for an event, or asking for it: it seems to be there at once
    record_on_stream,        ///< that a stream uses some memory
};

}  // namespace wick_test::fake
