#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/data/hdf5: files written by h5py and the HDF5 library, and beside them the bytes that their datasets must
be read as, which come from the NumPy arrays that were written and never from a reader.
Run it again with: /usr/bin/python3 tests/data/make_hdf5.py  (h5py 3.7, HDF5 1.10.8 and NumPy 1.24 were used)
"""
import ctypes
import math
import os
import pathlib
import shutil
import zlib

import h5py
import numpy as np
from h5py import h5d, h5f, h5p, h5s, h5t, h5z

OUT = pathlib.Path(__file__).resolve().parent / "hdf5"
CORPUS = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus" / "hdf5_file"
DTYPES = {
    "bool": "?", "u8": "u1", "i8": "i1", "u16": "u2", "i16": "i2", "u32": "u4", "i32": "i4", "u64": "u8",
    "i64": "i8", "f16": "f2", "f32": "f4", "f64": "f8", "c64": "c8", "c128": "c16",
}
NAMES = {np.dtype(code).newbyteorder("<"): name for name, code in DTYPES.items()}
lib = ctypes.CDLL("libhdf5_serial.so.103")  # the one that h5py has loaded, for what h5py does not offer
cases = []


# --- what is written --------------------------------------------------------------------------------------------
def pattern(code, shape):
    """Random bits, so that a misplaced or unturned byte shows; booleans and floats stay ordinary."""
    count = math.prod(shape)
    dtype = np.dtype(code)
    rng = np.random.default_rng(count + dtype.itemsize)
    if dtype.kind == "b":
        return rng.integers(0, 2, count).astype(dtype).reshape(shape)
    if dtype.kind in "fc":  # a float that is no number may change its bits when it is copied
        parts = 2 if dtype.kind == "c" else 1
        values = (rng.standard_normal(count * parts) * 100).astype(f"f{dtype.itemsize // parts}")
        return values.view(dtype).reshape(shape)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape)


def smooth(code, shape):
    """Values that compress."""
    return (np.arange(math.prod(shape)) // 3).astype(code).reshape(shape)


def expect(file, dataset, array, how, dtype=None, member="-", block=1):
    """Notes that `dataset` is to be read as `array`; `how` is a word of the sentence that says how it is read."""
    array = np.ascontiguousarray(array)
    native = array.astype(array.dtype.newbyteorder("<"))
    name = f"{file}.{dataset.strip('/').replace('/', '.')}" + ("" if member == "-" else "." + member)
    (OUT / f"{name}.bytes").write_bytes(native.tobytes())
    row = " ".join(map(str, array.shape[1:]))
    cases.append(f"{name} {file}.h5 {dataset} {member} {dtype or NAMES[native.dtype]} {how} {block} {array.shape[0]} "
                 f"{row}".rstrip())


def property_list(chunk=None, layout=None, filters=(), fill=None, early=False, fill_never=False):
    """A dataset's creation property list; `filters` are (number, flags, parameters)."""
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    if chunk:
        plist.set_chunk(chunk)
    if layout is not None:
        plist.set_layout(layout)
    for number, flags, parameters in filters:
        plist.set_filter(number, flags, parameters)
    if fill is not None:
        plist.set_fill_value(fill)
    if early:
        plist.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    if fill_never:
        plist.set_fill_time(h5d.FILL_TIME_NEVER)
    return plist


def create(file, name, kind, shape, plist, maxshape=None):
    if isinstance(kind, str):
        kind = h5t.py_create(np.dtype(kind), logical=True)
    space = h5s.create_simple(shape, maxshape and tuple(h5s.UNLIMITED if m is None else m for m in maxshape))
    return h5d.create(file.id, name.encode(), kind, space, plist)


def write(file, name, array, plist, maxshape=None, kind=None):
    dataset = create(file, name, kind or array.dtype.str, array.shape, plist, maxshape)
    dataset.write(h5s.ALL, h5s.ALL, np.ascontiguousarray(array))
    return dataset


