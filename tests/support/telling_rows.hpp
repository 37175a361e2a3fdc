// SPDX-License-Identifier: MIT
#pragma once

// Rows whose bytes tell where they belong, and whose memory tells a fake device when it is written to; and whether the
// device saw in a batch of them what it should.

#include <wick/core/concepts.hpp>

#include "support/catch.hpp"
#include "support/fake_device/fake_device.hpp"
#include "support/fake_source.hpp"

#include <c10/core/Stream.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick_test {

/// 16 numbers in a row, after the pattern: 128 bytes. One row cannot be read, if so wished.
class TellingRows {
public:
    static constexpr std::size_t columns = 16, row_bytes = columns * sizeof(std::int64_t);

    TellingRows(FakeDevice& fake, wick::Index size, wick::Index bad_row = -1)
        : fake_(&fake), rows_(size, columns), bad_row_(bad_row) {}
    wick::Index size() const { return rows_.size(); }
    const wick::RowLayout& layout() const { return rows_.layout(); }
    void read(wick::Rows rows, wick::Bytes out) const {
        if (std::ranges::find(rows, bad_row_) != rows.end()) throw std::domain_error("a bad row");
        fake_->host_writes(out);
        rows_.read(rows, out);
    }

    /// What belongs in these rows.
    static std::vector<std::byte> bytes(wick::Rows rows) { return pattern_bytes(rows, columns); }

private:
    FakeDevice* fake_;
    FakeSource rows_;
    wick::Index bad_row_;
};

static_assert(wick::Source<TellingRows>);

/// What the device saw of a batch, and what it should have seen.
struct Seen {
    std::shared_ptr<const FakeReading> reading;
    std::vector<std::byte> expected;
    bool right() const { return reading->bytes == expected; }
};

/// Has the device look at a batch of TellingRows, in the turn of the current stream.
template <class Batch>
Seen look(FakeDevice& fake, const Batch& batch) {
    return {fake.read(batch.template get<0>()), TellingRows::bytes(batch.rows())};
}

/// Whether all that was seen is right, once the device is through, and no use of memory without an order.
inline bool all_right(FakeDevice& fake, const std::vector<Seen>& seen) {
    fake.synchronize();
    for (const std::string& violation : fake.violations()) UNSCOPED_INFO(violation);
    return fake.violations().empty() && std::ranges::all_of(seen, &Seen::right);
}

/// The stream of the n-th loader that was made since the device is there.
inline c10::Stream side_stream(const FakeDevice& fake, int loader = 0) {
    return c10::Stream(c10::Stream::UNSAFE, fake.device(), 1 + loader);
}

}  // namespace wick_test
