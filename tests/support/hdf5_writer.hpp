// SPDX-License-Identifier: MIT
#pragma once

// Another process that writes an HDF5 file, step by step as the test tells it.

#include <wick/hdf5/handle.hpp>

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <hdf5.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wick_test {

/// Writes "/x", one i32 to a row, in chunks of 4: row r is r + 1. Each call ends when the other process has
/// done it.
class Hdf5Writer {
public:
    static constexpr int rows_at_a_time = 6;

    Hdf5Writer(const std::filesystem::path& path, bool swmr) {
        int commands[2], answers[2];
        REQUIRE(::pipe(commands) == 0);
        REQUIRE(::pipe(answers) == 0);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            ::close(commands[1]);
            ::close(answers[0]);
            obey(path, swmr, commands[0], answers[1]);
        }
        ::close(commands[0]);
        ::close(answers[1]);
        commands_ = commands[1];
        answers_ = answers[0];
    }
    Hdf5Writer(const Hdf5Writer&) = delete;
    Hdf5Writer& operator=(const Hdf5Writer&) = delete;
    ~Hdf5Writer() {
        ::close(commands_);  // which ends it
        ::close(answers_);
        ::waitpid(process_, nullptr, 0);
    }

    /// Makes the file, with no rows, and keeps it open for writing.
    void create() { tell('c'); }

    /// Opens the file once more for writing.
    void open() { tell('o'); }

    /// Writes some rows more, and brings them into the file.
    void append() { tell('a'); }

    /// Closes the file.
    void close() { tell('q'); }

private:
    using Handle = wick::detail::Hdf5Handle;

    void tell(char command) {
        char answer = 0;
        REQUIRE(::write(commands_, &command, 1) == 1);
        REQUIRE(::read(answers_, &answer, 1) == 1);
        REQUIRE(answer == 'y');
    }

    [[noreturn]] static void obey(const std::filesystem::path& path, bool swmr, int commands, int answers) {
        Handle file, dataset;
        for (char command = 0; ::read(commands, &command, 1) == 1;) {
            bool done = false;
            if (command == 'c') done = create(path, swmr, file, dataset);
            if (command == 'o') done = open(path, swmr, file, dataset);
            if (command == 'a') done = append(dataset) && H5Fflush(file.id(), H5F_SCOPE_GLOBAL) >= 0;
            if (command == 'q') {
                dataset = Handle();
                file = Handle();
                done = true;
            }
            const char answer = done ? 'y' : 'n';
            if (::write(answers, &answer, 1) != 1) break;
        }
        ::_exit(0);  // nothing of the test's ends here
    }

    static Handle newest() {
        Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        H5Pset_libver_bounds(access.id(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
        return access;
    }

    static bool create(const std::filesystem::path& path, bool swmr, Handle& file, Handle& dataset) {
        const hsize_t none = 0, any = H5S_UNLIMITED, chunk = 4;
        const Handle access = newest(), creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        const Handle space(H5Screate_simple(1, &none, &any), H5Sclose);
        file = {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose};
        H5Pset_chunk(creation.id(), 1, &chunk);
        dataset = {
            H5Dcreate2(file.id(), "x", H5T_STD_I32LE, space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
            H5Dclose};
        return dataset && H5Fflush(file.id(), H5F_SCOPE_GLOBAL) >= 0 &&
               (!swmr || H5Fstart_swmr_write(file.id()) >= 0);
    }

    static bool open(const std::filesystem::path& path, bool swmr, Handle& file, Handle& dataset) {
        const Handle access = newest();
        file = {H5Fopen(path.c_str(), swmr ? H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE : H5F_ACC_RDWR, access.id()),
                H5Fclose};
        dataset = {H5Dopen2(file.id(), "x", H5P_DEFAULT), H5Dclose};
        return static_cast<bool>(dataset);
    }

    static bool append(const Handle& dataset) {
        hsize_t first = 0;
        const hsize_t count = rows_at_a_time;
        const Handle before(H5Dget_space(dataset.id()), H5Sclose);
        H5Sget_simple_extent_dims(before.id(), &first, nullptr);
        const hsize_t extent = first + count;
        std::array<std::int32_t, rows_at_a_time> values{};
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(first + i + 1);
        if (H5Dset_extent(dataset.id(), &extent) < 0) return false;
        const Handle space(H5Dget_space(dataset.id()), H5Sclose),
            memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
        H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &first, nullptr, &count, nullptr);
        return H5Dwrite(dataset.id(), H5T_NATIVE_INT32, memory.id(), space.id(), H5P_DEFAULT,
                        values.data()) >= 0;
    }

    pid_t process_ = -1;
    int commands_ = -1;
    int answers_ = -1;
};

}  // namespace wick_test
