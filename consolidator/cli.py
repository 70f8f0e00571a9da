"""The command line: parse, call, print. Whatever goes wrong ends in one Chinese sentence."""

import gc
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidator import __version__
from consolidator.console import ChineseGroup, progress, show_table, usage_sentence
from consolidator.errors import OperatorError

# Everything else is imported where it is used: `--help` must answer at once.
if TYPE_CHECKING:
    from consolidator.checks.findings import Finding
    from consolidator.report.consolidate import Consolidated

PASSWORD_VARIABLE = "CONSOLIDATOR_PASSWORD"
_WELL, _ATTENTION, _MISTAKE, _FAILURE = 0, 1, 2, 3
_SLIPS = {"scale_target", "scale_previous", "ratio_scale", "target_copied", "nothing_new"}
"""Codes of figures that count and may yet be slips: the operator is told at once."""
_PATH = click.Path(path_type=Path, readable=False)
"""Whether it can be read is told in Chinese where it is read."""
_SHOWN = 20
"""Files sent back or set aside that are listed in the terminal."""
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_plan: Decorator = click.option(
    "--plan", "plan_name", default="2017", show_default=True, metavar="年度|文件夹",
    help="目标任务：自带的年度，或含 plan.toml 的文件夹。",
)  # fmt: skip
_workspace: Decorator = click.option(
    "--workspace", default=".", type=_PATH, metavar="文件夹",
    help="工作文件夹，其下有 templates、returns、output；默认为当前文件夹。",
)  # fmt: skip
_period: Decorator = click.option(
    "--period", "period_code", required=True, metavar="报告期",
    help="报告期：季度写作 2017-Q4，全年写作 2017。",
)  # fmt: skip
_passwords: Decorator = click.option(
    "--password-file", type=_PATH, metavar="文件",
    help="文本文件，每行一个打开密码，用来打开设了密码的填报表。",
)  # fmt: skip
_json: Decorator = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果。")


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        return int(cli.main(arguments, prog_name="consolidator", standalone_mode=False) or _WELL)
    except click.UsageError as error:
        return _say(usage_sentence(error))
    except OperatorError as error:
        return _say(str(error))
    except click.Abort:
        return _say("已中断。")
    except KeyboardInterrupt:
        return _say("已中断；没有写完的文件不会留下。")
    except BrokenPipeError:
        sys.stderr.close()
        return _WELL
    except Exception:
        return _fail()


def _say(sentence: str) -> int:
    click.echo(f"错误：{sentence}", err=True)
    return _MISTAKE


def _fail() -> int:
    """Keep the traceback of a fault of our own in a file, and name the file."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="consolidator-", suffix=".log", delete=False
    ) as log:
        traceback.print_exc(file=log)
    click.echo(f"错误：程序内部出错，没有改动已有文件；请把“{log.name}”发给维护人员。", err=True)
    return _FAILURE


@click.group(cls=ChineseGroup, help="下发填报表、检查收回的填报表、生成全区汇总表。")
@click.version_option(
    __version__, "--version", message="consolidator %(version)s", help="显示版本。"
)
def cli() -> None:
    """Hold the commands together."""


@cli.command(help="演示：在新文件夹里用虚构数据走完全部流程。")
@click.argument("folder", required=False, type=_PATH, metavar="[文件夹]")
def demo(folder: Path | None) -> int:
    """Play the whole journey."""
    from consolidator.demo import new_folder, run_demo
    from consolidator.forms.layout import display_width
    from consolidator.plan.check import load_plan
    from consolidator.plan.period import Period

    where = new_folder(folder)
    journey = run_demo(load_plan("2017"), Period.parse("2017-Q4"), where, now=_now())
    click.echo(f"演示数据均为虚构。已下发 {len(journey.issued)} 份模板，并汇总了虚构的填报表：")
    _show_result(journey.result)
    period = journey.result.settled.period
    click.echo("\n可以打开看看：")
    to_see = {
        "模板": journey.issued[0].path,
        "收回的": journey.workspace.returns(period),
        "汇总表": journey.result.workbook,
        "处理意见": journey.result.decisions,
    }
    if journey.result.corrections:
        to_see["更正表"] = journey.result.corrections[0]
    for name, path in to_see.items():
        click.echo(f"  {name}{' ' * (10 - display_width(name))}{path.resolve()}")
    return _WELL


@cli.group(cls=ChineseGroup, help="查看和检查年度目标任务。")
def plan() -> None:
    """Hold the commands about the plan together."""


@plan.command("show", help="显示目标任务表。")
@_plan
@_json
def plan_show(plan_name: str, as_json: bool) -> int:
    """Print the plan's table."""
    from consolidator.plan.check import load_plan
    from consolidator.plan.show import plan_json, plan_rows

    loaded = load_plan(plan_name)
    if as_json:
        return _print_json(plan_json(loaded))
    click.echo(loaded.title)
    columns, rows = plan_rows(loaded)
    show_table(
        [(head, "left" if place < 2 else "right") for place, head in enumerate(columns)], rows
    )
    click.echo(f"注：{loaded.note}")
    return _WELL


