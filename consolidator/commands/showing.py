"""What the terminal shows of a consolidation."""

from typing import TYPE_CHECKING, Any

import click

from consolidator.console import show_table

if TYPE_CHECKING:
    from consolidator.report.consolidate import Consolidated


_SLIPS = {
    "scale_target", "scale_previous", "ratio_scale", "target_copied", "nothing_new",
    "sender_unknown", "stranger_passed", "last_mail_unused", "file_changed",
}  # fmt: skip
"""Codes of figures that count and may yet be slips: the operator is told at once."""
_SHOWN = 20
"""Files sent back or set aside that are listed in the terminal."""


def show_result(result: "Consolidated") -> None:
    """Show units, files and what staff must know of a consolidation."""
    settled = result.settled
    from consolidator.severity import Severity

    rows = [
        (one.unit.name, one.status.chinese, one.file,
         *(settled.count(one.unit.code, severity) for severity in Severity))
        for one in settled.units
    ]  # fmt: skip
    columns = [("单位", "left"), ("状态", "left"), ("采用文件", "left")]
    show_table([*columns, ("错误", "right"), ("警告", "right"), ("提示", "right")], rows)
    units = "，".join(f"{one.chinese} {number}" for one, number in settled.unit_totals.items())
    files = "，".join(f"{one.chinese} {number}" for one, number in settled.file_totals.items())
    click.echo(f"共 {len(settled.units)} 个单位：{units}。")
    click.echo(f"共 {len(settled.files)} 个文件：{files}。")
    if settled.district and settled.district.file:
        own = settled.district
        click.echo(f"区级填报表（附件1）：{own.status.chinese}，{own.file}。")
    if not settled.files:
        click.echo("注意：收回文件夹里没有文件，请确认文件夹对不对。")
    refused = sum(one.code == "adjustment_incomplete" for one in settled.findings)
    adopted = sum(one.code == "adjusted" for one in settled.findings)
    if adopted or refused:
        unused = f"；{refused} 项没有采用，原因见“问题清单”" if refused else ""
        click.echo(f"沿用汇总表中的手工调整 {adopted} 项{unused}。")
    for problem in settled.findings:
        if problem.code == "parameter_refused":
            click.echo(f"注意：{problem.message}。")
    _show_register(result)
    _show_decisions(settled)
    wrong = sum(one.code == "wrong_period" for one in settled.files)
    if wrong * 2 > len(settled.files):
        asked = settled.period.code
        click.echo(f"注意：{wrong} 个文件不是 {asked} 的填报表，请确认报告期有没有写错。")
    aside = [one for one in settled.files if one.status in ("rejected", "ignored")]
    for one in aside[:_SHOWN]:
        why = (one.file, one.code)
        reason = next(f.message for f in settled.findings if (f.file, f.code) == why)
        click.echo(f"  {one.status.chinese}：{one.file}（{reason}）")
    if len(aside) > _SHOWN:
        click.echo(f"  其余 {len(aside) - _SHOWN} 个退回或略过的文件见汇总表的“收到文件”。")


def _show_register(result: "Consolidated") -> None:
    """Say which register was used, and what became of its rows."""
    if result.register_dropped:
        click.echo(
            "注意：上次汇总使用了备案信息，这次没有，产学研活动和协议改按单位填报数计；"
            "要用请加 --register。"
        )
    if result.register is None:
        return
    from consolidator.checks.register import Outcome

    totals = result.register.totals
    ends = [f"{one} {totals[one]}" for one in Outcome if totals[one] or one is Outcome.COUNTED]
    click.echo(
        f"备案信息：使用“{result.register_path}”，共 {len(result.register.filings)} 行："
        f"{'；'.join(ends)}。"
    )
    wrong = [
        one for one in result.settled.findings
        if one.code.startswith("register_") and one.severity == "error"
    ]  # fmt: skip
    for one in wrong[:_SHOWN]:
        where = " ".join(part for part in (one.sheet, one.cell) if part) or "整份备案信息"
        click.echo(f"  错误  {where}：{one.message}。")
    if len(wrong) > _SHOWN:
        click.echo(f"  其余 {len(wrong) - _SHOWN} 项见“问题清单”。")
    differ = sum(one.code == "filed_count_differs" for one in result.settled.findings)
    if differ:
        click.echo(f"  {differ} 项填报数与备案信息不同，按备案信息计，见“问题清单”。")


def _show_decisions(settled: Any) -> None:
    """Say what came of staff's decisions, and which figures look like slips."""
    waived = sum(bool(one.waived) for one in settled.findings)
    excluded = sum(one.code == "file_excluded" for one in settled.files)
    refused = sum(one.code == "decision_incomplete" for one in settled.findings)
    if waived or excluded or refused:
        unused = f"；{refused} 条没有采用，原因见“问题清单”" if refused else ""
        click.echo(f"处理意见：豁免 {waived} 项，排除 {excluded} 个文件{unused}。")
    doubtful = [one for one in settled.findings if one.code in _SLIPS and not one.waived]
    for one in doubtful[:_SHOWN]:
        unit = settled.plan.unit(one.unit).short
        click.echo(f"请核对：{unit}，{one.message}。")
