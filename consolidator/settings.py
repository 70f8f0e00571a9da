"""The workspace's settings, consolidator.toml: checked as a whole, unknown keys refused."""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from consolidator.errors import OperatorError
from consolidator.files import toml_place
from consolidator.intake.limits import MEANINGS, RETURN, Limits

FILE_NAME = "consolidator.toml"
_TABLES = ("limits",)
_MOST = 2**31 - 1
"""What every system takes for a number of seconds or megabytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What staff set for a workspace; everything has a default."""

    limits: Limits = RETURN


def load_settings(folder: Path) -> Settings:
    """Read the settings of a workspace; the defaults where it has none.

    Raises:
        OperatorError: the file cannot be read, or holds something that is no setting.
    """
    path = folder / FILE_NAME
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise OperatorError(f"设置文件“{path}”读不出来：请检查是否有读取权限。") from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"设置文件“{path}”读不出来：请以 UTF-8 编码保存。") from error
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            f"设置文件“{path}”{toml_place(error)}写法不对："
            "每行应写作“名称 = 数字”，表头写作 [limits]。"
        ) from error
    if unknown := sorted(told.keys() - set(_TABLES)):
        if unknown[0] in MEANINGS:
            raise OperatorError(f"设置文件“{path}”中，{unknown[0]} 要写在 [limits] 这一行的下面。")
        known = "、".join(_TABLES)
        raise OperatorError(f"设置文件“{path}”中没有“{unknown[0]}”这一项：可用的有 {known}。")
    return Settings(limits=_limits(told.get("limits", {}), path))


def _limits(told: Any, path: Path) -> Limits:
    known = {one.name for one in fields(Limits)}
    if not isinstance(told, dict):
        raise OperatorError(f"设置文件“{path}”的 limits 写法不对：应写作 [limits]，每行一项。")
    for name, value in told.items():
        if name not in known:
            names = "、".join(MEANINGS)
            raise OperatorError(
                f"设置文件“{path}”的 [limits] 中没有“{name}”这一项：可用的有 {names}。"
            )
        what = f"设置文件“{path}”的 [limits] 中，{name}（{MEANINGS[name]}）"
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise OperatorError(f"{what}须为大于 0 的整数。")
        if value > _MOST:
            raise OperatorError(f"{what}太大：最多 {_MOST}。")
    return replace(RETURN, **told)