@plan.command("check", help="检查目标任务，指出每一处错误的位置。")
@_plan
@_json
def plan_check(plan_name: str, as_json: bool) -> int:
    """Name every fault of the plan."""
    from consolidator.plan.check import examine
    from consolidator.plan.tables import find_source, read_tables
    from consolidator.severity import Severity

    _, faults = examine(read_tables(find_source(plan_name)))
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    if as_json:
        found = [
            {"severity": str(one.severity), "place": one.place, "message": one.message}
            for one in faults
        ]
        _print_json({"plan": plan_name, "faults": found})
    else:
        for fault in faults:
            click.echo(f"{fault.severity.chinese}  {fault}")
        verdict = f"有 {errors} 处错误，请改正后再用。" if errors else "没有错误，可以使用。"
        click.echo(f"目标任务“{plan_name}”：{verdict}")
    return _ATTENTION if errors else _WELL


@cli.command(
    help="下发：给每个单位生成一份受保护的填报表。\n\n"
    f"{PASSWORD_VARIABLE}：设了这个环境变量，就用它作保护密码；没有设的自动生成，记在发放清单里。"
)
@_period
@click.option("--unit", "units", multiple=True, metavar="代码", help="只发这个单位，可写多次。")
@click.option(
    "--replace", is_flag=True, help="允许换发已按别的内容发放过的模板（旧表存入 history）。"
)
@_plan
@_workspace
@_json
def issue(
    period_code: str, units: tuple[str, ...], replace: bool, plan_name: str, workspace: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """Issue templates."""
    from consolidator.issue.issue_list import FILE_NAME
    from consolidator.issue.issuing import issue as issue_templates
    from consolidator.plan.check import load_plan
    from consolidator.plan.period import Period
    from consolidator.signing import find_or_draw_key
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(_existing(workspace))
    loaded = load_plan(plan_name)
    folder = place.templates(period)
    with progress("生成填报表") as begin:
        step = begin(len(units) or len(loaded.units))
        outcomes = issue_templates(
            loaded,
            period,
            folder,
            now=_now(),
            units=units,
            password=os.environ.get(PASSWORD_VARIABLE, ""),
            key=find_or_draw_key(place.root),
            previous=_previous(loaded, period, place),
            replace=replace,
            step=step,
        )
    if as_json:
        issued = [
            {"unit": o.unit.code, "file": str(o.path), "state": o.state, "sha256": o.digest}
            for o in outcomes
        ]
        return _print_json(
            {"period": period.code, "plan": loaded.name, "issued": issued,
             "issue_list": str(folder / FILE_NAME)}
        )  # fmt: skip
    words = {"new": "新发", "same": "未变", "replaced": "换发"}
    rows = [(o.unit.name, o.path.name, words[o.state]) for o in outcomes]
    show_table([("单位", "left"), ("文件", "left"), ("情况", "left")], rows)
    click.echo(f"共 {len(outcomes)} 份，在 {folder}；密码和校验值记在“{FILE_NAME}”。")
    return _WELL


@cli.command(help="检查：列出一份或几份填报表的问题，与汇总时的说法一致。")
@click.argument("files", nargs=-1, required=True, type=_PATH, metavar="文件...")
@_passwords
@_plan
@_workspace
@_json
def check(
    files: tuple[Path, ...], password_file: Path | None, plan_name: str, workspace: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """Check single files."""
    from consolidator.checks.run import check_returned
    from consolidator.forms.quarterly.assignment import previous_of
    from consolidator.intake.folder import find_files
    from consolidator.intake.workers import read_all
    from consolidator.plan.check import load_plan
    from consolidator.plan.period import Period
    from consolidator.workspace import Workspace

    loaded, place = load_plan(plan_name), Workspace(_existing(workspace))
    brief = _brief(loaded, None, place, password_file)
    checked = []
    for returned in read_all(find_files(files), brief):
        known: dict[str, float] = {}
        if returned.submission:
            stamped = Period.parse(returned.submission.stamp.period)
            known = previous_of(returned.submission.unit, _previous(loaded, stamped, place))
        findings = check_returned(returned, loaded, known)
        if not (returned.refusal and returned.refusal.code == "archive_opened"):
            checked.append((returned.file, returned.submission, findings))
    ready = all(
        submission and not any(finding.severity == "error" for finding in several)
        for _, submission, several in checked
    )
    if as_json:
        found = [
            {"file": name, "findings": [one.to_json() for one in several]}
            for name, _, several in checked
        ]
        _print_json({"plan": loaded.name, "files": found})
    else:
        for name, submission, several in checked:
            whose = ""
            if submission:
                period = Period.parse(submission.stamp.period).title
                whose = f"（{loaded.unit_by_code[submission.unit].name}，{period}）"
            _show_findings(name, whose, several, readable=submission is not None)
    return _WELL if ready else _ATTENTION


@cli.command(help="汇总：读取收回的填报表，逐格检查，生成全区汇总表。")
@click.argument("paths", nargs=-1, type=_PATH, metavar="[文件夹或文件]...")
@_period
@_passwords
@_plan
@_workspace
@_json
def consolidate(
    paths: tuple[Path, ...], period_code: str, password_file: Path | None, plan_name: str,
    workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Consolidate a period."""
    from consolidator.plan.check import load_plan
    from consolidator.plan.period import Period
    from consolidator.report.consolidate import consolidate as consolidate_returns
    from consolidator.report.consolidate import to_json
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(_existing(workspace))
    loaded = load_plan(plan_name)
    with progress("读取填报表") as begin, _no_collection():
        result = consolidate_returns(
            _brief(loaded, period, place, password_file),
            paths or [place.returns(period)],
            place.output(period),
            now=_now(),
            notice=place.notice(),
            previous=_previous(loaded, period, place),
            sealing=_sealing(period, place),
            begin=begin,
        )
    if as_json:
        _print_json(to_json(result))
    else:
        _show_result(result)
        click.echo(f"\n汇总表：{result.workbook}")
        if result.corrections:
            where = result.corrections[0].parent
            click.echo(f"更正表：{len(result.corrections)} 份，在 {where}，请发给对应的单位。")
        click.echo(f"处理意见：{result.decisions}")
        if result.kept:
            click.echo(f"原汇总表已存为：{result.kept}")
    return _ATTENTION if result.settled.needs_attention else _WELL


@cli.command(
    name="print", help="打印：用 LibreOffice 把汇总表生成 PDF，全套、单张或某个单位的通报。"
)
@_period
@click.option("--sheet", "sheets", multiple=True, metavar="工作表", help="只印这张表，可写多次。")
@click.option(
    "--unit", "units", multiple=True, metavar="单位",
    help="只印这个单位的通报，写名称或代码，可写多次。",
)  # fmt: skip
@click.option("--soffice", type=_PATH, metavar="程序", help="soffice 程序的位置；不写则自动查找。")
@_plan
@_workspace
@_json
def print_(
    period_code: str, sheets: tuple[str, ...], units: tuple[str, ...], soffice: Path | None,
    plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Print the district workbook."""
    from consolidator.plan.check import load_plan
    from consolidator.plan.period import Period
    from consolidator.report.book import file_name
    from consolidator.report.printing import print_set, print_unit
    from consolidator.workspace import Workspace

    if sheets and units:
        raise click.UsageError("--sheet 和 --unit 只能写一种：请去掉一个。")
    period, place = Period.parse(period_code), Workspace(_existing(workspace))
    loaded = load_plan(plan_name)
    workbook = place.output(period) / file_name(period)
    if units:
        made = [print_unit(workbook, period, loaded, one, soffice=soffice) for one in units]
    else:
        made = [print_set(workbook, period, sheets=sheets, soffice=soffice)]
    if as_json:
        pdf = [str(one) for one in made]
        return _print_json({"period": period.code, "workbook": str(workbook), "pdf": pdf})
    for one in made:
        click.echo(f"已生成：{one}")
    return _WELL


def _brief(plan: Any, period: Any, place: Any, password_file: Path | None) -> Any:
    """Gather what a reader is told: limits, key and passwords of the workspace."""
    from consolidator.intake.brief import Brief
    from consolidator.settings import load_settings
    from consolidator.signing import find_key

    return Brief(
        plan,
        period,
        limits=load_settings(place.root).limits,
        passwords=_lines_of(password_file) if password_file else (),
        signing_key=find_key(place.root),
    )


def _lines_of(path: Path) -> tuple[str, ...]:
    """Return the passwords in a file, one a line; a space may be part of one."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"密码文件“{path}”读不出来：请检查路径，并以 UTF-8 编码保存，每行一个密码。"
        ) from error
    if not (passwords := tuple(line for line in lines if line)):
        raise OperatorError(f"密码文件“{path}”里没有密码：请每行写一个密码。")
    return passwords


def _sealing(period: Any, place: Any) -> Any:
    """Return what correction workbooks are locked and signed with: as the templates were."""
    from consolidator.issue.issue_list import FILE_NAME, read_issue_list
    from consolidator.report.corrections import Sealing
    from consolidator.signing import find_key

    listed = read_issue_list(place.templates(period) / FILE_NAME)
    passwords = {code: one.password for code, one in listed.items()}
    return Sealing(passwords, find_key(place.root))


def _previous(plan: Any, period: Any, place: Any) -> dict[tuple[str, str], float]:
    """Read the figures of the period before, where its district workbook lies here."""
    from consolidator.report.book import file_name
    from consolidator.report.previous import read_actuals

    before = period.previous
    if before is None or not (path := place.output(before) / file_name(before)).exists():
        return {}
    return read_actuals(path, plan, before)


def _show_result(result: "Consolidated") -> None:
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
    if not settled.files:
        click.echo("注意：收回文件夹里没有文件，请确认文件夹对不对。")
    refused = sum(one.code == "adjustment_incomplete" for one in settled.findings)
    adopted = sum(one.code == "adjusted" for one in settled.findings)
    if adopted or refused:
        unused = f"；{refused} 项没有采用，原因见“问题清单”" if refused else ""
        click.echo(f"沿用汇总表中的手工调整 {adopted} 项{unused}。")
    _show_decisions(settled)
    wrong = sum(one.code == "wrong_period" for one in settled.files)
    if wrong * 2 > len(settled.files):
        asked = settled.period.code
        click.echo(f"注意：{wrong} 个文件不是 {asked} 的填报表，请确认报告期有没有写错。")
    aside = [one for one in settled.files if one.status in ("rejected", "ignored")]
    for one in aside[:_SHOWN]:
        reason = next(f.message for f in settled.findings if f.file == one.file)
        click.echo(f"  {one.status.chinese}：{one.file}（{reason}）")
    if len(aside) > _SHOWN:
        click.echo(f"  其余 {len(aside) - _SHOWN} 个退回或略过的文件见汇总表的“收到文件”。")


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
        unit = settled.plan.unit_by_code[one.unit].short
        click.echo(f"请核对：{unit}，{one.message}。")


def _show_findings(name: str, whose: str, findings: "list[Finding]", *, readable: bool) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    verdict = f"有 {errors} 项错误，请改正后再报" if errors else "没有错误，可以上报"
    click.echo(f"{name}{whose}：{verdict if readable else '不能作为填报表上报'}。")
    for one in findings:
        place = f"{one.sheet} {one.cell}" if one.cell else "整份文件"
        click.echo(f"  {one.severity.chinese}  {place}：{one.message}。{one.remedy}")


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare a run the search for circles among its millions of small values: it makes none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _existing(workspace: Path) -> Path:
    if not workspace.is_dir():
        raise OperatorError(
            f"找不到工作文件夹“{workspace}”：请先建好，或改正 --workspace 后的路径。"
        )
    return workspace


def _print_json(content: dict[str, Any]) -> int:
    """Print UTF-8 whatever the terminal's encoding: programs read this."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    click.echo(text.encode())
    return _WELL


def _now() -> datetime:
    return datetime.now().replace(microsecond=0)
