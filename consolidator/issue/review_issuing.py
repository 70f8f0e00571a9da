"""Issue the forms of a review: one a reviewer, with the list of who the reviewers are."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.files import is_safe_name
from consolidator.forms.layout import Book
from consolidator.forms.review.assignment import ReviewAssignment, Reviewer
from consolidator.forms.review.book import file_name, review_book
from consolidator.issue.issue_list import FILE_NAME, Issued
from consolidator.issue.putting_out import Piece, put_out
from consolidator.issue.review_list import ReviewIssued, read_review_list, review_list_book
from consolidator.plan.check import hold_period
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.signing import SigningKey

MOST = 999
"""Reviewers that codes of three digits tell apart."""
_MOST_ITEMS = 50
"""Items whose formulas Excel takes: those over all of a row have at most 8,192 characters."""
_LONGEST = 30
"""Characters of a name: it stands in file names and narrow columns."""
_CODE = "reviewer"
_CODED = re.compile(rf"{_CODE}(\d+)", re.ASCII)
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
"""Categories of characters that nobody sees in a name."""
Named = tuple[str, str]
"""A reviewer's name, and the code of the own unit (empty for none)."""


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """What became of one reviewer's form: ``new``, ``same`` or ``replaced``."""

    reviewer: Reviewer
    path: Path
    state: str
    digest: str


def numbered(count: int) -> list[Named]:
    """Return so many reviewers that go by number, such as 评委01.

    Raises:
        OperatorError: there are none, or too many.
    """
    if not 1 <= count <= MOST:
        raise OperatorError(f"评委人数 {count} 不能用：请写 1 至 {MOST} 之间的整数。")
    width = max(2, len(str(count)))
    return [(f"评委{number:0{width}d}", "") for number in range(1, count + 1)]


def hold_annual(plan: Plan, period: Period) -> None:
    """Hold that a review of ``period`` can be: of the plan's year, with something to mark.

    Raises:
        OperatorError: it can not.
    """
    if period.quarter is not None:
        raise OperatorError(f"评议一年一次：报告期请写年份，例如 {period.year}。")
    hold_period(plan, period)
    if not plan.review_items:
        raise OperatorError(
            f"{plan.name} 年度目标任务里没有评议内容（附件3）：请先在目标任务中填写。"
        )
    if len(plan.review_items) > _MOST_ITEMS:
        raise OperatorError(
            f"{plan.name} 年度目标任务有 {len(plan.review_items)} 项评议内容："
            f"一份评议表最多 {_MOST_ITEMS} 项，请在目标任务中合并。"
        )


def issue_reviews(
    plan: Plan,
    period: Period,
    named: Sequence[Named],
    folder: Path,
    *,
    now: datetime,
    password: str = "",
    key: SigningKey | None = None,
    replace: bool = False,
    step: Callable[[], object] = lambda: None,
) -> list[ReviewOutcome]:
    """Write a form for everyone ``named``, and the issue list.

    A reviewer who was issued a form before keeps the code. ``named`` is everyone: who stands on
    the list and is not named is taken off it only where ``replace`` says so, and the form is
    moved to the history.

    Raises:
        OperatorError: a name that cannot be used, a form that went out with other content,
            someone who would be taken off the list, or a folder that cannot be written.
            Nothing is changed then.
    """
    hold_annual(plan, period)
    _hold_names([name for name, _ in named])
    recorded = read_review_list(folder / FILE_NAME)
    reviewers = _coded(named, recorded)
    codes = {one.code for one in reviewers}
    gone = [one for code, one in recorded.items() if code not in codes]
    if gone and not replace:
        names = "、".join(one.reviewer.name for one in gone[:5])
        raise OperatorError(
            f"发放清单里的评委 {names} 不在这次的名单里，没有改动：增发请把名单写全；"
            "确要撤下请加 --replace，旧表会存入 history。"
        )
    secret_key = key.secret if key else b""

    def piece(reviewer: Reviewer) -> Piece:
        assignment = ReviewAssignment(plan, period, reviewer, signing_key=secret_key)
        return Piece(
            reviewer.code,
            file_name(assignment),
            lambda secret: review_book(assignment, password=secret),
        )

    def list_book(issued: Mapping[str, Issued]) -> Book:
        return review_list_book(plan, period, reviewers, issued, made=now)

    outcomes = put_out(
        [piece(one) for one in reviewers],
        folder,
        {code: one.issued for code, one in recorded.items()},
        list_book,
        now=now,
        password=password,
        key=key,
        replace=replace,
        withdrawn=[folder / one.issued.file for one in gone],
        step=step,
    )
    by_code = {one.code: one for one in reviewers}
    return [ReviewOutcome(by_code[one.code], one.path, one.state, one.digest) for one in outcomes]


def _coded(named: Sequence[Named], recorded: Mapping[str, ReviewIssued]) -> list[Reviewer]:
    """Give each name its code: the one it has, else the next that nobody had."""
    known = {one.reviewer.name: code for code, one in recorded.items()}
    numbers = [int(match[1]) for code in recorded if (match := _CODED.fullmatch(code))]
    following = max(numbers, default=0)
    reviewers = []
    for name, unit in named:
        code = known.get(name, "")
        if not code:
            following += 1
            code = f"{_CODE}{following:02d}"
        reviewers.append(Reviewer(code, name, unit))
    return reviewers


def _hold_names(names: Sequence[str]) -> None:
    """Hold that every name can stand in a file's name, and that no two are alike there.

    Raises:
        OperatorError: one cannot.
    """
    if not names:
        raise OperatorError("名单里没有评委：请每行写一位评委的姓名或编号。")
    if len(names) > MOST:
        raise OperatorError(f"名单里有 {len(names)} 位评委：最多 {MOST} 位。")
    seen: dict[str, str] = {}
    for name in names:
        unseen = any(unicodedata.category(char) in _UNSEEN for char in name)
        if unseen or not is_safe_name(name) or len(name) > _LONGEST:
            raise OperatorError(
                f"评委“{name}”不能用作文件名：请改名，不超过 {_LONGEST} 字，"
                '不含 \\ / : * ? " < > | 和看不见的字符。'
            )
        # Windows and macOS take names for one that differ in case or width only.
        alike = unicodedata.normalize("NFKC", name).casefold()
        if alike in seen:
            raise OperatorError(
                f"评委“{name}”与“{seen[alike]}”重名：请在名单中加以区分，例如加上编号。"
            )
        seen[alike] = name
