#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast are wick and other readers on the same HDF5 file, in turn on the same machine?

    python3 -m venv peers && peers/bin/pip install h5py==3.16.0 hidefix==0.12.0 torch==2.15.0
    peers/bin/python benchmarks/hdf5_peers.py build/release/benchmarks/benchmark_hdf5_loader

A reader that is not installed is left out, and the output says so (torch is the one that takes gigabytes: without
it a multiprocessing.Pool reads in its place). The file lies in the page cache. Every reader delivers batches of
256 rows of 1 KiB f32; what it does before its first batch is not counted. Medians of turns that alternate.

"Block shuffle" is what each reader has for it: chunks in random order, each mixed in itself, which wick does too for
a like comparison ("one chunk after another"); by default it mixes 256 of them with one another. Decoded chunks are
kept in 512 MB by h5py where the table says so, and by wick: with the 1024 MB of rows that are the default every other
row finds its chunk there, with --megabytes=256 all do.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import h5py
import numpy as np

try:
    import hidefix
except ImportError:
    hidefix = None
try:
    import torch
    import torch.utils.data
except ImportError:
    torch = None

COLUMNS = 256
BATCH = 256
CHUNK = 256  # rows


def write(path, rows, layout):
    """Rows as benchmark_hdf5_rows has them: waves, noise in their last bits; each begins with its number."""
    options = {"contiguous": {}, "chunks": {"chunks": (CHUNK, COLUMNS)}}
    options["gzip"] = options["chunks"] | {"compression": "gzip", "shuffle": True}
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", (rows, COLUMNS), "<f4", **options[layout])
        for start in range(0, rows, 16 * CHUNK):
            count = min(rows - start, 16 * CHUNK)
            element = np.arange(start * COLUMNS, (start + count) * COLUMNS)
            values = np.round(100 * np.sin(element % 100_000 / 50)) + random.integers(0, 8, count * COLUMNS)
            values = values.astype("<f4").reshape(count, COLUMNS)
            values[:, 0] = np.arange(start, start + count)
            data[start : start + count] = values


def check(batch, rows=None):
    """Nothing is timed that does not deliver the rows asked for."""
    numbers = np.asarray(batch)[:, 0].astype(int)
    wanted = numbers if rows is None else np.asarray(rows)
    if batch.shape[1] != COLUMNS or not np.array_equal(numbers, wanted) or len(set(numbers)) != len(numbers):
        raise RuntimeError(f"read {numbers[:5]}..., not {wanted[:5]}...")


def rate(batches, seconds):
    """Rows in a second, of whole batches from the second one on."""
    check(next(batches))
    begin, rows = time.perf_counter(), 0
    for batch in batches:
        rows += len(batch)
        if time.perf_counter() - begin >= seconds:
            break
    return rows / (time.perf_counter() - begin)


