// SPDX-License-Identifier: MIT
// A second translation unit that sees all of wick: linking it shows that nothing is defined twice.

#include <wick/wick.hpp>