GZIP = (h5z.FILTER_DEFLATE, 1, (4,))
FLETCHER = (h5z.FILTER_FLETCHER32, 0, ())


def shuffle(size):
    return (h5z.FILTER_SHUFFLE, 1, (size,))


# --- types ------------------------------------------------------------------------------------------------------
def float_type(size, sign, exponent, exponent_bits, mantissa_bits, bias, order=h5t.ORDER_LE):
    kind = (h5t.IEEE_F32LE if size <= 4 else h5t.IEEE_F64LE).copy()
    kind.set_fields(sign, exponent, exponent_bits, 0, mantissa_bits)
    kind.set_ebias(bias)
    kind.set_precision(sign + 1)
    kind.set_size(size)
    kind.set_order(order)
    return kind


def write_types():
    with h5py.File(OUT / "types.h5", "w") as file:
        for name, code in DTYPES.items():
            for order, word in ("<", "little"), (">", "big"):
                if order == ">" and np.dtype(code).itemsize == 1:
                    continue
                array = pattern(code, (7, 3)).astype(np.dtype(code).newbyteorder(order))
                file.create_dataset(f"{name}_{word}", data=array)
                expect("types", f"/{name}_{word}", array, "end")
        file.create_dataset("scalars", data=pattern("i4", (9,)))
        expect("types", "/scalars", pattern("i4", (9,)), "end")
        file.create_dataset("four", data=pattern("f4", (5, 2, 3, 4)))
        expect("types", "/four", pattern("f4", (5, 2, 3, 4)), "end")
        file.create_dataset("no_rows", data=pattern("f8", (0, 3)))
        expect("types", "/no_rows", pattern("f8", (0, 3)), "no")
        file.create_dataset("empty_rows", data=pattern("f8", (3, 0)))
        expect("types", "/empty_rows", pattern("f8", (3, 0)), "no")

        # bf16 by its fields, in both orders; and as what cannot be told from other 16-bit data.
        bits = pattern("u2", (5, 3))
        for word, order in ("little", h5t.ORDER_LE), ("big", h5t.ORDER_BE):
            kind = float_type(2, 15, 7, 8, 7, 127, order)
            dataset = create(file, f"bf16_{word}", kind, (5, 3), property_list())
            raw = bits if order == h5t.ORDER_LE else bits.byteswap()
            dataset.write(h5s.ALL, h5s.ALL, raw, mtype=kind)
            expect("types", f"/bf16_{word}", bits, "end", dtype="bf16")
        file.create_dataset("bf16_as_u16", data=bits)
        file.create_dataset("bf16_as_void", data=bits.view("V2"))
        expect("types", "/bf16_as_u16", bits, "end")

        # An enumeration that is no bool, and PyTables' bool.
        colours = h5py.enum_dtype({"red": -1, "green": 7, "blue": 300}, basetype=">i2")
        values = np.array([[-1, 7], [300, 7], [7, 7]], ">i2")
        file.create_dataset("enumeration", data=values, dtype=colours)
        expect("types", "/enumeration", values, "end")
        flags = pattern("?", (6, 2))
        dataset = create(file, "bitfield", h5t.STD_B8LE, (6, 2), property_list())
        dataset.write(h5s.ALL, h5s.ALL, flags.view("u1"), mtype=h5t.NATIVE_B8)
        expect("types", "/bitfield", flags.view("u1"), "end")

        # Numbers that have to be converted.
        small = np.arange(-12, 12, dtype="i4").reshape(8, 3)
        for name, base, precision, size in ("i24", h5t.STD_I32BE, 24, 3), ("i12", h5t.STD_I16LE, 12, 2):
            kind = base.copy()
            kind.set_precision(precision)
            kind.set_size(size)
            dataset = create(file, name, kind, (8, 3), property_list())
            dataset.write(h5s.ALL, h5s.ALL, small, mtype=h5t.NATIVE_INT32)
            expect("types", f"/{name}", small.astype("i4" if size == 3 else "i2"), "converted")
        halves = np.arange(-8, 8, dtype="f4").reshape(8, 2) / 4
        for name, kind in ("f24", float_type(3, 23, 16, 7, 16, 63)), ("f8", float_type(1, 7, 3, 4, 3, 7)):
            dataset = create(file, name, kind, (8, 2), property_list())
            dataset.write(h5s.ALL, h5s.ALL, halves, mtype=h5t.NATIVE_FLOAT)
            expect("types", f"/{name}", halves, "converted")

        # Arrays and compounds, contiguous and in chunks.
        inner = np.dtype([("tag", "S3"), ("place", ">f8", (2,))])
        record = np.dtype([("id", "<u8"), ("energy", ">f4"), ("hits", "<i2", (2, 3)), ("inner", inner),
                           ("amplitude", "<c8"), ("good", "?")])
        table = np.zeros((11,), record)
        for name in "id", "energy", "hits", "amplitude", "good":
            table[name] = pattern(record[name].base, (11,) + record[name].shape)
        table["inner"]["place"] = pattern(">f8", (11, 2))
        square = np.zeros((5, 4), [("a", "<i4"), ("pad", "u1"), ("b", ">i2")])
        square["a"], square["b"] = pattern("<i4", (5, 4)), pattern(">i2", (5, 4))
        for word, chunks, how in ("whole", None, "member"), ("chunked", True, "stored"):
            file.create_dataset(f"table_{word}", data=table, chunks=chunks and (4,))
            file.create_dataset(f"square_{word}", data=square, chunks=chunks and (2, 3))
            for name in "id", "energy", "hits", "amplitude", "good":
                expect("types", f"/table_{word}", table[name], how, member=name, block=4 if chunks else 1)
            expect("types", f"/table_{word}", table["inner"]["place"], how, member="inner.place", block=4 if chunks else 1)
            for name in "ab":
                expect("types", f"/square_{word}", square[name], how, member=name, block=2 if chunks else 1)
        file.create_dataset("table_gzip", data=table, chunks=(4,), compression="gzip", shuffle=True)
        expect("types", "/table_gzip", table["hits"], "decoded", member="hits", block=4)
        expect("types", "/table_gzip", table["energy"], "decoded", member="energy", block=4)
        array = pattern("i2", (6, 4, 2, 3)).astype(">i2")
        dataset = create(file, "array", h5t.array_create(h5t.STD_I16BE, (2, 3)), (6, 4), property_list())
        dataset.write(h5s.ALL, h5s.ALL, array.astype("<i2"), mtype=h5t.array_create(h5t.NATIVE_INT16, (2, 3)))
        expect("types", "/array", array, "end")
        names = [("re", "im"), ("real", "imag")]
        for number, (real, imaginary) in enumerate(names):
            values = pattern("c8", (4, 2))
            file.create_dataset(f"complex_{number}", data=values.view([(real, "f4"), (imaginary, "f4")]))
            expect("types", f"/complex_{number}", values, "end")

        # What is no number.
        file.create_dataset("refused_text", data=np.array([b"abc", b"de"]))
        file.create_dataset("refused_long_text", data=["abc", "de"], dtype=h5py.string_dtype())
        file.create_dataset("refused_ragged", (2,), dtype=h5py.vlen_dtype("i4"))
        file.create_dataset("refused_reference", (2,), dtype=h5py.ref_dtype)
        file.create_dataset("refused_opaque", data=np.zeros(2, "V5"))
        file.create_dataset("refused_long_double", data=np.zeros(2, np.longdouble))
        file.create_dataset("refused_scalar", data=np.float32(3))
        file.create_dataset("refused_null", data=h5py.Empty("f4"))
        create(file, "refused_time", h5t.UNIX_D32LE, (2,), property_list())
        file.create_group("group/inner").create_dataset("data", data=np.arange(4))
        file["a_type"] = np.dtype("<f4")


