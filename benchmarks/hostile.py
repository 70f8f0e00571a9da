"""Make a returns folder under fire: a good return of each unit among hostile and foreign files.

    python benchmarks/hostile.py FOLDER FILES

writes ``FOLDER/returns/2017-Q4``. The hostile files are those of the tests, over and over.
"""

import sys
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from synthetic import PERIOD, answers  # noqa: E402

from consolidator.excel.writer import to_bytes  # noqa: E402
from consolidator.forms.quarterly.assignment import Assignment  # noqa: E402
from consolidator.forms.quarterly.book import file_name, quarterly_book  # noqa: E402
from consolidator.plan.check import load_plan  # noqa: E402
from consolidator.plan.period import Period  # noqa: E402
from hostile_files import FILES  # noqa: E402


def main() -> None:
    """Write the folder."""
    folder, count = Path(sys.argv[1]) / "returns" / PERIOD, int(sys.argv[2])
    plan, period = load_plan("2017"), Period.parse(PERIOD)
    folder.mkdir(parents=True)
    for unit in plan.units:
        blank = Assignment(plan, unit, period)
        filled = Assignment(plan, unit, period, answers=answers(blank))
        (folder / file_name(filled)).write_bytes(to_bytes(quarterly_book(filled)))
    for number, hazard in enumerate(islice(cycle(FILES), count)):
        path = folder / f"{number:03d}" / hazard.name
        path.parent.mkdir()
        path.write_bytes(hazard.make())


if __name__ == "__main__":
    main()
