"""What one would write in an afternoon: read the figures with pandas, write one sheet.

    python benchmarks/baseline.py RETURNS WORKBOOK

It checks nothing, traces nothing, and trusts every file. It stands here only to be measured
against, and prints what it read so that both can be held to be the same.
"""

import json
import sys
from pathlib import Path

import pandas as pd

_COLUMN_NAMES = 1  # the hidden row that names the columns


def read_figures(path: Path) -> "pd.Series[float]":
    """Return this period's figures of one return, by the key of their row."""
    frame = pd.read_excel(path, engine="openpyxl", sheet_name="填报表", header=None)
    names = frame.iloc[_COLUMN_NAMES].tolist()
    column = frame.iloc[:, names.index("actual")]
    column.index = pd.Index(frame.iloc[:, names.index("key")])
    below = pd.to_numeric(column.iloc[_COLUMN_NAMES + 1 :], errors="coerce")
    return below[below.index.notna()].dropna()


def main() -> None:
    """Read every return of a folder and write what they say to one sheet."""
    returns, workbook = Path(sys.argv[1]), Path(sys.argv[2])
    figures = {path.stem: read_figures(path) for path in sorted(returns.glob("*.xlsx"))}
    table = pd.DataFrame(figures).T
    table.to_excel(workbook, sheet_name="汇总")
    read = {
        "returns": len(table),
        "figures": int(table.count().sum()),
        "total": float(table.sum().sum()),
    }
    print(json.dumps(read))


if __name__ == "__main__":
    main()