# --- layouts ----------------------------------------------------------------------------------------------------
def write_layouts(name, libver):
    """The same datasets in the old and in the new format, whose chunk indexes differ."""
    with h5py.File(OUT / f"{name}.h5", "w", libver=libver) as file:
        small = pattern("i4", (10, 3))
        write(file, "compact", small, property_list(layout=h5d.COMPACT))
        expect(name, "/compact", small, "compact")
        write(file, "compact_big", small.astype(">i4"), property_list(layout=h5d.COMPACT))
        expect(name, "/compact_big", small, "compact")
        create(file, "never", "<i4", (6, 2), property_list())
        expect(name, "/never", np.zeros((6, 2), "i4"), "never")
        create(file, "never_fill", ">i4", (6, 2), property_list(fill=np.array(-77, ">i4")))
        expect(name, "/never_fill", np.full((6, 2), -77, "i4"), "never")

        def chunked(word, array, chunk, how, maxshape=None, **options):
            write(file, word, array, property_list(chunk, **options), maxshape)
            expect(name, "/" + word, array, how, block=chunk[0])

        gzip = [GZIP]
        both = [shuffle(4), GZIP]
        all_three = [shuffle(4), GZIP, FLETCHER]
        for word, filters, how in ("", (), None), ("_gzip", gzip, "decoded"), ("_all", all_three, "decoded"):
            array = smooth("i4", (20, 6))
            chunked("rows" + word, array, (3, 6), how or "whole", filters=filters)
            chunked("one_row" + word, array, (1, 6), how or "whole", filters=filters)
            chunked("part_rows" + word, array, (4, 4), how or "stored", filters=filters)
            chunked("columns" + word, array, (20, 1), how or "stored", filters=filters)
            chunked("single" + word, array, (20, 6), how or "whole", filters=filters)
            chunked("implicit" + word, array, (3, 4), how or "stored", filters=filters, early=True)
            chunked("extensible" + word, array, (3, 6), how or "whole", (None, 6), filters=filters)
            chunked("tree" + word, array, (3, 4), how or "stored", (None, None), filters=filters)
            chunked("larger" + word, array, (32, 8), how or "stored", (None, None), filters=filters)
            chunked("four" + word, smooth("i4", (5, 3, 4, 2)), (2, 2, 3, 2), how or "stored", filters=filters)
            chunked("line" + word, smooth("i4", (50,)), (7,), how or "whole", filters=filters)
        chunked("wide_columns", smooth("i2", (6, 4, 5)), (4, 3, 5), "stored")
        chunked("big_endian", smooth(">i4", (20, 6)), (3, 6), "whole")
        chunked("big_endian_part", smooth(">i4", (20, 6)), (3, 4), "stored")
        chunked("big_endian_all", smooth(">f8", (20, 6)), (3, 6), "decoded", filters=[shuffle(8), GZIP, FLETCHER])
        chunked("big_endian_part_gzip", smooth(">i2", (20, 6)), (3, 4), "decoded", filters=[shuffle(2), GZIP])
        chunked("shuffle_only", smooth("i4", (20, 6)), (3, 6), "decoded", filters=[shuffle(4)])
        chunked("fletcher_only", smooth("i4", (20, 6)), (3, 6), "decoded", filters=[FLETCHER])
        chunked("noise", pattern("i4", (40, 8)), (10, 8), "decoded", filters=[GZIP, FLETCHER])
        chunked("many", smooth("u1", (1500,)), (1,), "whole")  # so many that an index has pages
        chunked("many_gzip", smooth("u1", (3000,)), (2,), "decoded", filters=[GZIP])
        chunked("scale_offset", smooth("i4", (20, 6)), (3, 6), "library",
                filters=[(h5z.FILTER_SCALEOFFSET, 1, (2, 0))])
        kind = h5t.STD_I32LE.copy()
        kind.set_precision(17)
        write(file, "nbit", smooth("i4", (20, 6)), property_list((3, 6), filters=[(h5z.FILTER_NBIT, 1, ())]), kind=kind)
        expect(name, "/nbit", smooth("i4", (20, 6)), "converted", block=3)

        # Chunks that were never written, of several fill values.
        for word, code, fill, filters in (("missing", "<i4", None, ()), ("missing_fill", "<i4", -5, ()),
                                          ("missing_big", ">f8", 1.5, ()), ("missing_gzip", ">i4", 9, both)):
            values = np.zeros((20, 6), code) if fill is None else np.full((20, 6), fill, code)
            plist = property_list((3, 4), filters=filters, fill=None if fill is None else np.array(fill, code))
            dataset = h5py.Dataset(create(file, word, code, (20, 6), plist, (None, 6)))
            dataset[4:7, :3] = values[4:7, :3] = smooth(code, (3, 3))
            dataset[18:, 4:] = values[18:, 4:] = 77
            expect(name, "/" + word, values, "decoded" if filters else "stored", block=3)
        dataset = h5py.Dataset(create(file, "sparse", "u1", (1 << 24, 2), property_list((1, 2)), (None, 2)))
        dataset[5] = 6
        grown = h5py.Dataset(create(file, "shrunk", "<i4", (20, 6), property_list((3, 4)), (None, None)))
        grown[...] = smooth("i4", (20, 6))
        grown.resize((10, 3))
        expect(name, "/shrunk", smooth("i4", (20, 6))[:10, :3], "stored", block=3)
        grown = h5py.Dataset(create(file, "grown", "<i4", (5, 3), property_list((3, 4), filters=both), (None, None)))
        grown[...] = 3
        grown.resize((10, 6))
        values = np.zeros((10, 6), "i4")
        values[:5, :3] = 3
        expect(name, "/grown", values, "decoded", block=3)
        # A later dimension is unlimited, whose chunks the library lists at wrong places, some beyond the dataset.
        for word, filters, how in ("", (), "stored"), ("_gzip", gzip, "decoded"):
            chunked("later" + word, smooth("i4", (6, 4, 5)), (2, 2, 2), how, (9, None, 8), filters=filters)
            plist = property_list((2, 2), filters=filters, fill=np.array(-9, "<i4"))
            grown = h5py.Dataset(create(file, "later_grown" + word, "<i4", (6, 4), plist, (6, None)))
            grown[...] = smooth("i4", (6, 4))
            grown.resize((6, 8))
            values = np.full((6, 8), -9, "i4")
            values[:, :4] = smooth("i4", (6, 4))
            expect(name, "/later_grown" + word, values, how, block=2)

        # Chunks written as they are, with filters left out: bit i of the mask for filter i.
        values = smooth("<i4", (20, 6))
        dataset = write(file, "masks", values, property_list((5, 6), filters=all_three))
        raw = values[5:10].tobytes()
        dataset.write_direct_chunk((5, 0), raw, 7)
        shuffled = np.frombuffer(values[10:15].tobytes(), "u1").reshape(-1, 4).T.tobytes()
        dataset.write_direct_chunk((10, 0), shuffled, 6)
        expect(name, "/masks", values, "decoded", block=5)

        # Chunks at the edge that no filter was applied to.
        if libver == "latest":
            plist = property_list((3, 4), filters=both)
            assert lib.H5Pset_chunk_opts(ctypes.c_int64(plist.id), 2) >= 0
            write(file, "raw_edges", smooth("i4", (20, 6)), plist, (None, 6))
            expect(name, "/raw_edges", smooth("i4", (20, 6)), "decoded", block=3)


