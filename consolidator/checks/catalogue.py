"""Every code a finding may carry: how much it matters, how it is worded, what to do.

A code is never used again for something else. ``{found}`` and ``{expected}`` stand for what was
found and what should stand there; ``{name}`` for the indicator or field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from consolidator.forms.review.marking import FAR
from consolidator.severity import Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue."""

    severity: Severity
    message: str
    remedy: str
    waivable: bool = False
    """Whether staff may set it aside with a reason: the figures it is about are readable."""


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CATALOGUE: Mapping[str, Entry] = {
    # The file as a whole
    "file_empty": Entry(_E, "是{found}", "请重新保存填报表后再报送。"),
    "file_too_large": Entry(_E, "文件超出可读范围：{found}", "请使用下发的模板重新填报，不要附加图片和其他内容。"),
    "file_unsafe": Entry(_E, "文件内部异常，为安全起见没有读取：{found}", "请使用下发的模板重新填报；确认来源可靠的，用 Excel 或 WPS 打开后另存再报送。"),
    "file_encrypted": Entry(_E, "文件设有打开密码，读不出来", "请取消打开密码后重新报送；.xlsx 和 .xls 知道密码的，可写入密码文件，用 --password-file 指明后重新运行。"),
    "password_wrong": Entry(_E, "文件设有打开密码，给出的密码都不对", "请向该单位问明密码，写入密码文件后重新运行；或请其取消打开密码后重新报送。"),
    "file_damaged": Entry(_E, "文件已损坏：{found}", "请用 Excel 或 WPS 打开、另存后重新报送；打不开的请用模板重填。"),
    "file_salvaged": Entry(_W, "文件有损坏（缺 {found}），各填报单元格经校验完整，已读出", "请核对该单位的数；最好请其重新保存后再报送。", waivable=True),
    "reading_failed": Entry(_E, "文件读不下去：{found}", "请使用下发的模板重新填报；文件确实很大的，可在设置中放宽限制后重新运行。"),
    "file_unreadable": Entry(_E, "文件无法读取：{found}", "请检查该文件是否被其他程序占用，关闭后重新运行。"),
    "file_foreign": Entry(_W, "不是可读的 Excel/WPS 工作簿（{found}）", "请确认是否发错文件；填报表须是下发的工作簿。"),
    "file_leftover": Entry(_I, "是程序留下的临时文件或隐藏文件，已略过", "不需要处理。"),
    "file_shortcut": Entry(_W, "是{found}", "请该单位发送文件本身，不要发送快捷方式。"),
    "sender_unknown": Entry(_W, "是从 {found} 寄来的，不是{expected}的联系人", "请向该单位核实；属实的，把地址加进目标任务的联系人。", waivable=True),
    "stranger_passed": Entry(_W, "是从 {found} 寄来的，不是该单位的联系人，仍采用“{expected}”", "请向该单位核实；应采用本文件的，把地址加进目标任务的联系人后重新汇总。", waivable=True),
    "last_mail_unused": Entry(_W, "是该单位最后寄来的，采用的却是“{expected}”", "请向该单位核实以哪一份为准；应采用本文件的，在“处理意见”中排除另外的文件。", waivable=True),
    "file_changed": Entry(_W, "与收取邮件时保存的内容不同", "请核对是谁改动了它；要恢复原件，请移走它，再用 mail collect --again 收取。", waivable=True),
    "file_excluded": Entry(_I, "已由科技局排除：{found}", "如需恢复，请在“处理意见”工作簿中清除该行。"),
    "archive_opened": Entry(_I, "压缩包已打开，内有 {found} 个文件，逐个列出", "不需要处理。"),
    "archive_packed": Entry(_E, "是 {found} 压缩包，不能直接读取", "请先解压，把其中的工作簿放进收回文件夹。"),
    "archive_nested": Entry(_E, "压缩包套了三层以上，没有打开", "请先解压，把其中的工作簿放进收回文件夹。"),
    "macro_present": Entry(_W, "工作簿含有宏，没有运行", "下发的模板没有宏，请核实来源。", waivable=True),
    "external_link": Entry(_W, "工作簿链接了其他文件或数据源（{found}），没有读取", "请核实填报数是否直接填写，不要引用其他文件。", waivable=True),
    "dde_link": Entry(_W, "工作簿要调用其他程序（{found}），没有执行", "请核实来源，不要在 Excel 中打开该文件。", waivable=True),
    "embedded_object": Entry(_W, "工作簿嵌有其他对象（{found}），没有打开", "请核实来源；需要报送的材料请另外发送。", waivable=True),
    "file_not_ours": Entry(_E, "不是本系统下发的填报表：没有标识", "请使用下发的模板填报，不要另建表格。"),
    "stamp_garbled": Entry(_E, "标识被改动，无法确认是哪个单位的表", "请使用下发的模板重新填报。"),
    "stamp_conflict": Entry(_E, "表内几处标识互相矛盾：{found}", "可能混入了其他单位或其他报告期的工作表；请使用本单位的模板重新填报。"),
    "stamp_forged": Entry(_E, "标识的签名不对，不是本工作区下发的", "请使用下发的模板重新填报。"),
    "stamp_unsigned": Entry(_W, "标识没有签名（签名功能启用前下发的表式）", "请核实是否为下发的模板。", waivable=True),
    "signature_unverified": Entry(_W, "标识的签名无法核对：本工作区没有当时的签名密钥", "请核实是否为下发的模板；找到原来的密钥文件后放回工作文件夹即可核对。", waivable=True),
    "wrong_unit": Entry(_E, "标识中的单位“{found}”不在本年度目标任务中", "请使用下发给本单位的模板。"),
    "unit_name_differs": Entry(_E, "表上写的单位是“{found}”，标识是“{expected}”", "请确认是哪个单位的数据，并使用该单位自己的模板重新填报。"),
    "file_name_differs": Entry(_W, "文件名像“{found}”的，表内是“{expected}”", "请核对是否用错了模板；没有用错的不需要处理。", waivable=True),
    "same_figures": Entry(_E, "全部 {found} 个数与{expected}填报的完全相同", "请核对是否误用了别的单位的数；核对无误的，由科技局在“处理意见”中豁免。", waivable=True),
    "wrong_period": Entry(_E, "报告期是 {found}，应为 {expected}", "请使用本期下发的模板填报。"),
    "wrong_form": Entry(_E, "表式版本是 {found}，应为 {expected}", "请使用最新下发的模板填报。"),
    "wrong_plan": Entry(_E, "目标任务版本与现行版本不同", "目标任务在下发后有调整，请使用重新下发的模板填报。"),
    "form_migrated": Entry(_I, "用旧表式 {found} 填报，已按 {expected} 读取", "不需要处理；下次请使用最新下发的模板。"),
    "layout_lost": Entry(_E, "表格结构被破坏：{found}", "请使用下发的模板重新填报，不要增删工作表、行和列。"),
    "layout_moved": Entry(_I, "表格有移动，已按标识找到填报单元格：{found}", "请不要增删行、列，不要改动表名。"),
    "placed_by_labels": Entry(_W, "“{found}”的隐藏标识丢失，已按表头和指标名称定位", "请核对该单位的数；请其以后直接在模板中填报。", waivable=True),
    "placed_by_names": Entry(_W, "“{found}”的隐藏标识和表头丢失，已按名称定位", "请核对该单位的数；请其以后直接在模板中填报。", waivable=True),
    "sheet_like_form": Entry(_W, "工作表“{found}”也是“{expected}”的样子而数不同，没有读取", "请核对应以哪一张为准：数都填在“{expected}”里，删去另外的一张。", waivable=True),
    "sheet_copied": Entry(_W, "工作表 {found} 内容相同，按“{expected}”读取", "请删去复制的工作表。", waivable=True),
    "sheet_lost": Entry(_E, "找不到工作表“{found}”", "请使用下发的模板重新填报，不要删除工作表。"),
    "sheet_missing": Entry(_W, "缺少工作表“{found}”", "不影响填报数；请不要删除工作表。", waivable=True),
    "sheet_altered": Entry(_W, "本工作表有 {found} 处与下发时不同，第一处在 {expected}", "请核对是否使用了下发的模板。", waivable=True),
    "formulas_lost": Entry(_I, "工作簿里的公式都变成了数值，完成率和状态已重新计算", "请用 Excel 或 WPS 直接填写下发的模板，不要经其他程序转换。"),
    "cell_lost": Entry(_E, "{name}的单元格找不到了", "请使用下发的模板重新填报，不要删除行、列。"),
    "row_doubled": Entry(_E, "{name}有两行，内容不同，分不清用哪一行", "请只保留一行，或使用下发的模板重新填报。"),
    # Which file counts
    "duplicate_file": Entry(_I, "与“{expected}”内容相同，只计一份", "不需要处理。"),
    "changed": Entry(_I, "{name}与上一次报送相比，由“{found}”改为“{expected}”", "不需要处理；请核对改动是否属实。"),
    "superseded": Entry(_I, "已由较晚的“{expected}”替代", "不需要处理；如应采用本文件，请在“处理意见”中排除较晚的文件。"),
    "passed_over": Entry(_W, "保存时间较晚，但有 {found} 项错误，仍采用较早且无错误的“{expected}”", "请与该单位核对以哪一份为准。", waivable=True),
    "missing_unit": Entry(_E, "没有收到可用的填报表", "请催报；已有被退回或排除的文件的，请告知该单位原因，请其重报。"),
    # Entry cells
    "blank": Entry(_E, "{name}没有填写", "请填写；没有发生的填 0，不要留空。"),
    "not_a_number": Entry(_E, "{name}填的“{found}”不能用：{expected}", "请改为纯数字，不带单位、文字和符号。"),
    "error_value": Entry(_E, "{name}是公式错误值 {found}", "请改为直接填写的数字。"),
    "formula_uncomputed": Entry(_E, "{name}是没有算出结果的公式（{found}）", "请用 Excel 或 WPS 打开并保存，或直接填写数字。"),
    "formula_external": Entry(_E, "{name}引用了其他文件（{found}），结果无法核实", "请直接填写数字。"),
    "formula_entry": Entry(_W, "{name}填的是公式（{found}），按其结果 {expected} 采用", "请核对结果；以后请直接填写数字。", waivable=True),
    "entry_merged": Entry(_E, "{name}与别的填报单元格合并，分不清是哪一格的数", "请取消合并，逐格填写。"),
    "cells_merged": Entry(_W, "{name}的单元格与相邻单元格合并，已按左上角的内容采用", "请核对该数；请不要合并单元格。", waivable=True),
    "hidden_entry": Entry(_W, "{name}所在的行或列被隐藏或筛选掉，其中填有“{found}”，已采用", "请核对是否有意填写。", waivable=True),
    "sheet_hidden": Entry(_W, "工作表“{found}”被隐藏，其中的内容已采用", "请核对工作簿里是否另有一份填报表。", waivable=True),
    "figure_disguised": Entry(_W, "{name}的单元格格式使显示的数与实存的不同，已按实存的 {found} 采用", "请把单元格格式改为常规，核对该数。", waivable=True),
    "comment_present": Entry(_I, "{name}有批注：{found}", "请阅读；需要说明的以后请写在备注或情况说明里。"),
    "negative": Entry(_E, "{name}填的是负数 {found}", "累计数不能为负，请核对后改正。"),
    "not_whole": Entry(_E, "{name}填的 {found} 不是整数", "请填整数。"),
    "normalised": Entry(_I, "{name}填的“{found}”按 {expected} 采用", "请核对是否一致；以后请直接填数字。"),
    "text_too_long": Entry(_W, "{name}的文字超过 {expected} 字", "请压缩文字。", waivable=True),
    "signer_blank": Entry(_E, "{name}没有填写", "请补填。", waivable=True),
    "not_a_date": Entry(_E, "{name}填的“{found}”不能用：{expected}", "请填日期，写法如 2017-05-18。"),
    # Relations between cells
    "part_above_whole": Entry(_E, "{name}为 {found}，大于其上级指标的 {expected}", "部分不能大于总数，请核对这两项。", waivable=True),
    "ratio_impossible": Entry(_E, "{name}不成立：{found}", "分子不得大于分母，分母须大于 0；请核对两项产值及其单位（万元）。"),
    "lag_unexplained": Entry(_E, "{name}滞后（完成率 {found}，时间进度 {expected}），备注没有说明", "请在备注栏说明原因和打算。", waivable=True),
    "figure_fell": Entry(_E, "{name}累计为 {found}，小于上期累计的 {expected}，备注没有说明", "请填本年累计数，不是本季度数；确实减少的，在备注栏说明原因。", waivable=True),
    "fall_explained": Entry(_I, "{name}累计为 {found}，小于上期累计的 {expected}，备注已有说明", "请阅读该单位的说明。"),
    # What may be a slip: never corrected, only pointed at
    "scale_target": Entry(_W, "{name}为 {found}，是年度目标 {expected} 的许多倍", "请核对是否多写了零，或单位不对。", waivable=True),
    "scale_previous": Entry(_W, "{name}为 {found}，上期累计为 {expected}，相差过大", "请核对是否多写或少写了零，或单位不对。", waivable=True),
    "ratio_scale": Entry(_W, "{name}为 {found}，与目标 {expected} 相差过大", "请核对两项金额的单位是否都是万元，不要填百分数。", waivable=True),
    "target_copied": Entry(_W, "{found} 项指标的完成数与年度目标完全相同", "请核对是否把目标当成了完成数。", waivable=True),
    "nothing_new": Entry(_W, "{found} 项指标的完成数与上期累计完全相同", "请核对是否误报了上期的数。", waivable=True),
    # The list of filed events and agreements
    "list_mismatch": Entry(_E, "{name}填报 {found}，备案明细有 {expected} 条", "请补全备案明细或改正填报数，使两者相等。", waivable=True),
    "list_incomplete": Entry(_E, "备案明细本行缺少{found}", "请补填，或清空整行。", waivable=True),
    "list_kind_unknown": Entry(_E, "备案明细的类别“{found}”不认识", "请从下拉列表选择：{expected}。"),
    "filed_outside_year": Entry(_E, "备案明细的日期 {found} 不在 {expected} 年内", "请核对日期；不是本年的请删去。", waivable=True),
    "filing_repeated": Entry(_E, "备案号“{found}”与 {expected} 重复", "同一备案只能计一次，请核对。", waivable=True),
    # The register of filings, which outranks what units report
    "register_incomplete": Entry(_E, "备案信息本行缺少{found}，没有计入", "请在备案信息中补填后重新汇总。"),
    "register_unusable": Entry(_E, "备案信息的{name}填的“{found}”不能用，没有计入：{expected}", "请在备案信息中改正后重新汇总。"),
    "register_unit_unknown": Entry(_E, "备案信息的单位“{found}”不在年度目标任务中，没有计入（{expected}）", "请写目标任务中单位的全称、简称或代码；不属于各单位的请移出备案信息。"),
    "register_kind_unknown": Entry(_E, "备案信息的类别“{found}”不认识，没有计入（{expected}）", "请改为备案信息“填写说明”所列的类别；其他类别的请移出备案信息。"),
    "register_number_clash": Entry(_E, "备案号“{found}”在备案信息 {expected} 已有，单位、类别或日期不同，没有另计", "请核对两行，改正写错的备案号或内容后重新汇总。"),
    "register_empty": Entry(_E, "备案信息中没有一条计入本期，有关指标全部计为 0", "请核对用的是不是本年度已登记的备案信息；本期确实没有备案的不需要处理。"),
    "register_repeated": Entry(_W, "备案号“{found}”在备案信息 {expected} 已有，只计一次", "请删去重复登记的一行。"),
    "register_outside_year": Entry(_W, "备案信息有 {found}，不是 {expected} 年，没有计入", "请核对日期；其他年度的不需要处理。"),
    "register_not_asked": Entry(_W, "备案信息有 {found} 条“{expected}”，本期不考核该单位这一类，没有计入", "请核对单位和类别是否写错；没有写错的不需要处理。"),
    "register_aside": Entry(_W, "备案信息本行（{found}）没有类别、日期和备案号，没有计入", "请核对：是备案的请补全，是合计、说明的不需要处理。"),
    "register_later": Entry(_I, "备案信息有 {found} 条的日期晚于报告期末（{expected}），本期没有计入", "不需要处理。"),
    "register_noticed": Entry(_W, "备案信息中有{found}", "请核对备案信息。"),
    "register_sheet_unread": Entry(_W, "备案信息的工作表“{found}”没有单位、类别、日期、备案号的表头，没有读取", "请核对其中有没有应计入的备案。"),
    "filed_count_differs": Entry(_W, "{name}填报 {found}，备案信息有 {expected} 条", "以备案信息为准；请与单位核对，已办而未备案的请补办备案。"),
    "filing_unregistered": Entry(_W, "备案明细的“{found}”在备案信息中没有", "没有备案的不计入；已备案的请核对备案号、日期和合作单位。"),
    "filing_elsewhere": Entry(_W, "备案号“{found}”在备案信息中登记在{expected}名下", "请核对是哪个单位的；备案信息写错的请改正后重新汇总。"),
    "filing_differs": Entry(_W, "备案明细的{name}“{found}”与备案信息的“{expected}”不同", "请核对；以备案信息为准。"),
    "filing_unreported": Entry(_I, "备案号“{found}”已备案，单位没有列出", "不需要处理；已按备案信息计入。"),
    # Locked cells
    "locked_altered": Entry(_E, "锁定单元格被改动：现为“{found}”，下发时为“{expected}”", "请恢复原样；对目标有异议请与科技局联系，不要自行改表。", waivable=True),
    "locked_text_altered": Entry(_W, "锁定的文字被改动：现为“{found}”，下发时为“{expected}”", "不影响填报数；请不要改动锁定的单元格。", waivable=True),
    "formula_replaced": Entry(_W, "公式被换成了“{found}”，下发时为“{expected}”；已重新计算", "请不要改动公式。", waivable=True),
    "formula_altered": Entry(_W, "公式被改为“{found}”，下发时为“{expected}”；已重新计算", "请不要改动公式。", waivable=True),
    "stale_result": Entry(_W, "自动计算的结果“{found}”与填报数不符，应为“{expected}”；已按填报数重算", "请不要改动公式；用 Excel 或 WPS 打开并保存即会重算。", waivable=True),
    # Reviewers' marks (annex 3)
    "form_of_review": Entry(_I, "是评委的评议表，不是填报表，已略过", "不需要处理；评议表放在“评议”文件夹里，用 review consolidate 汇总。"),
    "form_of_unit": Entry(_W, "是单位的填报表，不是评议表，已略过", "请移到该报告期的收回文件夹，用 consolidate 汇总。"),
    "unknown_reviewer": Entry(_E, "标识中的评委“{found}”不在评议发放清单中", "请核对是否为本次评议的评委；已撤下的评委的表，请移出收回文件夹。"),
    "reviewer_name_differs": Entry(_E, "表上写的评委是“{found}”，标识是“{expected}”", "可能用了别的评委的表；请该评委用发给本人的评议表重新填写。"),
    "review_outdated": Entry(_E, "评议的单位、项目、满分或评委信息在下发后有调整", "请该评委用重新下发的评议表填写。"),
    "review_altered": Entry(_E, "{name}被改动：现为“{found}”，下发时为“{expected}”；有关评分没有采用", "请该评委用下发的评议表重新填写，不要改动单位、项目和满分。"),
    "missing_reviewer": Entry(_E, "没有收到{name}可用的评议表", "请催交；已有被退回的文件的，请告知评委原因，请其重填。"),
    "review_superseded": Entry(_I, "已由较晚的“{expected}”替代", "不需要处理；如应采用本文件，请把较晚的文件移出收回文件夹。"),
    "review_passed_over": Entry(_W, "保存时间较晚，但有 {found} 项错误，仍采用较早且无错误的“{expected}”", "请与该评委核对以哪一份为准。"),
    "mark_out_of_range": Entry(_E, "{name}的 {found} 分不在 0 至 {expected} 分之内，没有采用", "请评委改正后重交。"),
    "mark_not_in_steps": Entry(_E, "{name}的 {found} 分不是 {expected} 分的整倍数，没有采用", "请评委改正后重交。"),
    "mark_formula": Entry(_E, "{name}填的是公式（{found}），没有采用", "请评委直接填写分数后重交。"),
    "mark_in_own_unit": Entry(_E, "{name}是评委所在单位，应回避，填的“{found}”没有采用", "请该评委用下发的评议表重新填写，不给所在单位评分。"),
    "mark_unexplained": Entry(_E, "{name}没有评分，也没有说明原因", "请评委补评，或在“未评原因”栏说明后重交；空缺不计为 0 分。"),
    "mark_outlier": Entry(_W, "{name}评 {found} 分，与各评委的中位数 {expected} 分" + f"相差超过满分的 {FAR:.0%}", "请核对是否笔误；没有笔误的照常计入。"),
    "same_marks": Entry(_W, "全部 {found} 个评分与评委{expected}的完全相同", "请核对是否误用了别人的评分；没有误用的照常计入。"),
    # Staff's adjustments in the district workbook
    "adjusted": Entry(_I, "{name}由 {found} 调整为 {expected}", "调整由科技局作出，理由见“数据”表。"),
    "adjustment_incomplete": Entry(_W, "{name}的调整没有采用：{found}", "请在“数据”表同时填写调整数（不小于 0；件数、家数等为整数）和理由。"),
    "adjustment_outdated": Entry(_W, "{name}在调整后上报数由 {found} 变为 {expected}，调整仍在采用", "请确认调整是否仍然需要。"),
    "parameter_changed": Entry(_I, "评分参数{name}由默认的 {expected} 改为 {found}", "改动由科技局作出；清空“评分参数”表中该格即恢复默认值。"),
    "parameter_refused": Entry(_W, "评分参数{name}填的“{found}”不能用，仍按默认的 {expected} 计算", "请在“评分参数”表改为允许范围内的数字，或清空。"),
    "restated": Entry(_I, "{name}后来由 {found} 改为 {expected}", "不需要处理；本期的累计数如受影响，请核对。"),
    # Staff's decisions in 处理意见
    "decision_incomplete": Entry(_W, "“处理意见”中的一条没有采用：{found}", "请在“处理意见”中改正：处理方式从列表中选，并填写理由。"),
    "decision_idle": Entry(_I, "“处理意见”中的一条本次没有用上：{found}", "不需要处理；该文件或问题再次出现时仍然有效。"),
}  # fmt: skip
