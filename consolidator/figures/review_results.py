"""The merged marks of the review (annex 3), and where each stands."""

from collections.abc import Mapping
from dataclasses import dataclass

ItemKey = tuple[str, int]
"""Unit code and the number of a review item."""


@dataclass(frozen=True, slots=True)
class ReviewResults:
    """What the reviewers' marks come to: a mean for each unit and item that has any."""

    file: str
    """The workbook they were read from."""
    sheet: str
    marks: Mapping[ItemKey, float]
    cells: Mapping[ItemKey, str]
    """The address of each mean in that workbook."""
    counted: Mapping[ItemKey, int]
    """How many marks each mean is of."""
    reviewers: int
    returned: int