def write_user_block():
    for name, size, libver in ("user_block_512", 512, "latest"), ("user_block_2048", 2048, "latest"), \
            ("user_block_old", 512, "earliest"):
        with h5py.File(OUT / f"{name}.h5", "w", userblock_size=size, libver=libver) as file:
            file.create_dataset("whole", data=pattern("i4", (6, 3)))
            file.create_dataset("chunked", data=smooth("i4", (20, 6)), chunks=(3, 4))
            file.create_dataset("gzip", data=smooth("i4", (20, 6)), chunks=(3, 6), compression="gzip", maxshape=(None, 6))
            # Never written: the library places such data at the byte before the user block's end.
            file.create_dataset("no_bytes", shape=(19,), dtype="u1")
            file.create_dataset("no_rows_filled", shape=(600, 6), dtype="i4", fillvalue=3)
            file.create_dataset("no_table", shape=(9,), dtype=[("a", "<i4"), ("b", "u1")])
            early = property_list(fill=np.array(7, "<i4"), early=True)
            create(file, "early", "<i4", (6, 3), early)
        expect(name, "/whole", pattern("i4", (6, 3)), "end")
        expect(name, "/chunked", smooth("i4", (20, 6)), "stored", block=3)
        expect(name, "/gzip", smooth("i4", (20, 6)), "decoded", block=3)
        expect(name, "/no_bytes", np.zeros(19, "u1"), "never")
        expect(name, "/no_rows_filled", np.full((600, 6), 3, "i4"), "never")
        expect(name, "/no_table", np.zeros(9, "u1"), "never", member="b")
        expect(name, "/early", np.full((6, 3), 7, "i4"), "end")


