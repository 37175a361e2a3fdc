// SPDX-License-Identifier: MIT
#pragma once

// Finds a dataset by its path. The links on the way are followed here, one by one, and not by the library: so
// it is known in which file the dataset lies, and no file decides which other files of the machine are
// opened.

#include <wick/hdf5/file.hpp>
#include <wick/hdf5/handle.hpp>
#include <wick/hdf5/library.hpp>

#include <cstddef>
#include <deque>
#include <filesystem>
#include <hdf5.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wick::inline v0::detail {

/// A dataset that was found.
struct Hdf5Object {
    Hdf5Place place;  ///< the file it lies in, and its path there, without links
    Hdf5OpenFile file;
};

/// Follows a path through groups and links to a dataset.
///
/// Throws: Error if there is none, saying what is there; if links go round in circles; or if one leads to a
///         file outside the folder and `outside` does not allow that.
Hdf5Object find_dataset(const std::filesystem::path& file, std::string_view dataset, bool outside);

/// Opens a dataset that is there, with the default way of access unless it is open already with another one.
Hdf5Handle open_hdf5_dataset(hid_t group, const char* name);

/// The datasets of a file that are reached without leaving it, by their paths, sorted; at most `most` of
/// them.
std::vector<std::string> hdf5_datasets_in(hid_t file, std::size_t most);

// Implementation.

inline void push_path(std::deque<std::string>& parts, std::string_view path) {
    std::vector<std::string> found;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (!part.empty() && part != ".") found.emplace_back(part);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    parts.insert(parts.begin(), found.begin(), found.end());
}

inline std::vector<std::string> hdf5_datasets_in(hid_t file, std::size_t most) {
    struct Found {
        std::vector<std::string> names{};
        std::size_t most;
    } found{.most = most};
    const auto visit = [](hid_t group, const char* name, const H5L_info_t* info, void* data) -> herr_t {
        try {
            auto& all = *static_cast<Found*>(data);
            if (info->type != H5L_TYPE_HARD) return 0;
            const Hdf5Handle object(H5Oopen(group, name, H5P_DEFAULT), H5Oclose);
            if (object && H5Iget_type(object.id()) == H5I_DATASET)
                all.names.push_back("/" + std::string(name));
            return all.names.size() < all.most ? 0 : 1;
        } catch (...) {
            return -1;
        }
    };
    H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &found);
    return std::move(found.names);
}

inline Hdf5Handle open_hdf5_dataset(hid_t group, const char* name) {
    Hdf5Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
    if (dataset) return dataset;
    // The library gives a dataset one way of access at a time, and this is the other one that is used here.
    {
        const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
        H5Pset_efile_prefix(access.id(), "${ORIGIN}");
        dataset = {H5Dopen2(group, name, access.id()), H5Dclose};
    }
    if (dataset) return dataset;
    // Once more, for the reason that the library gives is gone with every other call.
    return {H5Dopen2(group, name, H5P_DEFAULT), H5Dclose};
}

/// "/a, /b", for messages; a file may hold thousands.
inline std::string hdf5_contents(hid_t file) {
    constexpr std::size_t most = 20;
    std::vector<std::string> names = hdf5_datasets_in(file, most + 1);
    if (names.empty()) return "no dataset";
    const bool more = names.size() > most;
    if (more) names.back() = "...";
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// One walk from a root to a dataset.
class Hdf5Walk {
public:
    Hdf5Walk(const std::filesystem::path& file, std::string_view dataset, bool outside)
        : outside_(outside), file_(file), place_{file, std::string(dataset)} {
        push_path(parts_, dataset);
        enter_root();
    }

    Hdf5Object finish() {
        while (!parts_.empty()) step();
        const H5I_type_t kind = H5Iget_type(current_.id());
        if (kind != H5I_DATASET)
            throw place_.error(std::string(kind == H5I_GROUP ? "is a group" : "is a type") +
                               ", not a dataset; the file holds " + hdf5_contents(file_.id()));
        return {{file_.path(), at_}, std::move(file_)};
    }

private:
    void enter_root() {
        at_.clear();
        current_ = {H5Gopen2(file_.id(), "/", H5P_DEFAULT), H5Gclose};
        if (!current_) throw place_.failure("its root group cannot be opened");
    }

    void step() {
        const std::string part = std::move(parts_.front());
        parts_.pop_front();
        const std::string here = at_ + "/" + part;
        if (H5Iget_type(current_.id()) != H5I_GROUP)
            throw place_.error(at_ + " is no group, so there is no " + here + "; the file holds " +
                               hdf5_contents(file_.id()));
        H5L_info_t info;
        if (H5Lexists(current_.id(), part.c_str(), H5P_DEFAULT) <= 0)
            throw place_.error("there is no " + here +
                               (file_.path() == place_.file ? "" : " in " + file_.path().string()) +
                               "; the file holds " + hdf5_contents(file_.id()));
        if (H5Lget_info(current_.id(), part.c_str(), &info, H5P_DEFAULT) < 0)
            throw place_.failure("the link " + here + " cannot be read");
        if (info.type == H5L_TYPE_HARD) {
            Hdf5Handle next(H5Oopen(current_.id(), part.c_str(), H5P_DEFAULT), H5Oclose);
            if (!next) next = open_hdf5_dataset(current_.id(), part.c_str());
            if (!next) throw place_.failure(here + " cannot be opened");
            current_ = std::move(next);
            at_ = here;
            return;
        }
        constexpr int most_links = 64;
        if (++links_ > most_links)
            throw place_.error("more than " + std::to_string(most_links) +
                               " links lead to one another, the last is " + here);
        std::vector<char> value(info.u.val_size + 1, '\0');
        if (H5Lget_val(current_.id(), part.c_str(), value.data(), info.u.val_size, H5P_DEFAULT) < 0)
            throw place_.failure("the link " + here + " cannot be read");
        if (info.type == H5L_TYPE_SOFT) return follow_soft(value.data());
        if (info.type == H5L_TYPE_EXTERNAL) return follow_external(value, here);
        throw place_.error(here + " is a link of a kind that only its author's program can follow");
    }

    void follow_soft(const std::string& target) {
        if (target.starts_with('/')) enter_root();
        push_path(parts_, target);
    }

    void follow_external(const std::vector<char>& value, const std::string& here) {
        const char *name = nullptr, *path = nullptr;
        if (H5Lunpack_elink_val(value.data(), value.size() - 1, nullptr, &name, &path) < 0)
            throw place_.failure("the external link " + here + " cannot be read");
        const std::filesystem::path next =
            outside_file(file_.path(), name, outside_, place_, "the external link " + here);
        std::error_code unknown;
        if (!std::filesystem::exists(next, unknown))
            throw place_.error("the external link " + here + " leads to " + next.string() +
                               ", which does not exist");
        push_path(parts_, path);
        current_ = Hdf5Handle();
        file_ = Hdf5OpenFile(next);
        enter_root();
    }

    bool outside_;
    Hdf5OpenFile file_;
    Hdf5Place place_;
    Hdf5Handle current_;
    std::string at_;  // the path of current_ in file_; empty for the root
    std::deque<std::string> parts_;
    int links_ = 0;
};

inline Hdf5Object find_dataset(const std::filesystem::path& file, std::string_view dataset, bool outside) {
    return Hdf5Walk(file, dataset, outside).finish();
}

}  // namespace wick::inline v0::detail
