"""Issue the templates of a period: all of them or none, and never over one that went out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.forms.layout import Book
from consolidator.forms.quarterly.assignment import Assignment, Previous, previous_of
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.issue.issue_list import FILE_NAME, Issued, issue_list_book, read_issue_list
from consolidator.issue.putting_out import Piece, put_out
from consolidator.plan.check import find_unit, hold_period
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period
from consolidator.signing import SigningKey


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one unit's template: ``new``, ``same`` or ``replaced``."""

    unit: Unit
    path: Path
    state: str
    digest: str


def issue(
    plan: Plan,
    period: Period,
    folder: Path,
    *,
    now: datetime,
    units: Sequence[str] = (),
    district: bool = False,
    password: str = "",
    key: SigningKey | None = None,
    previous: Previous | None = None,
    replace: bool = False,
    step: Callable[[], object] = lambda: None,
) -> list[Outcome]:
    """Write the templates of ``units`` (all, if none is named) and the issue list.

    Args:
        plan: what is asked.
        period: the period, of the plan's year.
        folder: where the templates go.
        now: the time recorded in the issue list.
        units: codes or names of the units; empty for all.
        district: whether the district's own form (annex 1) is issued, instead of the units'.
        password: locks sheets and structure; empty for the one in the issue list, or a new one.
        key: signs the stamps; a new one is kept in its file together with the templates.
        previous: the period before's figures, by unit and indicator code.
        replace: whether a template issued with other content may be replaced; it is kept in
            the folder's history.
        step: called after each template, for a progress bar.

    Raises:
        OperatorError: an unknown unit, another year's period, a template that went out with
            other content, or a folder that cannot be written. Nothing is changed then.
    """
    chosen = _chosen(plan, period, units, district=district)
    secret_key = key.secret if key else b""

    def piece(unit: Unit) -> Piece:
        figures = previous_of(unit.code, previous)
        asked = plan.of(unit.code)
        assignment = Assignment(asked, unit, period, figures, signing_key=secret_key)
        return Piece(
            unit.code,
            file_name(assignment),
            lambda secret: quarterly_book(assignment, password=secret),
        )

    def list_book(issued: Mapping[str, Issued]) -> Book:
        return issue_list_book(plan, period, issued, made=now)

    outcomes = put_out(
        [piece(unit) for unit in chosen],
        folder,
        read_issue_list(folder / FILE_NAME),
        list_book,
        now=now,
        password=password,
        key=key,
        replace=replace,
        step=step,
    )
    return [Outcome(plan.unit(one.code), one.path, one.state, one.digest) for one in outcomes]


def _chosen(plan: Plan, period: Period, units: Sequence[str], *, district: bool) -> list[Unit]:
    hold_period(plan, period)
    if district:
        if plan.district_plan is None:
            raise OperatorError(
                "附件1 没有需要区级填报的目标：请在目标任务的附件1 中补上，或去掉 --district。"
            )
        return list(plan.district_plan.units)
    chosen = sorted({find_unit(plan, unit) for unit in units})
    return [plan.units[place] for place in chosen] if units else list(plan.units)