def write_filters():
    with h5py.File(OUT / "filters.h5", "w") as file:
        values = smooth("i4", (20, 6))
        file.create_dataset("lzf", data=values, chunks=(3, 6), compression="lzf", shuffle=True)
        expect("filters", "/lzf", values, "decoded", block=3)
        # A filter that nobody has, left out for every chunk when it was written, as it was optional.
        write(file, "unknown", values, property_list((3, 6), filters=[(32013, 1, (1, 2))]))
        expect("filters", "/unknown", values, "decoded", block=3)


def write_damaged():
    """Chunks of 72 bytes whose streams make another number of bytes; the last one is as it should be."""
    values = smooth("<i4", (9, 6))
    with h5py.File(OUT / "damaged.h5", "w") as file:
        for name, stream in (("bomb", bytes(1 << 22)), ("short", bytes(71)), ("long", bytes(73))):
            dataset = write(file, name, values, property_list((3, 6), filters=[GZIP]))
            dataset.write_direct_chunk((3, 0), zlib.compress(stream), 0)


# --- several files ----------------------------------------------------------------------------------------------
def write_links():
    (OUT / "below").mkdir(exist_ok=True)
    values = pattern("i4", (6, 3))
    with h5py.File(OUT / "below" / "target.h5", "w") as file:
        file["group/data"] = values
        file["group/soft"] = h5py.SoftLink("data")
        file["up"] = h5py.ExternalLink("../links.h5", "/data")
    with h5py.File(OUT / "links.h5", "w") as file:
        file["data"] = values
        file["group/hard"] = file["data"]
        file["group/soft"] = h5py.SoftLink("/data")
        file["group/near"] = h5py.SoftLink("hard")
        file["folder"] = h5py.SoftLink("/group")
        file["outer"] = h5py.ExternalLink("below/target.h5", "/group/soft")
        file["outer_group"] = h5py.ExternalLink("below/target.h5", "/group")
        file["climbs"] = h5py.ExternalLink("../hdf5/below/target.h5", "/group/data")
        file["there_and_back"] = h5py.ExternalLink("below/target.h5", "/up")
        file["absolute"] = h5py.ExternalLink("/nowhere/target.h5", "/group/data")
        file["missing_file"] = h5py.ExternalLink("below/no.h5", "/group/data")
        file["missing_object"] = h5py.ExternalLink("below/target.h5", "/no")
        file["dangling"] = h5py.SoftLink("/no")
        file["loop_a"] = h5py.SoftLink("/loop_b")
        file["loop_b"] = h5py.SoftLink("/loop_a")
        file["group/self"] = file["group"]
        file["loop_out"] = h5py.ExternalLink("links.h5", "/loop_out")
    for path in "data", "group/hard", "group/soft", "group/near", "folder/hard", "folder/soft", "outer", "outer_group/data", \
            "group/self/self/hard":
        expect("links", "/" + path, values, "end")


