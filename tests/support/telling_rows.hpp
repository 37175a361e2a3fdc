// SPDX-License-Identifier: MIT
#pragma once

// Rows whose bytes tell where they belong, and whose memory tells a fake device when it is written to.

#include <wick/core/concepts.hpp>

#include "support/fake_device/fake_device.hpp"
#include "support/fake_source.hpp"

#include <cstddef>
#include <vector>

namespace wick_test {

/// 16 numbers in a row, after the pattern: 128 bytes.
class TellingRows {
public:
    TellingRows(FakeDevice& fake, wick::Index size) : fake_(&fake), rows_(size, columns) {}
    wick::Index size() const { return rows_.size(); }
    const wick::RowLayout& layout() const { return rows_.layout(); }
    void read(wick::Rows rows, wick::Bytes out) const {
        fake_->host_writes(out);
        rows_.read(rows, out);
    }

    /// What belongs in these rows.
    static std::vector<std::byte> bytes(wick::Rows rows) { return pattern_bytes(rows, columns); }

private:
    static constexpr std::size_t columns = 16;
    FakeDevice* fake_;
    FakeSource rows_;
};

static_assert(wick::Source<TellingRows>);

}  // namespace wick_test
