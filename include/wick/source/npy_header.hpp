// SPDX-License-Identifier: MIT
#pragma once

// What stands before the data of a .npy file. Pure: bytes in, description out; nothing is believed unchecked.

#include <wick/core/dtype.hpp>
#include <wick/core/error.hpp>
#include <wick/core/layout.hpp>
#include <wick/source/npy_dtype.hpp>
#include <wick/source/python_literal.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wick::inline v0 {

/// What the header of a .npy file says. The shape is that of the whole array; it has at least one dimension.
struct NpyHeader {
    Dtype dtype = Dtype::u8;
    std::endian byte_order = std::endian::native;
    bool fortran_order = false;
    std::vector<Index> shape{};
    std::uint64_t data_offset = 0;
};

/// How many bytes of the file `parse_npy_header` needs to see, read from its first 12 (fewer if it has
/// fewer).
///
/// Throws: Error if it is no .npy file of format 1.0, 2.0 or 3.0, or has a header of more than 1 MiB.
std::size_t npy_header_bytes(std::span<const std::byte> start, const std::filesystem::path& path);

/// Understands every header that NumPy's own loader accepts, however it is spelled.
///
/// `wanted`, if given, is the dtype the data must have; void data of that width (`V2`) is taken for it, which
/// is how NumPy writes bf16.
///
/// Source: NumPy's `numpy/lib/format.py`, formats 1.0 to 3.0.
/// Throws: Error naming file and byte if the header is cut off, is no header, or describes what is not read:
///         structured, string and object arrays, dates, long double, arrays of no dimension.
NpyHeader parse_npy_header(std::span<const std::byte> start, const std::filesystem::path& path,
                           std::optional<Dtype> wanted = std::nullopt);

// Implementation.

namespace detail {

inline std::string_view text_of(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a file is that is no .npy file, as far as its first bytes tell.
inline std::string npy_impostor(std::string_view start) {
    const auto begins = [&](std::string_view with) { return start.substr(0, with.size()) == with; };
    if (begins("PK\3\4") || begins("PK\5\6"))
        return "a zip archive: unzip an .npz and read the .npy files in it";
    if (begins("\x1f\x8b")) return "a gzip file: gunzip it first";
    if (begins("\x89HDF\r\n\x1a\n")) return "an HDF5 file";
    if (begins("\x80") && start.size() > 1 && start[1] >= 2 && start[1] <= 5)
        return "a Python pickle, which is never loaded";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string bytes = "the bytes";
    for (const char c : start.substr(0, 6)) {
        bytes += ' ';
        bytes += digits[static_cast<unsigned char>(c) >> 4];
        bytes += digits[c & 15];
    }
    return bytes;
}

/// Turns the parts of the literal into a header, one question after another.
class NpyHeaderReader {
public:
    NpyHeaderReader(std::uint64_t text_offset, const std::filesystem::path& path)
        : text_offset_(text_offset), path_(path) {}

    [[noreturn]] void fail(std::size_t at, std::string_view problem) const {
        throw Error(path_, text_offset_ + at, problem);
    }

    NpyHeader read(const PythonValue& dict, std::optional<Dtype> wanted) const {
        using Kind = PythonValue::Kind;
        if (dict.kind != Kind::dict) fail(dict.at, "the header is no dictionary");
        const PythonValue* descr = nullptr;
        const PythonValue* order = nullptr;
        const PythonValue* shape = nullptr;
        for (std::size_t i = 0; i < dict.items.size(); i += 2) {
            const PythonValue& key = dict.items[i];
            const std::string_view name = key.kind == Kind::string ? std::string_view(key.text) : "";
            const PythonValue** const place = name == "descr"           ? &descr
                                              : name == "fortran_order" ? &order
                                              : name == "shape"         ? &shape
                                                                        : nullptr;
            if (place == nullptr) fail(key.at, "a key other than descr, fortran_order and shape");
            *place = &dict.items[i + 1];
        }
        if (descr == nullptr) fail(dict.at, "the key descr is missing");
        if (order == nullptr) fail(dict.at, "the key fortran_order is missing");
        if (shape == nullptr) fail(dict.at, "the key shape is missing");
        if (order->kind != Kind::boolean) fail(order->at, "fortran_order is neither True nor False");

        NpyHeader header;
        header.fortran_order = order->number != 0;
        read_dtype(*descr, wanted, header);
        read_shape(*shape, header);
        return header;
    }

private:
    void read_dtype(const PythonValue& descr, std::optional<Dtype> wanted, NpyHeader& header) const;
    void read_shape(const PythonValue& shape, NpyHeader& header) const;

    std::uint64_t text_offset_;
    const std::filesystem::path& path_;
};

inline void NpyHeaderReader::read_dtype(const PythonValue& descr, std::optional<Dtype> wanted,
                                        NpyHeader& header) const {
    using Kind = PythonValue::Kind;
    // (type, ()) is a sub-array of no dimensions: the type itself.
    if (descr.kind == Kind::tuple && descr.items.size() == 2 && descr.items[1].kind == Kind::tuple &&
        descr.items[1].items.empty())
        return read_dtype(descr.items[0], wanted, header);
    if (descr.kind == Kind::list || descr.kind == Kind::tuple || descr.kind == Kind::dict)
        fail(descr.at, "structured arrays and sub-arrays are not read; save each field as an array");
    if (descr.kind != Kind::string) fail(descr.at, "descr is no string");

    const NpyDtype found = parse_npy_dtype(descr.text);
    header.byte_order = found.byte_order;
    const std::string name = "dtype '" + descr.text.substr(0, 40) + "'";
    if (found.dtype)
        header.dtype = *found.dtype;
    else if (wanted && found.void_bytes == size_of(*wanted))
        header.dtype = *wanted;
    else
        fail(descr.at, name + ": " + std::string(found.refusal));
    if (wanted && header.dtype != *wanted)
        fail(descr.at, "expected the dtype " + std::string(name_of(*wanted)) + ", found " + name);
}

inline void NpyHeaderReader::read_shape(const PythonValue& shape, NpyHeader& header) const {
    using Kind = PythonValue::Kind;
    if (shape.kind != Kind::tuple) fail(shape.at, "shape is no tuple");
    if (shape.items.empty()) fail(shape.at, "an array of no dimension has no rows; reshape it to (1,)");
    for (const PythonValue& extent : shape.items) {
        if (extent.kind != Kind::integer && extent.kind != Kind::boolean)
            fail(extent.at, "a dimension is no integer");
        if (extent.negative) fail(extent.at, "a dimension is negative");
        if (extent.overflow || extent.number > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()))
            fail(extent.at, "a dimension is larger than any file");
        header.shape.push_back(static_cast<Index>(extent.number));
    }
    // Not only all rows, one row must have a size, too, even if there are none.
    const std::span<const Index> whole(header.shape);
    for (const auto extents : {whole, whole.subspan(1)}) {
        if (std::ranges::find(extents, 0) != extents.end()) continue;
        std::uint64_t bytes = size_of(header.dtype);
        for (const Index extent : extents)
            if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes) ||
                bytes > static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max()))
                fail(shape.at, "the shape " + shape_string(header.shape) + " has more bytes than any file");
    }
}

