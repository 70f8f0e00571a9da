"""Every code a finding may carry: how much it matters, how it is worded, what to do.

A code is never used again for something else. ``{found}`` and ``{expected}`` stand for what was
found and what should stand there; ``{name}`` for the indicator or field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from consolidator.severity import Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue."""

    severity: Severity
    message: str
    remedy: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CATALOGUE: Mapping[str, Entry] = {
    # The file as a whole
    "file_empty": Entry(_E, "文件是空的（0 字节）", "请重新保存填报表后再报送。"),
    "file_too_large": Entry(_E, "文件超出可读范围：{found}", "请使用下发的模板重新填报，不要附加图片和其他内容。"),
    "file_encrypted": Entry(_E, "文件设有打开密码，读不出来", "请取消打开密码后重新报送。"),
    "file_damaged": Entry(_E, "文件已损坏：{found}", "请用 Excel 或 WPS 打开、另存后重新报送；打不开的请用模板重填。"),
    "file_unreadable": Entry(_E, "文件无法读取：{found}", "请检查该文件是否被其他程序占用，关闭后重新运行。"),
    "file_foreign": Entry(_W, "不是可读的 Excel/WPS 工作簿（{found}）", "请确认是否发错文件；填报表须是下发的工作簿，压缩包请先解压。"),
    "file_leftover": Entry(_I, "是程序留下的临时文件或隐藏文件，已略过", "不需要处理。"),
    "file_not_ours": Entry(_E, "不是本系统下发的填报表：没有标识", "请使用下发的模板填报，不要另建表格。"),
    "stamp_garbled": Entry(_E, "标识被改动，无法确认是哪个单位的表", "请使用下发的模板重新填报。"),
    "stamp_conflict": Entry(_E, "表内几处标识互相矛盾：{found}", "可能混入了其他单位或其他报告期的工作表；请使用本单位的模板重新填报。"),
    "wrong_unit": Entry(_E, "标识中的单位“{found}”不在本年度目标任务中", "请使用下发给本单位的模板。"),
    "unit_name_differs": Entry(_E, "表上写的单位是“{found}”，标识是“{expected}”", "请确认是哪个单位的数据，并使用该单位自己的模板重新填报。"),
    "wrong_period": Entry(_E, "报告期是 {found}，应为 {expected}", "请使用本期下发的模板填报。"),
    "wrong_form": Entry(_E, "表式版本是 {found}，应为 {expected}", "请使用最新下发的模板填报。"),
    "wrong_plan": Entry(_E, "目标任务版本与现行版本不同", "目标任务在下发后有调整，请使用重新下发的模板填报。"),
    "layout_lost": Entry(_E, "表格结构被破坏：{found}", "请使用下发的模板重新填报，不要增删工作表、行和列。"),
    # Which file counts
    "duplicate_file": Entry(_I, "与“{expected}”内容相同，只计一份", "不需要处理。"),
    "superseded": Entry(_I, "已由较晚的“{expected}”替代", "不需要处理；如应采用本文件，请移走较晚的文件后重新汇总。"),
    "passed_over": Entry(_W, "保存时间较晚，但有 {found} 项错误，仍采用较早且无错误的“{expected}”", "请与该单位核对以哪一份为准。"),
    "missing_unit": Entry(_E, "没有收到可用的填报表", "请催报；已有被退回文件的，请通知该单位改正后重报。"),
    # Entry cells
    "blank": Entry(_E, "{name}没有填写", "请填写；没有发生的填 0，不要留空。"),
    "not_a_number": Entry(_E, "{name}填的“{found}”不能用：{expected}", "请改为纯数字，不带单位、文字和符号。"),
    "negative": Entry(_E, "{name}填的是负数 {found}", "累计数不能为负，请核对后改正。"),
    "not_whole": Entry(_E, "{name}填的 {found} 不是整数", "请填整数。"),
    "normalised": Entry(_I, "{name}填的“{found}”按 {expected} 采用", "请核对是否一致；以后请直接填数字。"),
    "text_too_long": Entry(_W, "{name}的文字超过 {expected} 字", "请压缩文字。"),
    "signer_blank": Entry(_E, "{name}没有填写", "请补填。"),
    "not_a_date": Entry(_E, "{name}填的“{found}”不能用：{expected}", "请填日期，写法如 2017-05-18。"),
    # Relations between cells
    "part_above_whole": Entry(_E, "{name}为 {found}，大于其上级指标的 {expected}", "部分不能大于总数，请核对这两项。"),
    "ratio_impossible": Entry(_E, "{name}不成立：{found}", "分子不得大于分母，分母须大于 0；请核对两项产值及其单位（万元）。"),
    "lag_unexplained": Entry(_E, "{name}滞后（完成率 {found}，时间进度 {expected}），备注没有说明", "请在备注栏说明原因和打算。"),
    # The list of filed events and agreements
    "list_mismatch": Entry(_E, "{name}填报 {found}，备案明细有 {expected} 条", "请补全备案明细或改正填报数，使两者相等。"),
    "list_incomplete": Entry(_E, "备案明细本行缺少{found}", "请补填，或清空整行。"),
    "list_kind_unknown": Entry(_E, "备案明细的类别“{found}”不认识", "请从下拉列表选择：{expected}。"),
    "filed_outside_year": Entry(_E, "备案明细的日期 {found} 不在 {expected} 年内", "请核对日期；不是本年的请删去。"),
    "filing_repeated": Entry(_E, "备案号“{found}”与 {expected} 重复", "同一备案只能计一次，请核对。"),
    # Locked cells
    "locked_altered": Entry(_E, "锁定单元格被改动：现为“{found}”，下发时为“{expected}”", "请恢复原样；对目标有异议请与科技局联系，不要自行改表。"),
    "stale_result": Entry(_W, "自动计算的结果“{found}”与填报数不符，应为“{expected}”；已按填报数重算", "请不要改动公式；用 Excel 或 WPS 打开并保存即会重算。"),
    # Staff's adjustments in the district workbook
    "adjusted": Entry(_I, "{name}由 {found} 调整为 {expected}", "调整由科技局作出，理由见“数据”表。"),
    "adjustment_incomplete": Entry(_W, "{name}的调整没有采用：{found}", "请在“数据”表同时填写调整数（不小于 0；件数、家数等为整数）和理由。"),
    "adjustment_outdated": Entry(_W, "{name}在调整后上报数由 {found} 变为 {expected}，调整仍在采用", "请确认调整是否仍然需要。"),
}  # fmt: skip
