"""The bureau's mailbox: its settings, its password, and where each unit stands."""

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files

import keyring
import keyring.backend
import keyring.errors
import openpyxl
import pytest

from bureau import Bureau, address, returned, signed_return
from consolidator.errors import OperatorError
from consolidator.mail.credentials import PASSWORD, USER, find_credentials
from consolidator.mail.journal import Journal
from consolidator.settings import FILE_NAME, MEANINGS, Mail, Settings, load_settings
from letters import by_mail
from returns import SHIPPED, actual, put
from terminal import Terminal, contents

EXAMPLE = files("consolidator.mail").joinpath("example.toml").read_text("utf-8")
NOW = [f"consolidator.commands.{one}.now" for one in ("status", "mail", "mail_offers")]


class Kept(keyring.backend.KeyringBackend):
    """A keyring in memory, as the system's own would be."""

    priority = 1

    def __init__(self) -> None:
        """Begin without passwords."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password, None where none is kept."""
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        del self.passwords[service, username]


class Locked(Kept):
    """A keyring that nobody has unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse."""
        raise keyring.errors.KeyringLocked("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse."""
        raise keyring.errors.PasswordSetError("locked")


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Give a keyring in place of the system's."""
    before = keyring.get_keyring()
    own = Kept()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def issued(bureau: Bureau) -> Bureau:
    """Give a bureau whose templates are issued."""
    assert bureau("issue").status == 0
    return bureau


# The example of the settings


def test_init_writes_the_example_and_never_over_one_that_stands(terminal: Terminal) -> None:
    said = terminal("mail", "init")
    assert said.status == 0
    assert (terminal.root / FILE_NAME).read_text("utf-8") == EXAMPLE
    terminal.refused("mail", "init", words="已经有了，没有改动")


def test_the_example_is_read_as_it_stands(terminal: Terminal) -> None:
    terminal("mail", "init")
    told = load_settings(terminal.root)
    assert told.mail == Mail(address="kjj@example.com")
    assert (told.smtp.host, told.imap.host) == ("smtp.example.com", "imap.example.com")


def test_the_example_names_every_setting_of_mail_with_its_default() -> None:
    lines = re.sub(r"(?m)^# (?=[a-z_]+ = |\[limits\])", "", EXAMPLE)
    told = tomllib.loads(lines)
    defaults = Settings()
    for table in ("mail", "smtp", "imap"):
        assert set(told[table]) == set(MEANINGS[table])
        for name, value in told[table].items():
            if name not in ("address", "name", "host", "ca_file"):
                assert value == getattr(getattr(defaults, table), name), name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[mail]\naddress = "kjj"', "address（科技局发信的邮箱地址）不是邮箱地址"),
        ("[mail]\nname = 1", "name（发信人名称）须为一行文字"),
        ('[mail]\nname = "a\\nb"', "name（发信人名称）须为一行文字"),
        ("[mail]\nper_minute = 0", "须为大于 0 的整数"),
        ('[smtp]\nport = "465"', "须为大于 0 的整数"),
        ("[smtp]\nport = 65536", "太大：最多 65535"),
        ('[smtp]\nsecurity = "none"', "不认识“none”：请写 tls 或 starttls"),
        ('[smtp]\npassword = "x"', "没有“password”这一项"),
        ('[imap]\nuser = "x"', "没有“user”这一项"),
        ('[imap]\nhost = "邮箱"', "不是服务器的名称"),
        ('host = "x"', "host 要写在 [smtp] 或 [imap] 这一行的下面"),
        ("imap = 1", "imap 写法不对：应写作 [imap]"),
    ],
)
def test_a_setting_that_cannot_be_is_named(content: str, words: str, terminal: Terminal) -> None:
    put(terminal.root / FILE_NAME, content.encode())
    with pytest.raises(OperatorError, match=re.escape(words)):
        load_settings(terminal.root)


# The password


