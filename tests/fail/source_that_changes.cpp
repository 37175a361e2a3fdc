// expect: source\.read\(rows, out\).* is invalid
// SPDX-License-Identifier: MIT
// A source whose read changes it: workers share one source, so read must be const.

#include <wick/core/concepts.hpp>

class Ramp {
public:
    wick::Index size() const { return 10; }
    wick::RowLayout layout() const { return {wick::Dtype::i64, {}}; }
#ifdef MUST_FAIL
    void read(wick::Rows, wick::Bytes) {}
#else
    void read(wick::Rows, wick::Bytes) const {}
#endif
};

template <wick::Source S>
void use(const S&) {}

void call() { use(Ramp()); }
