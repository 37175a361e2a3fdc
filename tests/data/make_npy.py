#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes tests/data/npy: arrays written by NumPy with the bytes they must be read as, and a table of headers with
NumPy's own verdict on each; and tests/data/ten_lines, which the ten-line example learns from.  Run it again with: /usr/bin/python3 tests/data/make_npy.py  (NumPy 1.24 was used)
"""
import io
import math
import pathlib
import random
import struct
import warnings

import numpy as np
from numpy.lib import format as npy

warnings.simplefilter("ignore")
OUT = pathlib.Path(__file__).parent / "npy"

DTYPES = {
    "bool": "?", "u8": "u1", "i8": "i1", "u16": "u2", "i16": "i2", "u32": "u4", "i32": "i4", "u64": "u8",
    "i64": "i8", "f16": "f2", "f32": "f4", "f64": "f8", "c64": "c8", "c128": "c16",
}
NAMES = {np.dtype(code).newbyteorder("<"): name for name, code in DTYPES.items()}


# --- arrays -----------------------------------------------------------------------------------------------------
def pattern(code, shape):
    """Random bits, so that a misplaced or unturned byte shows; booleans and floats stay ordinary."""
    count = math.prod(shape)
    rng = np.random.default_rng(count + len(code))
    dtype = np.dtype(code)
    if dtype.kind == "b":
        return rng.integers(0, 2, count).astype(dtype).reshape(shape)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape)


def write_arrays():
    index = []

    def add(name, array, version=(1, 0), trailing=b"", before=None):
        data = io.BytesIO()
        if before is None:
            npy.write_array(data, array, version=version)
        else:
            data.write(before)
            data.write(array.tobytes(order="F" if array.flags.f_contiguous else "C"))
        (OUT / (name + ".npy")).write_bytes(data.getvalue() + trailing)
        native = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
        (OUT / (name + ".bytes")).write_bytes(native.tobytes())
        row = " ".join(map(str, array.shape[1:]))
        index.append(f"{name} {NAMES[native.dtype]} {array.shape[0]} {row}".rstrip())

    for name, code in DTYPES.items():
        for order in "<>":
            if order == ">" and np.dtype(code).itemsize == 1:
                continue
            word = {"<": "little", ">": "big"}[order]
            array = pattern(code, (7, 3)).astype(np.dtype(code).newbyteorder(order))
            add(f"{name}_{word}", array)
            add(f"{name}_{word}_fortran", np.asfortranarray(array))
    for order, word in ("<", "little"), (">", "big"):
        base = pattern("i2", (5, 2, 3, 4)).astype(order + "i2")
        add(f"fortran_3d_{word}", np.asfortranarray(base[:, :, :, 0]))
        add(f"fortran_4d_{word}", np.asfortranarray(base))
    add("fortran_one_row", np.asfortranarray(pattern("i4", (1, 3, 2))))
    add("scalars", pattern("i4", (9,)))
    add("version_1", pattern("f4", (3, 2)), (1, 0))
    add("version_2", pattern("f4", (3, 2)), (2, 0))
    add("version_3", pattern("f4", (3, 2)), (3, 0))
    add("no_rows", pattern("f8", (0, 3)))
    add("empty_rows", pattern("f8", (3, 0)))
    add("trailing", pattern("u2", (4, 2)), trailing=b"another array might stand here")
    text = b"{'descr':'<i4','fortran_order':False,'shape':(3,2)}"
    add("unaligned", pattern("<i4", (3, 2)), before=b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text)
    text = b"{'shape': (3L, 2L), 'fortran_order': False, 'descr': '>i4'} \n"
    add("python_2", pattern("<i4", (3, 2)).astype(">i4"),
        before=b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text)
    (OUT / "index.txt").write_text("\n".join(index) + "\n")

    bf16 = pattern("<u2", (4, 3))
    for word, order in ("little", "<"), ("big", ">"):
        text = ("{'descr': '%sV2', 'fortran_order': False, 'shape': (4, 3), }\n" % order).encode()
        (OUT / f"bf16_{word}.npy").write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text +
                                               bf16.astype(order + "u2").tobytes())
    (OUT / "bf16.bytes").write_bytes(bf16.tobytes())
    np.save(OUT / "refused_objects.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    np.save(OUT / "refused_structured.npy", np.zeros(3, "i4,f8"))
    np.save(OUT / "refused_subarray.npy", np.zeros(3, [("a", "f4", 2)]))
    np.save(OUT / "refused_text.npy", np.array(["abc"]))
    np.save(OUT / "refused_bytes.npy", np.array([b"abc"]))
    np.save(OUT / "refused_date.npy", np.zeros(2, "M8[s]"))
    np.save(OUT / "refused_long_double.npy", np.zeros(2, np.longdouble))
    np.save(OUT / "refused_scalar.npy", np.float32(3))
    np.savez(OUT / "refused_archive.npz", a=np.zeros(3))


# --- headers ----------------------------------------------------------------------------------------------------
def verdict(start):
    """What NumPy makes of a header: what it says, or that it is refused, or that wick has no such type."""
    file = io.BytesIO(start)
    try:
        version = npy.read_magic(file)
        npy._check_version(version)
        shape, fortran, dtype = npy._read_array_header(file, version)
        count = int(np.multiply.reduce(shape, dtype=np.int64))
    except Exception:
        return "refused"
    if any(extent < 0 for extent in shape) or not shape or count != math.prod(shape):
        return "unsupported"
    if max(count, math.prod(shape[1:])) * dtype.itemsize > 2**63 - 1 or dtype.newbyteorder("<") not in NAMES:
        return "unsupported"
    order = ">" if dtype.byteorder == ">" else "<"
    name = NAMES[dtype.newbyteorder("<")]
    return f"{name} {order if dtype.itemsize > 1 else '|'} {'F' if fortran else 'C'} " + \
        " ".join(str(int(extent)) for extent in shape)


def whole(text, version=1):
    data = text if isinstance(text, bytes) else text.encode("latin1" if version < 3 else "utf8")
    length = struct.pack("<H" if version == 1 else "<I", len(data))
    return b"\x93NUMPY" + bytes([version, 0]) + length + data


def by_hand():
    make = "{{'descr': {}, 'fortran_order': {}, 'shape': {}}}".format
    types = [repr(c + t) for t in
             "? b B h H i I l L q Q p P e f d g F D G S U V O M m a c b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 "
             "c32 S3 U3 V2 V0 M8 m8 O8 O4 f3 i3 i16 b2 f0 i0 x4 f".split() for c in ("", "<", ">", "=", "|")]
    types += [repr(t) for t in sorted(k for k in np.sctypeDict if isinstance(k, str))]
    types += ["'>float32'", "'=int'", "'f 4'", "'f+4'", "'f04'", "'f-4'", "' f4'", "'f4 '", "'4f4'", "'f4,i4'", "'(2,)f4'",
              "'M8[s]'", "'<M8[ns]'", "''", "'<'", "'Float32'", "'FLOAT32'", "'f4\\n'", "b'<f4'", "u'<f4'", "r'<f4'",
              "'<' 'f4'", "'<' u'f4'", "'<' b'f4'", "'''<f4'''", '"<f4"', '"""<f4"""', "'\\x3cf4'", "'\\74f4'",
              "'\\u003cf4'", "'\\U0000003cf4'", "'<\\\nf4'", "'<f4\\q'", "R'<f4'", "U'<f4'", "ur'<f4'", "bu'<f4'",
              "f'<f4'", "('<f4')", "(('<f4'))", "('<f4',)", "('<f4', ())", "('<f4', (2,))", "('<f4', 3)", "['<f4']",
              "[('a', '<f4')]", "None", "4", "{'a': 1}", "'\\x3'", "'\\u12'", "'<f4", "'<f\n4'", "'''<f\n4'''", "'<' '' 'f4'",
              "'''''' '<f4'", "'<f4'''", "r'\\x3cf4'"]
    yield from (make(t, "False", "(3, 2)") for t in types)
    shapes = ["()", "(3)", "(3,)", "((3,))", "((3),)", "(3,2,)", "( 3 , 2 )", "(3,,2)", "(,)", "(,3)", "[3]", "{3}", "3", "None",
              "(3L,)", "(3L, 2L)", "(3l,)", "(3LL,)", "(0x3L,)", "(3 L,)", "(3L L,)", "(3\\\nL,)", "(3\nL,)", "(3 #\nL,)", "(3 LL,)", "(3L 2,)", "(0x10,)", "(0X1f,)", "(0o17,)", "(0b101,)",
              "(017,)", "(00,)", "(0_0,)", "(1_0,)", "(1__0,)", "(1_,)", "(_1,)", "(0x_f,)", "(0x,)", "(0xg,)", "(+3,)", "(-3,)",
              "(--3,)", "(+-3,)", "(-0,)", "(- 3,)", "(-(3),)", "(+(3),)", "((+3),)", "(+(+3),)", "(True,)", "(False, 2)",
              "(+True,)", "(None,)", "(3.0,)", "(3.,)", "(.3,)", "(1e3,)", "(3j,)", "('3',)", "(3+2,)", "(3*2,)", "(9223372036854775807,)",
              "(9223372036854775808,)", "(18446744073709551616,)", "(4294967296, 4294967296)", "(0, 9223372036854775807)",
              "(9223372036854775807, 0)", "(4611686018427387904, 2)", "(3,\n2)", "(3,#c\n2)", "(3,\\\n2)", "(3,\t\f2)", "(3,\r\n2)",
              "(3 2)", "(3;2)", "(...,)", "(x,)", "(3,2", "3,2)", "(3,2))", "(3\x00,)", "(3,\xa02)", "(" * 150 + "3" + ",)" * 150,
              "(" * 250 + "3,)" + ")" * 249, "(" + "1," * 20 + ")", "(2,)*2", "tuple((3,))", "(3,).x", "(1if 1else 2,)"]
    yield from (make("'<f4'", "False", s) for s in shapes)
    yield from (make("'<f4'", o, "(3, 2)") for o in
                ["True", "(True)", "0", "1", "None", "'True'", "true", "TRUE", "not True", "Truex", "True L", "+True", "b'1'"])
    good = make("'<f4'", "False", "(3, 2)")
    yield from [good + t for t in ["\n", " \n\n\n", "\n#end", "#", "#\x00", ",", ";", "\n{}", " x", "\x00", "\t", "\f", "\r", "\\\n", ")"]]
    yield from [t + good for t in [" ", "\t", "  \t", "\f", "#c\n", "\\\n", "(", "[", "+", "dict", "\xef\xbb\xbf"]]
    yield from ["", "{", "}", "{}", "[]", "()", "None", "'a'", "3", "{{}}", "(" + good + ")", "((" + good + "))",
                "(" + good + ",)", "[" + good + "]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
                good[:-1] + ", 'extra': 1}", good[:-1] + ",}", good[:-1] + ",,}", good[:-1] + ", 'shape': (5,)}",
                good[:-1] + ", 'descr': '>i8', 'shape': (5,), 'fortran_order': True}", "{'shape': 3.5, " + good[1:],
                "{'shape': [1, 2], " + good[1:], "{'shape': {1, 2}, " + good[1:], "{'shape': {1: 2}, " + good[1:],
                "{b'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "{u'descr': '<f4', r'fortran_order': False, 'sha' 'pe': (3,)}",
                "{'descr' '<f4', 'fortran_order': False, 'shape': (3,)}", "{'descr', 'fortran_order', 'shape'}",
                "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", "{'Descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
                "{'desc\\162': '<f4', 'fortran\\x5forder': False, 'shape': (3,)}", "{**" + good + "}", good.replace(":", " :\n"),
                good.replace("'", '"'), good.replace(" ", ""), good.replace(",", ",  # note\n"), good.replace("'", "'''")]


def spelled(rng):
    """A header that NumPy accepts, spelled in some odd way."""
    space = lambda: rng.choice(["", "", "", " ", "\n", "\t ", " # note\n", "\\\n"])
    def text(s):
        quote = rng.choice(["'", '"', "'''", '"""'])
        cut = rng.randrange(len(s))
        if rng.random() < 0.2:
            return text(s[:cut] or "") + space() + text(s[cut:]) if 0 < cut else f"'' {quote}{s}{quote}"
        if rng.random() < 0.2:
            s = s[:cut] + "\\x%02x" % ord(s[cut]) + s[cut + 1:]
            return rng.choice(["", "u"]) + quote + s + quote
        return rng.choice(["", "", "u", "r", "U", "R"]) + quote + s + quote
    def number(n):
        form = rng.choice([str, str, str, hex, oct, bin, lambda v: f"+{v}", lambda v: f"{v:_}", lambda v: f"({v})", lambda v: f"{v}L"])
        return form(n)
    shape = [rng.choice([0, 1, 2, 3, 10, 1000, 123456]) for _ in range(rng.randint(1, 4))]
    code = rng.choice(list(DTYPES.values()) + ["float32", "int", "d", "longlong", "half", "bool", "complex"])
    items = [
        (text("descr"), text(rng.choice("<>=|") + code if len(code) < 4 else code)),
        (text("fortran_order"), rng.choice(["True", "False", "(False)"])),
        (text("shape"), "(" + "".join(space() + number(n) + space() + "," for n in shape) + space() + ")"),
    ]
    if rng.random() < 0.2:
        items.append(rng.choice(items))
    rng.shuffle(items)
    return "{" + ",".join(space() + k + space() + ":" + space() + v + space() for k, v in items) + rng.choice(["", ","]) + "}" + \
        rng.choice(["", "\n", "   \n"])


