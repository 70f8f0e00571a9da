"""What lags: the figures below the time progress, those furthest behind first."""

from consolidator.figures.values import Figure, Figures
from consolidator.forms.quarterly.derive import Progress


def furthest_behind(figures: Figures) -> tuple[tuple[int, Figure], ...]:
    """Return the figures that lag with their places among all, those furthest behind first."""
    behind = [
        (place, one) for place, one in enumerate(figures.rows) if one.progress is Progress.LAGGING
    ]
    return tuple(sorted(behind, key=lambda found: (found[1].achievement or 0.0, found[0])))