def test_login_tries_both_servers_and_keeps_the_password(
    issued: Bureau, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: issued.office.password)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: issued.office.password)
    said = issued.terminal("mail", "login")
    assert said.status == 0, said
    assert said.out.count("可以登录") == 2
    assert issued.office.password not in said.out
    service = f"consolidator:{issued.office.host}"
    assert kept.passwords == {(service, issued.office.user): issued.office.password}
    assert issued("mail", "send", "--yes", "--unit", "hehai").status == 0
    assert issued("mail", "collect").status == 0


def test_login_keeps_nothing_that_does_not_open_the_mailbox(
    issued: Bureau, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "wrong")
    said = issued.terminal("mail", "login")
    assert said.status == 2
    assert "不接受用户名或密码" in said.error
    assert "wrong" not in said.error
    assert kept.passwords == {}


def test_login_without_settings_says_what_to_write(terminal: Terminal) -> None:
    terminal.refused("mail", "login", words="还没有设置邮箱.*mail init")


def test_a_password_is_given_only_to_the_server_it_is_kept_for(kept: Kept) -> None:
    kept.set_password("consolidator:smtp.a.test", "kjj@a.test", "secret")
    found = find_credentials("smtp", "smtp.a.test", "kjj@a.test")
    assert (found.user, found.password) == ("kjj@a.test", "secret")
    assert "secret" not in repr(found)
    with pytest.raises(OperatorError, match=r"没有 kjj@a\.test 登录 smtp\.b\.test 的密码"):
        find_credentials("smtp", "smtp.b.test", "kjj@a.test")


def test_the_environment_goes_before_the_keyring(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.set_password("consolidator:h", "kjj@a.test", "kept")
    monkeypatch.setenv(PASSWORD, "told")
    monkeypatch.setenv(USER, "other")
    monkeypatch.setenv("CONSOLIDATOR_IMAP_USER", "reader")
    assert find_credentials("smtp", "h", "kjj@a.test").user == "other"
    found = find_credentials("imap", "h", "kjj@a.test")
    assert (found.user, found.password) == ("reader", "told")


def test_a_keyring_that_is_locked_is_said_in_one_sentence(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD)
    before = keyring.get_keyring()
    keyring.set_keyring(Locked())
    try:
        assert "consolidator mail login" in issued("mail", "collect").error
        monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: issued.office.password)
        said = issued.terminal("mail", "login")
        assert (said.status, "没有可用的密码保管库" in said.error) == (2, True)
    finally:
        keyring.set_keyring(before)


# The logs


def test_a_journal_reads_back_what_it_wrote(bureau: Bureau) -> None:
    path = bureau.root / "mail" / "x.jsonl"
    first = Journal(path)
    first.add({"a": "甲\n乙", "b": [1, None]})
    Journal(path).add({"a": 2})
    assert Journal(path).records == [{"a": "甲\n乙", "b": [1, None]}, {"a": 2}]


def test_a_torn_line_is_cut_off_however_long_it_is(bureau: Bureau) -> None:
    path = bureau.root / "x.jsonl"
    for torn in (b"{", b'{"a": "' + b"x" * 10_000, '{"甲'.encode()[:-1]):
        put(path, b'{"n": 1}\n' + torn)
        journal = Journal(path)
        assert journal.records == [{"n": 1}]
        journal.add({"n": 2})
        assert path.read_bytes() == b'{"n": 1}\n{"n": 2}\n'
    put(path, b"torn from the beginning")
    Journal(path).add({"n": 3})
    assert path.read_bytes() == b'{"n": 3}\n'


def test_a_log_that_cannot_be_read_is_said(bureau: Bureau) -> None:
    (bureau.root / "x.jsonl").mkdir()
    with pytest.raises(OperatorError, match="读不出来"):
        Journal(bureau.root / "x.jsonl")


