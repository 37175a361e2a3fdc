// expect: source\.layout\(\).* is invalid
// SPDX-License-Identifier: MIT
// A source that does not say what a row is.

#include <wick/core/concepts.hpp>

class Ramp {
public:
    wick::Index size() const { return 10; }
    void read(wick::Rows, wick::Bytes) const {}
#ifndef MUST_FAIL
    wick::RowLayout layout() const { return {wick::Dtype::i64, {}}; }
#endif
};

template <wick::Source S>
void use(const S&) {}

void call() { use(Ramp()); }
