#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws what the benchmarks of cold data have printed, as bars:

    for each in random blocks sequential; do build/benchmarks/benchmark_cold_$each; done > cold.txt
    benchmarks/plot_cold.py cold.txt > cold.svg

Each table becomes a group of bars, GB/s (or rows/s with --column=rows/s) as it stands in the table; the first of a group
is the limit. Needs nothing but Python 3.
"""

import html
import re
import sys

COLOURS = ["#8c8c8c", "#d9a441", "#c4622d", "#7aa6c2", "#4a7fa5", "#1f5a7a"]
LABEL, BARS, BAR, GAP = 240, 420, 18, 34


def tables(text, column):
    """Yields (title, [(name, value)]) for each table that has the column."""
    title, columns, rows = None, None, []
    for line in text.splitlines() + [""]:
        cells = re.split(r"\s{2,}", line.strip())
        if line and not line.startswith(" "):
            if columns and rows:
                yield title, rows
            title, columns, rows = line.strip(), None, []
        elif column in cells and title:
            columns = cells
        elif columns and len(cells) == len(columns) + 1:
            rows.append((cells[0], float(cells[1 + columns.index(column)])))
    if columns and rows:
        yield title, rows


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def text(x, y, words, **attributes):
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x}" y="{y:.1f}"{extra}>{html.escape(words)}</text>'


def draw(groups, column):
    lines, y = [], 10
    for title, rows in groups:
        y += GAP
        most = max(value for _, value in rows) or 1
        lines.append(text(10, y - 8, f"{title}, {column}", font_weight="bold"))
        for i, (name, value) in enumerate(rows):
            colour = COLOURS[-1] if name == "wick" or name.startswith("wick, Block") else COLOURS[min(i, 4)]
            width = max(1, value / most * BARS)
            middle = y + BAR / 2 + 4
            lines.append(text(LABEL - 8, middle, name, text_anchor="end"))
            lines.append(f'<rect x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR - 4}" fill="{colour}"/>')
            lines.append(text(round(LABEL + width + 6, 1), middle, number(value)))
            y += BAR
    size = f'width="{LABEL + BARS + 90}" height="{y + 16}"'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#222">',
         '<rect width="100%" height="100%" fill="#fff"/>', *lines, "</svg>", ""])


def main(arguments):
    column = "GB/s"
    files = []
    for argument in arguments:
        if argument.startswith("--column="):
            column = argument.partition("=")[2]
        else:
            files.append(argument)
    printed = "".join(open(name, encoding="utf-8").read() for name in files) if files else sys.stdin.read()
    groups = list(tables(printed, column))
    if not groups:
        sys.exit(f"plot_cold.py: no table with a column {column}")
    sys.stdout.write(draw(groups, column))


main(sys.argv[1:])