def write_external():
    values = pattern("i4", (8, 3))
    raw = values.tobytes()
    (OUT / "below" / "one.raw").write_bytes(b"#" * 7 + raw)
    (OUT / "below" / "first.raw").write_bytes(raw[:36] + b"rest")
    (OUT / "second.raw").write_bytes(raw[36:])
    (OUT / "below" / "cut_a.raw").write_bytes(raw[:38])
    (OUT / "below" / "cut_b.raw").write_bytes(raw[38:])
    (OUT / "short.raw").write_bytes(raw[:-1])
    plists = {
        "one": [("below/one.raw", 7, 96)],
        "unlimited": [("below/one.raw", 7, h5f.UNLIMITED)],
        "two": [("below/first.raw", 0, 36), ("second.raw", 0, 60)],
        "cut": [("below/cut_a.raw", 0, 38), ("below/cut_b.raw", 0, 58)],
        "short": [("short.raw", 0, 96)],
        "missing": [("no.raw", 0, 96)],
        "climbs": [("../hdf5/second.raw", 0, 96)],
        "absolute": [("/nowhere/second.raw", 0, 96)],
    }
    with h5py.File(OUT / "external.h5", "w") as file:
        for name, files in plists.items():
            plist = h5p.create(h5p.DATASET_CREATE)
            for path, offset, size in files:
                plist.set_external(path.encode(), offset, size)
            create(file, name, ">i4" if name == "two" else "<i4", (8, 3), plist)
    for name, how in ("one", "end"), ("unlimited", "end"), ("two", "end"), ("cut", "pieces"):
        expect("external", "/" + name, values.byteswap() if name == "two" else values, how)


