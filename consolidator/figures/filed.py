"""What the register counts for each figure, with the cells it counts."""

from collections.abc import Mapping, Sequence

from consolidator.checks.register import Filing
from consolidator.figures.adjustments import FigureKey
from consolidator.figures.values import Filed


def filed_figures(
    counted: Mapping[FigureKey, Sequence[Filing]], file: str
) -> dict[FigureKey, Filed]:
    """Return the register's count of each figure.

    Args:
        counted: the filings of each figure, as the checks give them.
        file: how the register is called.
    """
    return {key: _filed(filings, file) for key, filings in counted.items()}


def _filed(filings: Sequence[Filing], file: str) -> Filed:
    places = [one.row.source("filing") for one in filings]
    sheets = list(dict.fromkeys(place.sheet for place in places))
    if len(sheets) == 1:
        cells = [place.cell for place in places]
    else:
        cells = [f"{place.sheet}!{place.cell}" for place in places]
    return Filed(len(filings), file, "、".join(sheets), "、".join(cells))
