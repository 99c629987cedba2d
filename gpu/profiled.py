"""Reads the raw page of an Nsight Compute report as CSV and prints a table of its kernels, the slowest first.

profiled.py REPORT.csv

One line a kernel and grid: launches, microseconds of all of them, and means of the others: the share of cycles in which a scheduler
issued an instruction, warps on a multiprocessor as a share of the most, shares of the peaks of memory and of L2, L2's hits, and what
warps waited for most, in warps waiting an issued instruction. A column that the report has not got is '-'.
"""

import csv
import re
import sys

# The first name that the report has; they differ between releases.
COLUMNS = {
    "issue %": [r"smsp__issue_active\.avg\.pct.*", r"smsp__issue_active\.avg\.per_cycle_active", r"sm__inst_issued\.avg\.pct.*"],
    "warps %": [r"sm__warps_active\.avg\.pct_of_peak_sustained_active"],
    "memory %": [r"(gpu__)?dram__?throughput\.avg\.pct_of_peak_sustained_elapsed"],
    "L2 %": [r"lts__t(_sectors|hroughput)\.avg\.pct_of_peak_sustained_elapsed", r"lts__throughput.*pct.*"],
    "L2 hits %": [r"lts__t_sector_hit_rate\.pct"],
}
STALL = re.compile(r"smsp__average_warps?_(?:latency_)?issue_stalled_(\w+?)_per_issue_active\.ratio")
MICROSECONDS = {"ns": 1e-3, "nsecond": 1e-3, "us": 1, "usecond": 1, "ms": 1e3, "msecond": 1e3, "s": 1e6, "second": 1e6}


def number(text):
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def read(lines):
    """Rows of the report by column, behind whatever else was printed; and the columns' units."""
    lines = list(lines)
    starts = [i for i, line in enumerate(lines) if line.startswith('"ID"')]
    if not starts:
        sys.exit("profiled.py: the report has no line that begins with \"ID\": was anything profiled?")
    rows = list(csv.reader(lines[starts[0]:]))
    header, units = rows[0], dict(zip(rows[0], rows[1]))
    return [dict(zip(header, row)) for row in rows[2:] if len(row) == len(header)], units


def find(header, patterns):
    for pattern in patterns:
        for name in header:
            if re.fullmatch(pattern, name):
                return name
    return None


def mean(rows, column, scale=1):
    values = [value for value in (number(row[column]) for row in rows) if value is not None] if column else []
    return f"{scale * sum(values) / len(values):.1f}" if values else "-"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rows, units = read(file)
    if not rows:
        sys.exit("profiled.py: the report has no kernels")
    header = list(rows[0])
    columns = {title: find(header, patterns) for title, patterns in COLUMNS.items()}
    stalls = {column: match[1] for column in header if (match := STALL.fullmatch(column)) and match[1] != "selected"}
    time = find(header, [r"gpu__time_duration\.sum"])
    scale = MICROSECONDS.get(units.get(time, ""), 1)
    groups = {}
    for row in rows:
        groups.setdefault((row["Kernel Name"], row.get("Grid Size", "")), []).append(row)

    def microseconds(group):
        return sum(scale * (number(row[time]) or 0) for row in group) if time else 0

    print("| kernel | grid | launches | us | " + " | ".join(columns) + " | waits for |")
    print("|---|---|---|---|" + "---|" * len(columns) + "---|")
    for (kernel, grid), group in sorted(groups.items(), key=lambda item: -microseconds(item[1])):
        waits = sorted(((float(mean(group, column)), stall) for column, stall in stalls.items() if mean(group, column) != "-"), reverse=True)
        cells = [mean(group, column, 100 if column and column.endswith("per_cycle_active") else 1) for column in columns.values()]
        named = ", ".join(f"{stall} {warps}" for warps, stall in waits[:3]) or "-"
        print(f"| {kernel.split('(')[0]} | {grid} | {len(group)} | {microseconds(group):.1f} | {' | '.join(cells)} | {named} |")


if __name__ == "__main__":
    main()