def write_virtual():
    parts = [pattern("i4", (3, 4)), smooth("i4", (5, 4))]
    for number, values in enumerate(parts):
        with h5py.File(OUT / "below" / f"part_{number}.h5", "w") as file:
            file.create_dataset("data", data=values, chunks=(2, 4) if number else None)
    with h5py.File(OUT / "below" / "50%.h5", "w") as file:
        file["data"] = parts[0]
    with h5py.File(OUT / "virtual.h5", "w", libver="latest") as file:
        def virtual(name, shape, sources, fill=None):
            layout = h5py.VirtualLayout(shape, "<i4")
            for where, path, dataset, source_shape in sources:
                layout[where] = h5py.VirtualSource(path, dataset, shape=source_shape)
            file.create_virtual_dataset(name, layout, fillvalue=fill)

        file["own"] = pattern("i4", (2, 4))
        first = (np.s_[0:3], "below/part_0.h5", "data", (3, 4))
        virtual("joined", (8, 4), [first, (np.s_[3:8], "below/part_1.h5", "data", (5, 4))])
        virtual("gap", (10, 4), [first, (np.s_[5:10], "below/part_1.h5", "data", (5, 4))], fill=-3)
        virtual("inside", (2, 4), [(np.s_[0:2], ".", "own", (2, 4))])
        virtual("columns", (3, 8), [(np.s_[:, 0:4], "below/part_0.h5", "data", (3, 4)),
                                    (np.s_[:, 4:8], "below/part_0.h5", "data", (3, 4))])
        # A per cent sign in a name is written twice.
        file["own%b"] = file["own"]
        virtual("per_cent", (3, 4), [(np.s_[0:3], "below/50%%.h5", "data", (3, 4))])
        virtual("per_cent_name", (2, 4), [(np.s_[0:2], ".", "own%%b", (2, 4))])
        virtual("missing_per_cent", (3, 4), [(np.s_[0:3], "below/60%%.h5", "data", (3, 4))])
        virtual("missing_file", (6, 4), [first, (np.s_[3:6], "below/no.h5", "data", (3, 4))])
        virtual("missing_data", (6, 4), [first, (np.s_[3:6], "below/part_1.h5", "no", (3, 4))])
        virtual("climbs", (3, 4), [(np.s_[0:3], "../hdf5/below/part_0.h5", "data", (3, 4))])
        virtual("absolute", (3, 4), [(np.s_[0:3], "/nowhere/part_0.h5", "data", (3, 4))])
    expect("virtual", "/joined", np.concatenate(parts), "virtual")
    expect("virtual", "/gap", np.concatenate([parts[0], np.full((2, 4), -3, "i4"), parts[1]]), "virtual")
    expect("virtual", "/per_cent", parts[0], "virtual")
    expect("virtual", "/per_cent_name", pattern("i4", (2, 4)), "virtual")
    expect("virtual", "/inside", pattern("i4", (2, 4)), "virtual")
    expect("virtual", "/columns", np.concatenate([parts[0], parts[0]], axis=1), "virtual")