# Where each unit stands


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let it be some other time."""
    for name in NOW:
        monkeypatch.setattr(name, lambda: moment)


def steps(bureau: Bureau) -> dict[str, str]:
    """Return what is to be done about each unit."""
    return {one["code"]: one["next_step"] for one in bureau("status", "--json").json["units"]}


def test_what_is_to_be_done_follows_the_round(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, datetime(2018, 1, 5, 9))
    bureau.refused("status", words="里没有 2017-Q4 的模板，也没有收回的文件")
    bureau("issue", "--unit", "sanjing")
    assert steps(bureau)["hehai"] == "下发填报表"
    bureau("issue")
    assert steps(bureau)["hehai"] == "发填报表"
    bureau("mail", "send", "--yes")
    assert steps(bureau)["hehai"] == "等待报送（01-10 前）"
    at(monkeypatch, datetime(2018, 1, 11, 9))
    assert steps(bureau)["hehai"] == "已过期限，催报"
    path = returned(bureau, "hehai", {actual("tech_reports"): None})
    assert steps(bureau)["hehai"] == "汇总"
    bureau("consolidate")
    assert steps(bureau)["hehai"] == "发更正表"
    bureau("mail", "send", "--corrections", "--yes")
    assert steps(bureau)["hehai"] == "等待更正后的表"
    by_mail(path, sender=address("hehai"), received=datetime(2018, 1, 11, 8, 59))
    assert steps(bureau)["hehai"] == "等待更正后的表"
    by_mail(path, sender=address("hehai"), received=datetime(2018, 1, 11, 9, 1))
    assert steps(bureau)["hehai"] == "又寄来的仍须更正，再催或打电话"
    put(path, path.read_bytes()[:3000])
    by_mail(path, sender=address("hehai"))
    assert steps(bureau)["hehai"] == "来件不能采用，告知原因"
    returned(bureau, "hehai")
    assert steps(bureau)["hehai"] == "完成"


def test_status_shows_a_line_a_unit_and_changes_nothing(issued: Bureau) -> None:
    returned(issued, "hehai")
    before = contents(issued.root)
    said = issued("status")
    assert said.status == 1
    assert all(unit.short in said.out for unit in SHIPPED.units)
    assert "共 11 个单位：已接收 1，需更正 0，未报 10。" in said.out
    assert contents(issued.root) == before


def test_status_ends_with_0_when_all_is_accepted(issued: Bureau) -> None:
    for unit in SHIPPED.units:
        returned(issued, unit.code)
    assert issued("status").status == 0
    assert set(steps(issued).values()) == {"完成"}


def test_the_time_a_file_came_is_the_mail_s(issued: Bureau) -> None:
    path = put(issued.root / "returns/2017-Q4/a.xlsx", signed_return(issued, "hehai"))
    letter = by_mail(path, sender=address("hehai"))
    (told,) = [one for one in issued("status", "--json").json["units"] if one["code"] == "hehai"]
    assert (told["received"], told["files"]) == (letter.received[:16], 1)


def test_a_unit_without_address_is_to_be_called(issued: Bureau) -> None:
    path = issued.plan / "contacts.csv"
    path.write_text(path.read_text("utf-8").replace(address("hehai"), ""), "utf-8")
    assert steps(issued)["hehai"] == "补上邮箱地址，或另行联系"


def test_the_progress_workbook_says_what_the_terminal_says_and_the_old_one_is_kept(
    issued: Bureau,
) -> None:
    returned(issued, "hehai")
    said = issued("status", "--excel", "--json").json
    path = issued.root / said["workbook"]
    sheet = openpyxl.load_workbook(path)["进度"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7, max_row=17)]
    assert [row[2] for row in rows] == [one["name"] for one in said["units"]]
    assert [row[8] for row in rows] == [one["next_step"] for one in said["units"]]
    assert sheet["B5"].value.startswith("=")
    returned(issued, "sanjing")
    old = path.read_bytes()
    issued("status", "--excel")
    assert [one.read_bytes() for one in (path.parent / "history").glob("进度表_*")] == [old]