/// Where the text of the header begins, and where it ends.
struct NpyHeaderSpan {
    std::size_t begin;
    std::size_t end;
    bool before_version_3;
};

inline NpyHeaderSpan npy_header_span(std::span<const std::byte> start, const std::filesystem::path& path) {
    constexpr std::string_view magic = "\x93NUMPY";
    constexpr std::size_t most = std::size_t{1} << 20;
    const std::string_view text = text_of(start);
    if (text.substr(0, magic.size()) != magic.substr(0, text.size()))
        throw Error(path, 0, "the magic of a .npy file", npy_impostor(text));
    const auto need = [&](std::size_t bytes) {
        if (text.size() < bytes)
            throw Error(path, text.size(), "the rest of the .npy header", "the end of the file");
    };
    need(8);
    const auto byte = [&](std::size_t at) { return std::to_integer<std::size_t>(start[at]); };
    if (byte(6) < 1 || byte(6) > 3 || byte(7) != 0)
        throw Error(path, 6, "format 1.0, 2.0 or 3.0",
                    "format " + std::to_string(byte(6)) + "." + std::to_string(byte(7)));
    const std::size_t begin = byte(6) == 1 ? 10 : 12;
    need(begin);
    std::size_t length = byte(8) | byte(9) << 8;
    if (byte(6) > 1) length |= byte(10) << 16 | byte(11) << 24;
    if (length > most)
        throw Error(path, 8, "a header of at most 1 MiB", "one of " + std::to_string(length) + " bytes");
    return {.begin = begin, .end = begin + length, .before_version_3 = byte(6) < 3};
}

}  // namespace detail

inline std::size_t npy_header_bytes(std::span<const std::byte> start, const std::filesystem::path& path) {
    return detail::npy_header_span(start, path).end;
}

inline NpyHeader parse_npy_header(std::span<const std::byte> start, const std::filesystem::path& path,
                                  std::optional<Dtype> wanted) {
    const detail::NpyHeaderSpan span = detail::npy_header_span(start, path);
    if (start.size() < span.end)
        throw Error(path, start.size(), "the .npy header to end at byte " + std::to_string(span.end),
                    "the end of the file");
    const detail::NpyHeaderReader reader(span.begin, path);
    const std::string_view text = detail::text_of(start.subspan(span.begin, span.end - span.begin));
    try {
        // Python 2 wrote long integers as 5L; format 3 came after its time.
        NpyHeader header = reader.read(detail::parse_python_literal(text, span.before_version_3), wanted);
        header.data_offset = span.end;
        return header;
    } catch (const detail::PythonSyntaxError& error) {
        reader.fail(error.at(), std::string("the header is no Python literal: ") + error.what());
    }
}

}  // namespace wick::inline v0