def write_drivers():
    values = smooth("i4", (40, 6))
    with h5py.File(OUT / "family_%d.h5", "w", driver="family", memb_size=2048) as file:
        file.create_dataset("data", data=values, chunks=(3, 6))
    with h5py.File(OUT / "split.h5", "w", driver="split") as file:
        file.create_dataset("data", data=values, chunks=(3, 6))
    (OUT / "family_%d.data.bytes").write_bytes(values.tobytes())


# --- small files to begin fuzzing with ------------------------------------------------------------------------------
def write_corpus():
    CORPUS.mkdir(parents=True, exist_ok=True)
    small = smooth("<i4", (5, 4))
    gzip = [shuffle(4), GZIP]
    plists = {
        "compact": (property_list(layout=h5d.COMPACT), None),
        "contiguous": (property_list(), None),
        "plain": (property_list((2, 4)), None),
        "parts": (property_list((2, 3)), None),
        "single": (property_list((5, 4), filters=gzip), None),
        "fixed": (property_list((2, 4), filters=gzip), None),
        "implicit": (property_list((2, 3), early=True), None),
        "extensible": (property_list((2, 4), filters=gzip + [FLETCHER]), (None, 4)),
        "tree": (property_list((2, 3), filters=[(h5z.FILTER_LZF, 1, ())]), (None, None)),
        "scaled": (property_list((2, 4), filters=[(h5z.FILTER_SCALEOFFSET, 1, (2, 0))]), None),
    }
    for libver in "earliest", "latest":
        for name, (plist, maxshape) in plists.items():
            with h5py.File(CORPUS / f"{name}_{libver}", "w", libver=libver) as file:
                write(file, "x", small, plist, maxshape)
        with h5py.File(CORPUS / f"missing_{libver}", "w", libver=libver) as file:
            plist = property_list((2, 3), filters=gzip, fill=np.array(7, "<i4"))
            h5py.Dataset(create(file, "x", "<i4", (5, 4), plist))[:2, :3] = small[:2, :3]
        with h5py.File(CORPUS / f"table_{libver}", "w", libver=libver) as file:
            file["x"] = np.zeros(3, [("a", ">f4", (2,)), ("b", "i1")])
            file["link"] = h5py.SoftLink("/x")
    with h5py.File(CORPUS / "virtual", "w", libver="latest") as file:
        file["y"] = small
        layout = h5py.VirtualLayout((5, 4), "<i4")
        layout[:] = h5py.VirtualSource(".", "y", shape=(5, 4))
        file.create_virtual_dataset("x", layout)


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    os.chdir(OUT)  # the library looks for files beside an HDF5 file where it stands
    write_types()
    write_layouts("layouts_old", "earliest")
    write_layouts("layouts_new", "latest")
    write_user_block()
    write_filters()
    write_damaged()
    write_links()
    write_external()
    write_virtual()
    write_drivers()
    write_corpus()
    (OUT / "index.txt").write_text("\n".join(cases) + "\n")