def random_rows(count):
    """Batches of row numbers in random order, epoch after epoch."""
    while True:
        order = np.random.permutation(count)
        for start in range(0, count - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def row_by_row(data, rows):
    for wanted in random_rows(rows):
        batch = np.stack([data[i] for i in wanted])
        check(batch, wanted)
        yield batch


def sorted_rows(data, rows):
    for wanted in random_rows(rows):
        wanted = np.sort(wanted)
        batch = data[wanted]
        check(batch, wanted)
        yield batch


def chunk_by_chunk(read, rows):
    """Whole chunks in random order, their rows mixed: a block shuffle with a window of one block."""
    while True:
        for chunk in np.random.permutation(rows // CHUNK):
            yield read(chunk * CHUNK, (chunk + 1) * CHUNK)[np.random.permutation(CHUNK)]


class Rows:
    """A dataset for PyTorch as its users write it: the file is opened in each worker."""

    def __init__(self, path, rows):
        self.path, self.rows, self.data = path, rows, None

    def __len__(self):
        return self.rows

    def __getitem__(self, i):
        if self.data is None:
            self.data = h5py.File(self.path, "r")["x"]
        return self.data[i]


class Chunks(Rows):
    def __len__(self):
        return self.rows // CHUNK

    def __getitem__(self, i):
        if self.data is None:
            self.data = h5py.File(self.path, "r")["x"]
        return self.data[i * CHUNK : (i + 1) * CHUNK][np.random.permutation(CHUNK)]


def epochs(loader):
    while True:
        yield from loader


def data_loader(dataset, batch, workers):
    return epochs(torch.utils.data.DataLoader(dataset, batch, shuffle=True, num_workers=workers))


pool_rows = None


def pool_open(path, rows):
    global pool_rows
    pool_rows = Rows(path, rows)


def pool_read(wanted):
    return np.stack([pool_rows[i] for i in wanted])


def pool_by_rows(path, rows):
    import multiprocessing

    with multiprocessing.Pool(2, pool_open, (path, rows)) as pool:
        wanted = random_rows(rows)
        ahead = [pool.apply_async(pool_read, (next(wanted),)) for _ in range(4)]
        while True:
            ahead.append(pool.apply_async(pool_read, (next(wanted),)))
            yield ahead.pop(0).get()


def contenders(path, rows):
    """{order: {name: batches()}}, and what is left out."""
    def h5(**cache):
        return h5py.File(path, "r", **cache)["x"]

    big = {"rdcc_nbytes": 512 << 20, "rdcc_nslots": 100_003}
    random = {
        "h5py, row by row": lambda: row_by_row(h5(), rows),
        "h5py, row by row, cache of 512 MB": lambda: row_by_row(kept(path, big), rows),
        "h5py, sorted list of rows": lambda: sorted_rows(h5(), rows),
    }
    chunked = {"h5py, chunk by chunk": lambda: chunk_by_chunk(lambda a, b, data=h5(): data[a:b], rows)}
    missing = []
    if torch:
        random["DataLoader over h5py, 0 workers"] = lambda: data_loader(Rows(path, rows), BATCH, 0)
        random["DataLoader over h5py, 2 workers"] = lambda: data_loader(Rows(path, rows), BATCH, 2)
        chunked["DataLoader of chunks, 2 workers"] = lambda: data_loader(Chunks(path, rows), None, 2)
    else:
        missing.append("torch (a multiprocessing.Pool reads instead)")
        random["multiprocessing over h5py, 2 processes"] = lambda: pool_by_rows(path, rows)
    if hidefix:
        def by_hidefix():
            data = hidefix.Index(path)["x"]
            return lambda a, b: data[int(a) : int(b), 0:COLUMNS].reshape(b - a, COLUMNS)

        def rows_by_hidefix():
            read = by_hidefix()
            for wanted in random_rows(rows):
                batch = np.concatenate([read(i, i + 1) for i in wanted.tolist()])
                check(batch, wanted)
                yield batch

        random["hidefix, row by row"] = rows_by_hidefix
        chunked["hidefix, chunk by chunk"] = lambda: chunk_by_chunk(by_hidefix(), rows)
    else:
        missing.append("hidefix")
    return {"random": random, "block shuffle": chunked}, missing


files = {}


def kept(path, cache):
    """A large cache is of use only if it stays from turn to turn. It is that of a copy, since the HDF5 library gives
    all who have a file open in one process the cache of the first."""
    if path not in files:
        copy = path + ".copy"
        shutil.copyfile(path, copy)
        files[path] = h5py.File(copy, "r", **cache)["x"]
    return files[path]


def wick(program, path, seconds):
    """{order: {name: rows/s}} of one run of the benchmark."""
    command = [program, f"--file={path}", f"--seconds={seconds}", f"--batch={BATCH}", "--turns=1",
               "--budget_megabytes=512"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = {"random": ("random", "wick"), "block shuffle": ("block shuffle", "wick"),
             "one block after another": ("block shuffle", "wick, one chunk after another")}
    rates = {"random": {}, "block shuffle": {}}
    for name, (order, label) in names.items():
        for workers, rows in re.findall(rf"^  {name}, (\d workers)\s+(\d+)", output, re.MULTILINE):
            rates[order][f"{label}, {workers}"] = float(rows)
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="benchmark_hdf5_loader")
    parser.add_argument("--megabytes", type=int, default=1024, help="of rows")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--layouts", default="chunks,gzip", help="of contiguous,chunks,gzip")
    options = parser.parse_args()
    rows = (options.megabytes << 20) // (4 * COLUMNS) // CHUNK * CHUNK
    for layout in options.layouts.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.h5")
            write(path, rows, layout)
            ways, missing = contenders(path, rows)
            rates = {order: {} for order in ways}
            for turn in range(options.turns):
                for order, names in ways.items():
                    for name, batches in names.items():
                        running = batches()
                        rates[order].setdefault(name, []).append(rate(running, options.seconds))
                        running.close()
                for order, names in wick(options.program, path, options.seconds).items():
                    for name, value in names.items():
                        rates[order].setdefault(name, []).append(value)
            for order, names in rates.items():
                print(f"\n{layout}, {order}: {rows} rows of {4 * COLUMNS} bytes"
                      + ("" if layout == "contiguous" else f", chunks of {CHUNK}"))
                print(f"  {'':42} {'rows/s':>12} {'wick / this':>12}")
                ours = names["wick, 2 workers"]
                for name, values in names.items():
                    ratio = statistics.median(a / b for a, b in zip(ours, values))
                    print(f"  {name:42} {statistics.median(values):12.0f} {ratio:12.2f}")
            if missing:
                print("  not installed: " + ", ".join(missing))
            if path in files:
                files.pop(path).file.close()


if __name__ == "__main__":
    main()
