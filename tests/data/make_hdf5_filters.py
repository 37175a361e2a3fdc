#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/data/hdf5_filters: chunks as HDF5 and its plugins store them, and what they must decode to.

Run it again with the packages h5py, hdf5plugin and numpy of PyPI (3.16, 7.1 and 2.4 were used):
    python3 tests/data/make_hdf5_filters.py

cases.txt has a line for each chunk, which lies in NAME.chunk:
    NAME PLAIN MASK FILTER FILTER ...
PLAIN.plain holds what it decodes to, MASK which filters were left out, and a FILTER is its number and its
parameters, "32008:0:5:4", in the order of writing.
"""
import pathlib
import shutil

import h5py
import hdf5plugin
import numpy as np

OUT = pathlib.Path(__file__).parent / "hdf5_filters"
CASES = []


def signal(dtype, count, seed):
    """Values that compress, but not away: a wave with noise in its low bits."""
    rng = np.random.default_rng(seed)
    wave = 100 * np.sin(np.arange(count) / 20) + rng.integers(0, 4, count)
    return wave.astype(dtype)


# The sizes are neither whole vectors of 16 bytes nor whole blocks of 8 elements.
PLAIN = {
    "i8": signal("i1", 1003, 1),
    "i16": signal("i2", 1003, 2),
    "f32": signal("f4", 2507, 3),
    "f64": signal("f8", 1251, 4),
    "c128": signal("c16", 83, 5),
    "three": np.frombuffer(signal("i1", 3 * 203, 6).tobytes(), [("r", "u1"), ("g", "u1"), ("b", "u1")]),
    "twelve": np.frombuffer(signal("f4", 3 * 101, 7).tobytes(), [("x", "f4"), ("y", "f4"), ("z", "f4")]),
    "few": signal("f4", 5, 8),
    "zeros": np.zeros(1000, "f4"),
    "steps": np.repeat(np.random.default_rng(11).integers(0, 9, 500), 5).astype("i4"),
    "noise": np.frombuffer(np.random.default_rng(9).bytes(4004), "f4"),
    "ones": np.frombuffer(b"\xff" * 4001, "u1"),
    # More than 360 steps of 8 words, after which the sums of fletcher32 are reduced.
    "long": np.frombuffer(np.random.default_rng(10).bytes(17_777), "u1"),
}


def add(name, plain, **options):
    array = PLAIN[plain]
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        data = file.create_dataset("d", data=array, chunks=array.shape, **options)
        assert np.array_equal(data[:], array, equal_nan=array.dtype.kind == "f")
        mask, chunk = data.id.read_direct_chunk((0,))
        pipeline = data.id.get_create_plist()
        filters = [pipeline.get_filter(i) for i in range(pipeline.get_nfilters())]
    write(name, plain, mask, [(number, values) for number, _, values, _ in filters], chunk)


def write(name, plain, mask, filters, chunk):
    (OUT / (name + ".chunk")).write_bytes(chunk)
    words = [":".join(map(str, (number, *values))) for number, values in filters]
    CASES.append(" ".join([name, plain, str(mask), *words]))


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    for name, array in PLAIN.items():
        (OUT / (name + ".plain")).write_bytes(array.tobytes())

    for plain in ("i8", "i16", "f32", "f64", "c128", "three", "twelve", "few"):
        add(f"shuffle_{plain}", plain, shuffle=True)
    for plain in ("i8", "f32", "three", "zeros", "ones", "long"):
        add(f"fletcher32_{plain}", plain, fletcher32=True)
    for plain in ("steps", "zeros", "noise"):
        add(f"deflate_{plain}", plain, compression="gzip", compression_opts=6)
        add(f"lzf_{plain}", plain, compression="lzf")  # h5py leaves noise as it is, and says so in the mask.
        add(f"zstd_{plain}", plain, compression=hdf5plugin.Zstd())
        add(f"lz4_{plain}", plain, compression=hdf5plugin.LZ4())
    add("lz4_blocks", "steps", compression=hdf5plugin.LZ4(nbytes=1000))
    add("lz4_blocks_noise", "noise", compression=hdf5plugin.LZ4(nbytes=1000))

    for plain in ("i8", "i16", "f32", "f64", "c128", "three", "twelve", "few", "noise"):
        for codec in ("none", "lz4", "zstd"):
            add(f"bitshuffle_{codec}_{plain}", plain, compression=hdf5plugin.Bitshuffle(cname=codec))
    for codec in ("none", "lz4", "zstd"):
        add(f"bitshuffle_{codec}_blocks", "f32", compression=hdf5plugin.Bitshuffle(nelems=64, cname=codec))

    for codec in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
        for shuffle in (0, 1, 2):
            how = hdf5plugin.Blosc(cname=codec, clevel=5, shuffle=shuffle)
            add(f"blosc_{codec}_{shuffle}", "steps", compression=how)
    add("blosc_noise", "noise", compression=hdf5plugin.Blosc(cname="lz4"))
    add("blosc_f64", "f64", compression=hdf5plugin.Blosc(cname="blosclz"))

    for plain in ("f32", "f64", "few"):
        add(f"shuffle_deflate_{plain}", plain, shuffle=True, compression="gzip")
        add(f"all_deflate_{plain}", plain, shuffle=True, compression="gzip", fletcher32=True)
        add(f"all_lzf_{plain}", plain, shuffle=True, compression="lzf", fletcher32=True)
    add("shuffle_lz4", "f32", shuffle=True, compression=hdf5plugin.LZ4())
    add("shuffle_zstd", "f32", shuffle=True, compression=hdf5plugin.Zstd())
    add("shuffle_lzf_noise", "noise", shuffle=True, compression="lzf")
    orders()
    (OUT / "cases.txt").write_text("\n".join(CASES) + "\n")


def orders():
    """What h5py's own options do not write: other orders, two compressors, filters left out of one chunk."""
    low = h5py.h5p

    def pipeline(*filters):
        plist = low.create(low.DATASET_CREATE)
        for number, values in filters:
            plist.set_filter(number, h5py.h5z.FLAG_OPTIONAL, values)
        return plist

    def stored(name, plain, *filters):
        array = PLAIN[plain]
        with h5py.File("memory", "w", driver="core", backing_store=False) as file:
            plist = pipeline(*filters)
            plist.set_chunk(array.shape)
            space = h5py.h5s.create_simple(array.shape)
            data = h5py.h5d.create(file.id, b"d", h5py.h5t.py_create(array.dtype), space, plist)
            data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(array))
            mask, chunk = data.read_direct_chunk((0,))
            got = data.get_create_plist()
            kept = [got.get_filter(i) for i in range(got.get_nfilters())]
        write(name, plain, mask, [(number, values) for number, _, values, _ in kept], chunk)

    stored("fletcher32_first", "f32", (3, ()), (2, ()), (1, (6,)))
    stored("fletcher32_between", "f32", (2, ()), (3, ()), (1, (6,)))
    stored("fletcher32_twice", "f32", (3, ()), (1, (6,)), (3, ()))
    stored("deflate_twice", "zeros", (1, (6,)), (1, (6,)))
    stored("shuffle_last", "f32", (1, (6,)), (2, ()))
    stored("lzf_deflate", "zeros", (32000, ()), (1, (6,)))
    stored("bitshuffle_deflate", "i16", (32008, ()), (1, (6,)))


if __name__ == "__main__":
    main()
