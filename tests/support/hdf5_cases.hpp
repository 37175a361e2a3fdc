// SPDX-License-Identifier: MIT
#pragma once

// Datasets that h5py and the HDF5 library wrote, from tests/data/make_hdf5.py, with what must be read from them.

#include <wick/core/layout.hpp>

#include "contract/source.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace wick_test {

inline const std::string hdf5_data = WICK_TEST_DATA "/hdf5/";

struct Hdf5Case {
    std::string name;
    std::string file;
    std::string dataset;
    std::string member;  // empty if there is none
    wick::RowLayout layout{wick::Dtype::u8, {}};
    std::string how;  // a word of the sentence that says how it is read
    wick::Index block = 1;
    wick::Index rows = 0;

    std::string path() const { return hdf5_data + file; }
    std::vector<std::byte> bytes() const { return bytes_of(hdf5_data + name + ".bytes"); }
};

inline wick::Dtype hdf5_dtype(const std::string& name) {
    for (int i = 0; i <= static_cast<int>(wick::Dtype::c128); ++i)
        if (wick::name_of(static_cast<wick::Dtype>(i)) == name) return static_cast<wick::Dtype>(i);
    FAIL("no dtype " << name);
    return wick::Dtype::u8;
}

inline std::vector<Hdf5Case> hdf5_cases() {
    std::vector<Hdf5Case> cases;
    std::ifstream index(hdf5_data + "index.txt");
    for (std::string line; std::getline(index, line);) {
        std::istringstream words(line);
        Hdf5Case one;
        std::string dtype;
        words >> one.name >> one.file >> one.dataset >> one.member >> dtype >> one.how >> one.block >>
            one.rows;
        std::vector<wick::Index> shape;
        for (wick::Index extent = 0; words >> extent;) shape.push_back(extent);
        if (one.member == "-") one.member.clear();
        one.layout = wick::RowLayout(hdf5_dtype(dtype), shape);
        cases.push_back(one);
    }
    return cases;
}

}  // namespace wick_test
