// expect: sampler\.size\(rows\).* does not satisfy return-type-requirement
// SPDX-License-Identifier: MIT
// A sampler that counts its positions in 32 bits: an order may have more.

#include <wick/core/concepts.hpp>

#include <cstdint>

#ifdef MUST_FAIL
using Count = std::int32_t;
#else
using Count = wick::Index;
#endif

class Backwards {
public:
    Count size(wick::Index rows) const { return static_cast<Count>(rows); }
    void fill(wick::Index, std::int64_t, wick::Index, std::span<wick::Index>) const {}
};

template <wick::Sampler S>
void use(const S&) {}

void call() { use(Backwards()); }
