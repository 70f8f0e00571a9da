"""Issue the templates of a period: all of them or none, and never over one that went out."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.files import aside_of, cannot_write, discard, keep, sha256, write_all
from consolidator.forms.quarterly.assignment import Assignment, Previous, previous_of
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.issue.issue_list import FILE_NAME, Issued, issue_list_book, read_issue_list
from consolidator.plan.check import hold_period
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period
from consolidator.signing import SigningKey

# Without characters that are mistaken for one another when read from paper.
_PASSWORD_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_PASSWORD_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one unit's template: ``new``, ``same`` or ``replaced``."""

    unit: Unit
    path: Path
    state: str
    digest: str


def make_password() -> str:
    """Return a random password that can be read out over the telephone."""
    return "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(_PASSWORD_LENGTH))


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
        units: codes of the units; empty for all.
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
    recorded = read_issue_list(folder / FILE_NAME)
    common = password or next((one.password for one in recorded.values()), "") or make_password()
    contents: dict[Path, bytes | Path] = {}
    outcomes: list[Outcome] = []
    listed = dict(recorded)
    try:
        for unit in chosen:
            figures = previous_of(unit.code, previous)
            asked = plan.of(unit.code)
            assignment = Assignment(asked, unit, period, figures, signing_key=secret_key)
            secret = password or (recorded[unit.code].password if unit.code in recorded else common)
            content = to_bytes(quarterly_book(assignment, password=secret))
            path = folder / file_name(assignment)
            outcome = Outcome(unit, path, _state(path, content), sha256(content))
            outcomes.append(outcome)
            if outcome.state != "same":
                contents[path] = _set_aside(path, content)
                listed[unit.code] = Issued(
                    unit.code, path.name, f"{now:%Y-%m-%d %H:%M:%S}", secret, outcome.digest
                )
            step()
        _hold_issued(outcomes, replace=replace)
        if contents:
            old = [one.path for one in outcomes if one.state == "replaced"]
            known = {code: one for code, one in listed.items() if plan.named(code)}
            book = issue_list_book(plan, period, known, made=now)
            # The list first: a template without its password would be worse than the reverse.
            for path in (*old, folder / FILE_NAME):
                if path.exists():
                    keep(path, stamp=now)
            new_key = key.new_file if key else {}
            write_all({**new_key, folder / FILE_NAME: to_bytes(book), **contents})
    finally:
        discard(one for one in contents.values() if isinstance(one, Path))
    return outcomes


def _chosen(plan: Plan, period: Period, units: Sequence[str], *, district: bool) -> list[Unit]:
    hold_period(plan, period)
    if district:
        if plan.district_plan is None:
            raise OperatorError(
                "附件1 没有需要区级填报的目标：请在目标任务的附件1 中补上，或去掉 --district。"
            )
        return list(plan.district_plan.units)
    if unknown := [code for code in units if code not in plan.unit_by_code]:
        known = "、".join(plan.unit_by_code)
        raise OperatorError(f"不认识的单位代码“{'、'.join(unknown)}”：可用的有 {known}。")
    return [unit for unit in plan.units if not units or unit.code in units]


def _state(path: Path, content: bytes) -> str:
    try:
        return "same" if path.read_bytes() == content else "replaced"
    except FileNotFoundError:
        return "new"
    except OSError as error:
        raise cannot_write(path, error) from error


def _set_aside(path: Path, content: bytes) -> Path:
    """Write a template aside, so that only one at a time is held in memory."""
    aside = aside_of(path)
    write_all({aside: content})
    return aside


def _hold_issued(outcomes: list[Outcome], *, replace: bool) -> None:
    changed = [one for one in outcomes if one.state == "replaced"]
    if changed and not replace:
        names = "、".join(one.path.name for one in changed[:3])
        more = f"等 {len(changed)} 个" if len(changed) > 3 else ""
        raise OperatorError(
            f"{names}{more}已按别的内容发放过，没有改动："
            "确要换发请加 --replace，旧表会存入 history。"
        )
