"""Take a round as it stands now, for commands that write no district workbook."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consolidator.commands.options import brief_of, history_of, sealing_of
from consolidator.console import progress
from consolidator.errors import OperatorError

if TYPE_CHECKING:
    from consolidator.report.round import Round

_LOCKED = ("file_encrypted", "password_wrong")


def locked_notice(taken: "Round") -> Iterator[str]:
    """Yield that files with an opening password count for nothing, where there are any."""
    if locked := sum(one.code in _LOCKED for one in taken.settled.files):
        yield f"有 {locked} 个文件设有打开密码，没有算作已报：知道密码的请加 --password-file"


def take(
    plan: Any, period: Any, place: Any, *, register: Path | None, password_file: Path | None
) -> tuple[Any, dict[str, tuple[Path, bytes]]]:
    """Return what came back, settled, and the correction workbooks that belong to it.

    The workbooks are those that a consolidation with the same options would write now, by unit
    code: what lies on the disk may be of an earlier state.
    """
    from consolidator.report.corrections import correction_files
    from consolidator.report.round import take_round

    parts = (place.templates(period), place.returns(period), place.output(period))
    if not any(one.exists() for one in parts):
        raise OperatorError(
            f"“{place.root.resolve()}”里没有 {period.code} 的模板，也没有收回的文件："
            "请核对当前文件夹、--workspace 和报告期；还没有下发的，先运行 issue。"
        )
    history = history_of(plan, period, place)
    before = history.before(period)
    previous = before.actuals if before else {}
    folder = place.returns(period)
    with progress("读取填报表") as begin:
        taken = take_round(
            brief_of(plan, period, place, password_file),
            [folder] if folder.exists() else [],
            place.output(period),
            previous=previous,
            history=history,
            register=register,
            begin=begin,
        )
    written = correction_files(
        taken.settled,
        place.output(period),
        previous=previous,
        sealing=sealing_of(period, place),
        notice=place.notice(),
    )
    return taken, written