def broken(rng, text):
    """The same with a few characters changed."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text))
        new = rng.choice(["", rng.choice("{}()[],:'\"\\# \n0123456789abfLNTrux<>-+_.\x00\xe9")])
        text = text[:at] + new + text[at + rng.randint(0, 1):]
    return text


def write_headers():
    rng = random.Random(7)
    cases = [whole(text) for text in by_hand()]
    good = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
    longs = good.replace("3", "3L")
    cases += [whole(text, version) for version in (2, 3) for text in (good, longs, "\n" + good, good + "# \xe9", good + "\xe9")]
    cases += [b"", b"\x93", b"\x93NUMPY", b"\x93NUMPY\1", b"\x93NUMPY\1\0", b"\x93NUMPY\1\0\5", b"\x94NUMPY\1\0\0\0"]
    cases += [b"\x93NUMPY" + bytes(v) + whole(good)[8:] for v in ((0, 0), (1, 1), (2, 1), (4, 0), (255, 255))]
    cases += [whole(good)[:-1], whole(good, 2)[:-5], whole(good)[:40]]
    for _ in range(150):
        text = spelled(rng)
        cases += [whole(text, rng.randint(1, 3)), whole(broken(rng, text), rng.randint(1, 3)), whole(broken(rng, good))]
    lines = dict.fromkeys(f"{case.hex() or '-'} {verdict(case)}" for case in cases)
    (OUT / "headers.txt").write_text("\n".join(lines) + "\n")


def write_ten_lines():
    """Images of a bar whose height is the label: a small network learns them in a few steps."""
    out = OUT.parent / "ten_lines"
    out.mkdir(exist_ok=True)
    labels = np.random.default_rng(0).integers(0, 10, 64)
    images = np.zeros((64, 28, 28), np.uint8)
    for image, label in zip(images, labels):
        image[2 * label:2 * label + 6, 4:24] = 200
    np.save(out / "images.npy", images)
    np.save(out / "labels.npy", labels)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    write_ten_lines()
    write_arrays()
    write_headers()
