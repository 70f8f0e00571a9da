"""Write a plan's tables as the text files they are kept in; reading is `tables`'."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from consolidator.plan.about import SETTINGS
from consolidator.plan.tables import COLUMNS, PlanTables

_REMARKS = {
    "": "年度目标任务；每项怎样填，见使用手册。",
    "contact": "单位有疑问时找谁，填报表报送到哪里。",
    "weights": "计分的权重和完成率上限。",
    "review": "多位评议人的分数怎样合并：plain 为平均，trimmed 为去掉最高和最低后平均。",
}


def texts_of(tables: PlanTables) -> dict[str, str]:
    """Return the content of every file of the plan's folder by its name."""
    texts = {"plan.toml": "\n".join(_toml(tables.settings)) + "\n"}
    for table in COLUMNS:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\n")
        columns = tables.columns[table]
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in tables.rows[table])
        texts[f"{table}.csv"] = stream.getvalue()
    return texts


def _toml(settings: Any) -> Iterator[str]:
    for section, keys in SETTINGS.items():
        table = settings.get(section, {}) if section else settings
        if section:
            yield f"\n[{section}]"
        yield f"# {_REMARKS[section]}"
        for key in keys:
            if key in table and (section or key not in SETTINGS):
                yield f"{key} = {_toml_value(table[key])}"


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's too (TOML 1.0, basic strings), which escape DEL besides.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
