// SPDX-License-Identifier: MIT
#pragma once

// Chunks as HDF5 and its plugins stored them, from tests/data/make_hdf5_filters.py.

#include <wick/hdf5/filter.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace wick_test {

struct FilterCase {
    std::string name;
    std::uint32_t mask = 0;
    std::vector<wick::detail::Filter> filters{};
    std::vector<std::byte> plain{};
    std::vector<std::byte> stored{};
};

/// On the heap, and not one byte longer: AddressSanitizer sees a read of even one byte too many.
inline std::vector<std::byte> exact_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::byte> copy(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) copy[i] = static_cast<std::byte>(bytes[i]);
    return copy;
}

inline std::vector<FilterCase> filter_cases() {
    const std::filesystem::path folder = std::filesystem::path(WICK_TEST_DATA) / "hdf5_filters";
    std::ifstream list(folder / "cases.txt");
    std::vector<FilterCase> cases;
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        FilterCase one;
        std::string plain, word;
        words >> one.name >> plain >> one.mask;
        while (words >> word) {
            std::istringstream numbers(word);
            wick::detail::Filter filter;
            char colon = ':';
            numbers >> filter.id;
            for (unsigned number = 0; numbers >> colon >> number;) filter.parameters.push_back(number);
            one.filters.push_back(filter);
        }
        one.plain = exact_bytes(folder / (plain + ".plain"));
        one.stored = exact_bytes(folder / (one.name + ".chunk"));
        cases.push_back(one);
    }
    if (cases.empty()) throw std::runtime_error("no cases in " + folder.string());
    return cases;
}

/// Those of one filter alone that was not left out.
inline std::vector<FilterCase> filter_cases(unsigned filter) {
    std::vector<FilterCase> cases;
    for (const FilterCase& one : filter_cases())
        if (one.filters.size() == 1 && one.filters[0].id == filter && one.mask == 0) cases.push_back(one);
    if (cases.empty()) throw std::runtime_error("no case of filter " + std::to_string(filter));
    return cases;
}

/// What a decoder makes of each way to cut `stored` short; it is to throw, or to make less than it should.
template <class Decode>
std::size_t accepted_when_cut(const FilterCase& one, Decode decode) {
    std::size_t accepted = 0;
    for (std::size_t bytes = 0; bytes < one.stored.size(); bytes += bytes < 64 ? 1 : 61) {
        const std::vector<std::byte> cut(one.stored.begin(),
                                         one.stored.begin() + static_cast<std::ptrdiff_t>(bytes));
        std::vector<std::byte> out(one.plain.size());
        try {
            accepted += decode(cut, out) == out.size();
        } catch (const std::exception&) {
        }
    }
    return accepted;
}

}  // namespace wick_test
