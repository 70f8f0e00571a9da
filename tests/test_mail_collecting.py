"""Collecting: every attachment is saved untouched where it belongs, or named; nothing twice."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import openpyxl
import pytest

from bureau import PERIOD, Bureau, address, returned, signed_return
from consolidator import files
from consolidator.errors import OperatorError
from consolidator.files import is_safe_name, sha256
from consolidator.intake.letters import SUFFIX, letter_of
from consolidator.mail.incoming.mailbox import Mailbox
from consolidator.plan.period import Period
from hostile_files import archive
from post.waiting import eventually
from returns import SHIPPED, actual, put
from terminal import contents

UNITS = [unit.code for unit in SHIPPED.units]
SINCE = ("--since", "2018-01-01")
COLLECT = ("mail", "collect", *SINCE)
JANUARY = datetime(2018, 1, 5, 9, 0, tzinfo=UTC)
RETURNS = "returns/2017-Q4"


def mail(
    sender: str,
    *files: tuple[str, bytes],
    subject: str = "报送",
    body: str = "请查收。",
    number: str = "",
) -> bytes:
    """Write a mail with attachments as Python's own library does."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, "district@example.com"
    message["Subject"] = subject
    message["Date"] = "Fri, 05 Jan 2018 17:00:00 +0800"
    message["Message-ID"] = f"<{number or sha256(repr((sender, files)).encode())[:20]}@town.test>"
    message.set_content(body)
    for name, content in files:
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


@pytest.fixture
def issued(bureau: Bureau) -> Bureau:
    """Give a bureau whose templates are issued."""
    assert bureau("issue").status == 0
    return bureau


def deliver(bureau: Bureau, raw: bytes, *, hours: int = 0, folder: str = "INBOX") -> None:
    """Put a mail into the bureau's mailbox, so many hours after nine in the morning."""
    bureau.office.deliver(raw, received=JANUARY + timedelta(hours=hours), folder=folder)


def saved(bureau: Bureau) -> dict[str, bytes]:
    """Return what was saved in all folders of returns, records left out."""
    found = contents(bureau.root / "returns") if (bureau.root / "returns").exists() else {}
    return {name: content for name, content in found.items() if not name.endswith(SUFFIX)}


def soon() -> datetime:
    """Return a time after all that has been sent and issued."""
    return datetime.now(UTC) + timedelta(seconds=5)


def notes(bureau: Bureau, *more: object) -> list[str]:
    """Collect, and return everything that was said of mails and files."""
    told = bureau(*COLLECT, "--json", *more).json["mails"]
    return [note for one in told for note in one["notes"]] + [
        each["note"] for one in told for each in one["saved"] if each["note"]
    ]


# What is saved


def test_an_attachment_is_saved_untouched_with_a_record_of_its_mail(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")
    deliver(issued, mail(f"张三 <{address('benniu')}>", ("奔牛.xlsx", content)))
    said = issued(*COLLECT)
    assert said.status == 0, said
    assert saved(issued) == {"2017-Q4/奔牛.xlsx": content}
    letter = letter_of(issued.root / RETURNS / "奔牛.xlsx")
    assert letter
    assert (letter.sender, letter.sender_name) == (address("benniu"), "张三")
    assert (letter.subject, letter.attachment, letter.part) == ("报送", "奔牛.xlsx", 1)
    assert letter.sent == "2018-01-05T17:00:00+08:00"
    assert letter.sha256 == sha256(content)
    assert letter.arrived.timestamp() == JANUARY.timestamp()
    assert letter.message_id.endswith("@town.test>")
    assert "奔牛镇" in said.out


def test_what_was_collected_is_consolidated_with_its_sender(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    deliver(issued, mail("who@else.test", ("b.xlsx", signed_return(issued, "hehai"))))
    issued(*COLLECT)
    told = issued("consolidate", "--json").json
    assert {one["file"]: (one["status"], one["sender"]) for one in told["files"]} == {
        "a.xlsx": ("counted", address("benniu")), "b.xlsx": ("counted", "who@else.test"),
    }  # fmt: skip
    (stranger,) = [one for one in told["findings"] if one["code"] == "sender_unknown"]
    assert (stranger["unit"], stranger["found"]) == ("hehai", "who@else.test")
    assert stranger["severity"] == "warning"


def test_a_second_run_finds_nothing_new(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    issued(*COLLECT)
    before = contents(issued.root)
    said = issued(*COLLECT)
    assert said.status == 0
    assert "新存附件 0 个；以前收过的邮件 1 封" in said.out
    after = contents(issued.root)
    log = "mail/收取记录.jsonl"
    assert after.pop(log).startswith(before.pop(log))
    assert after == before


def test_what_staff_have_moved_away_is_not_taken_again_unless_asked(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")
    deliver(issued, mail(address("benniu"), ("a.xlsx", content)))
    issued(*COLLECT)
    for path in (issued.root / RETURNS).iterdir():
        path.unlink()
    issued(*COLLECT)
    assert saved(issued) == {}
    issued(*COLLECT, "--again")
    assert saved(issued) == {"2017-Q4/a.xlsx": content}
    issued(*COLLECT, "--again")
    assert saved(issued) == {"2017-Q4/a.xlsx": content}


def test_nothing_is_marked_moved_or_deleted(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    deliver(issued, mail(address("hehai"), body="明天报"))
    before = issued.office.flags()
    issued(*COLLECT)
    assert issued.office.flags() == before


def test_asked_to_it_marks_only_mails_of_which_something_was_saved(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    deliver(issued, mail(address("hehai"), body="明天报"), hours=1)
    issued(*COLLECT, "--mark-read")
    assert ["\\Seen" in one for one in issued.office.flags()] == [True, False]


def test_same_names_are_told_apart_and_same_files_kept_twice(issued: Bureau) -> None:
    first, second = signed_return(issued, "benniu"), signed_return(issued, "hehai")
    deliver(issued, mail(address("benniu"), ("表.xlsx", first)))
    deliver(issued, mail(address("hehai"), ("表.XLSX", second)), hours=1)
    deliver(issued, mail(address("hehai"), ("表.xlsx", second), number="other"), hours=2)
    issued(*COLLECT)
    assert saved(issued) == {
        "2017-Q4/表.xlsx": first, "2017-Q4/表 (2).XLSX": second, "2017-Q4/表 (3).xlsx": second,
    }  # fmt: skip


def test_mails_before_the_day_are_left(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")
    deliver(issued, mail(address("benniu"), ("a.xlsx", content)), hours=-24 * 30)
    said = issued(*COLLECT)
    assert "新存附件 0 个" in said.out
    issued("mail", "collect", "--since", "2017-12-01")
    assert saved(issued) == {"2017-Q4/a.xlsx": content}


def test_without_a_day_it_begins_where_the_templates_were_issued(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    issued("mail", "collect")
    assert saved(issued) == {}
    issued.office.deliver(
        mail(address("hehai"), ("b.xlsx", signed_return(issued, "hehai"))),
        received=datetime.now(UTC),
    )
    issued("mail", "collect")
    assert list(saved(issued)) == ["2017-Q4/b.xlsx"]


def test_without_issue_and_day_it_asks_for_the_day(bureau: Bureau) -> None:
    bureau.refused("mail", "collect", words="加 --since，例如")
    bureau.refused("mail", "collect", "--since", "昨天", words="“昨天”不是日期")


# Where it belongs


def test_a_return_of_another_period_goes_to_that_period(issued: Bureau) -> None:
    other = signed_return(issued, "hehai", period=Period(2017))
    deliver(issued, mail(address("hehai"), ("年报.xlsx", other)))
    said = issued(*COLLECT)
    assert saved(issued) == {"2017/年报.xlsx": other}
    assert letter_of(issued.root / "returns/2017/年报.xlsx")
    assert "是2017年度的，存在" in said.out


def test_a_review_goes_to_the_reviews(issued: Bureau) -> None:
    issuing = ("review", "issue", "--period", "2017", "--count", "2", "--plan", issued.plan)
    assert issued.terminal(*issuing).status == 0
    form = next((issued.root / "templates/2017/评议").glob("*评议表*.xlsx"))
    content = form.read_bytes()
    deliver(issued, mail("expert@else.test", ("评议.xlsx", content)))
    issued(*COLLECT)
    assert saved(issued) == {"2017/评议/评议.xlsx": content}


def test_an_archive_goes_where_all_in_it_belong(issued: Bureau) -> None:
    annual = signed_return(issued, "hehai", period=Period(2017))
    packed = archive({"年报.xlsx": annual})
    mixed = archive({"年报.xlsx": annual, "季报.xlsx": signed_return(issued, "hehai")})
    deliver(issued, mail(address("hehai"), ("年.zip", packed), ("两样.zip", mixed)))
    issued(*COLLECT)
    assert set(saved(issued)) == {"2017/年.zip", "2017-Q4/两样.zip"}


# What is named and not saved


def test_a_template_sent_back_as_it_was_is_named(issued: Bureau) -> None:
    template = issued.root / "templates/2017-Q4/科技指标_奔牛镇_2017Q4.xlsx"
    deliver(issued, mail(address("benniu"), ("表.xlsx", template.read_bytes())))
    assert notes(issued) == ["“表.xlsx”是发给奔牛镇的表，原样退回，没有填写或改动"]
    assert saved(issued) == {}


def test_a_mail_without_attachment_is_named_where_a_unit_sent_it(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), body="明天报"))
    deliver(issued, mail(address("hehai"), body="超大附件：https://mail.qq.com/x"))
    deliver(issued, mail("news@else.test", body="广告"))
    told = notes(issued)
    assert len(told) == 2
    assert any("请在邮箱里阅读" in one for one in told)
    assert any("网盘或超大附件" in one for one in told)
    again = issued(*COLLECT)
    assert "以前收过的邮件 3 封" in again.out


def test_of_strangers_only_what_may_be_a_return_is_saved(issued: Bureau) -> None:
    pdf, book = b"%PDF-1.4 ...", signed_return(issued, "benniu")
    deliver(issued, mail("news@else.test", ("广告.pdf", pdf), ("表.xlsx", book)))
    deliver(issued, mail(address("hehai"), ("盖章.pdf", pdf)))
    told = notes(issued)
    assert set(saved(issued)) == {"2017-Q4/表.xlsx", "2017-Q4/盖章.pdf"}
    assert any("“广告.pdf”不是表格，寄件人也不是联系人，没有保存" in one for one in told)


def test_a_mail_beyond_the_limit_is_named_by_every_run(issued: Bureau) -> None:
    issued.settle(imap="message_mb = 1")
    deliver(issued, mail(address("benniu"), ("大.xlsx", os.urandom(1_500_000))))
    for _ in range(2):
        (told,) = notes(issued)
        assert re.search("邮件有 2 MB，超过 1 MB，没有收取：请在邮箱里手工保存附件", told)
    assert saved(issued) == {}


def test_a_return_that_cannot_be_read_is_saved_and_said(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")[:4000]
    deliver(issued, mail(address("benniu"), ("坏.xlsx", content)))
    (told,) = notes(issued)
    assert "文件已损坏" in told
    assert saved(issued) == {"2017-Q4/坏.xlsx": content}


def test_a_stranger_is_said_at_once(issued: Bureau) -> None:
    deliver(issued, mail("who@else.test", ("表.xlsx", signed_return(issued, "benniu"))))
    (told,) = notes(issued)
    assert told == "是从 who@else.test 寄来的，不是奔牛镇的联系人"


def bounce_of(bureau: Bureau, unit: str) -> bytes:
    """Write what a server sends back of the mail a unit was sent."""
    (sent,) = bureau.mailbox(unit)
    number = re.search(rb"(?i)message-id: (\S+)", sent)
    assert number
    return b"\r\n".join(
        [
            b"Return-Path: <>",
            b"From: MAILER-DAEMON@town.test (Mail Delivery System)",
            b"Subject: Undelivered Mail Returned to Sender",
            b"Message-ID: <bounce@town.test>",
            b"Date: Fri, 05 Jan 2018 17:00:00 +0800",
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            b"",
            b"--b",
            b"Content-Type: text/plain",
            b"",
            b"This is the mail system at host town.test.",
            b"--b",
            b"Content-Type: message/delivery-status",
            b"",
            b"Reporting-MTA: dns; town.test",
            b"",
            b"Final-Recipient: rfc822; " + address(unit).encode(),
            b"Action: failed",
            b"Status: 5.1.1",
            b"",
            b"--b",
            b"Content-Type: message/rfc822",
            b"",
            sent,
            b"--b--",
            b"",
        ]
    )


def test_a_bounce_is_no_return_and_stands_in_the_log_of_what_was_sent(issued: Bureau) -> None:
    issued("mail", "send", "--yes", "--unit", "benniu", "--unit", "hehai")
    issued.office.deliver(bounce_of(issued, "hehai"), received=soon())
    told, *others = notes(issued)
    assert told == f"退信：没有送到 {address('hehai')}，已记入发送记录，请核对地址"
    assert all(re.fullmatch("退信附带的“.*”没有保存", one) for one in others)
    assert saved(issued) == {}
    standing = {one["code"]: one for one in issued("status", "--json").json["units"]}
    assert standing["hehai"]["sent"] == "填报表被退信"
    assert standing["hehai"]["next_step"] == "核对邮箱地址后重发"
    assert "填报表" in standing["benniu"]["sent"]
    said = issued("mail", "send", "--yes", "--json")
    assert {one["to"]: one["state"] for one in said.json["mails"]}[address("hehai")] == "bounced"


# Hostile and strange mails


def test_a_name_that_leads_elsewhere_stays_in_its_folder(issued: Bureau) -> None:
    names = [
        "../../../外.xlsx", "C:\\Windows\\系统.xlsx", "CON.xlsx", "/etc/passwd", "..",
        "..隐藏.xlsx", f"甲.xlsx{SUFFIX}", "a\u202exslx.exe", "长" * 300 + ".xlsx",
    ]  # fmt: skip
    content = signed_return(issued, "benniu")
    files = [(name, content + bytes(number)) for number, name in enumerate(names)]
    deliver(issued, mail(address("benniu"), *files))
    before = {path for path in issued.root.rglob("*") if "returns" not in path.parts}
    issued(*COLLECT)
    found = saved(issued)
    assert len(found) == len(names)
    for name in found:
        folder, _, last = name.rpartition("/")
        assert folder == "2017-Q4"
        assert is_safe_name(last)
        assert not last.startswith(".")
        assert not last.endswith(SUFFIX)
    outside = {path for path in issued.root.rglob("*") if "returns" not in path.parts}
    assert {path.name for path in outside - before} <= {"mail", "收取记录.jsonl", ".lock"}


def test_a_forwarded_return_tells_what_it_was_in(issued: Bureau) -> None:
    inner = EmailMessage(policy=SMTP)
    inner["From"], inner["Subject"] = "clerk@town.test", "上报数据"
    inner.set_content("见附件")
    content = signed_return(issued, "benniu")
    inner.add_attachment(content, maintype="application", subtype="x", filename="表.xlsx")
    outer = EmailMessage(policy=SMTP)
    outer["From"], outer["Subject"] = address("benniu"), "转发"
    outer["Message-ID"] = "<forward@town.test>"
    outer.set_content("请收")
    outer.add_attachment(inner)
    deliver(issued, outer.as_bytes())
    issued(*COLLECT)
    assert saved(issued) == {"2017-Q4/表.xlsx": content}
    letter = letter_of(issued.root / RETURNS / "表.xlsx")
    assert letter
    assert letter.sender == address("benniu")
    assert len(letter.inside) == 1
    assert "上报数据" in letter.inside[0]


def test_rubbish_in_the_mailbox_stops_nothing(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")
    good = mail(address("benniu"), ("表.xlsx", content))
    for number, raw in enumerate(
        [b"", b"\x00" * 500, b"From: x", b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
         good[: len(good) // 2], os.urandom(20_000)]
    ):  # fmt: skip
        deliver(issued, raw or b"\r\n", hours=number)
    deliver(issued, good, hours=9)
    said = issued(*COLLECT)
    assert said.status in (0, 1), said
    assert saved(issued).get("2017-Q4/表.xlsx") == content
    assert set(saved(issued).values()) == {content}


# The mailbox and the login


def test_a_folder_with_a_chinese_name_is_found_and_a_missing_one_named(issued: Bureau) -> None:
    content = signed_return(issued, "benniu")
    issued.office.mail.add(issued.office.user, folder="科技 报表")
    deliver(issued, mail(address("benniu"), ("a.xlsx", content)), folder="科技 报表")
    issued.settle(imap='folder = "科技 报表"')
    assert issued(*COLLECT).status == 0
    assert saved(issued) == {"2017-Q4/a.xlsx": content}
    issued.settle(imap='folder = "没有"')
    assert "里没有文件夹“没有”" in issued(*COLLECT).error


def test_it_says_who_it_is_as_some_providers_ask(issued: Bureau) -> None:
    issued(*COLLECT)
    assert eventually(lambda: "ID sent: name=consolidator" in issued.office.imap.log())


def test_starttls_serves_too(issued: Bureau) -> None:
    dovecot = issued.office.imap
    issued.settle(
        imap=f'host = "{dovecot.starttls_host}"\nport = {dovecot.starttls_port}\n'
        'security = "starttls"'
    )
    content = signed_return(issued, "benniu")
    deliver(issued, mail(address("benniu"), ("a.xlsx", content)))
    assert issued(*COLLECT).status == 0
    assert saved(issued) == {"2017-Q4/a.xlsx": content}


@pytest.mark.parametrize(
    ("imap", "words"),
    [
        ("port = 1", "没有应答"),
        ('host = ""', "还没有设置收信邮箱"),
        ('ca_file = "consolidator.toml"', "证书文件“.*”读不出来"),
    ],
)
def test_a_mailbox_that_cannot_be_used_is_one_sentence(
    imap: str, words: str, issued: Bureau
) -> None:
    issued.settle(imap=imap)
    said = issued(*COLLECT)
    assert said.status == 2
    assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
    assert re.search(words, said.error), said.error


def test_a_certificate_of_a_stranger_is_refused(issued: Bureau) -> None:
    issued.settle(imap=f'ca_file = "{issued.office.certificates.other_ca.as_posix()}"')
    said = issued(*COLLECT)
    assert said.status == 2
    assert "的证书不可信" in said.error


@pytest.mark.parametrize("password", ["wrong", "密码"])
def test_a_wrong_password_is_said_and_never_shown(
    password: str, issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSOLIDATOR_IMAP_PASSWORD", password)
    said = issued(*COLLECT)
    assert said.status == 2
    assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
    assert "wrong" not in said.error


# Killed in the middle


def test_a_run_that_is_killed_at_any_write_loses_and_doubles_nothing(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop the run at its first, second, … touch of the disk, and run again."""
    wanted = {}
    for number, unit in enumerate(UNITS[:3]):
        content = signed_return(issued, unit)
        wanted[f"2017-Q4/{unit}.xlsx"] = content
        deliver(issued, mail(address(unit), (f"{unit}.xlsx", content)), hours=number)
    real, ended = Path.replace, []
    for stop in range(1, 8):
        left = iter(range(stop - 1))

        def replace_or_die(self: Path, target: Path, left: Iterator[int] = left) -> Path:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return real(self, target)

        monkeypatch.setattr(Path, "replace", replace_or_die)
        ended.append(issued(*COLLECT).status)
        monkeypatch.setattr(Path, "replace", real)
    assert ended[:4] == [2, 2, 2, 2]
    assert issued(*COLLECT).status == 0
    assert saved(issued) == wanted
    assert all(letter_of(issued.root / "returns" / name) for name in wanted)


def test_a_process_that_is_killed_is_completed_by_the_next(issued: Bureau) -> None:
    wanted = {}
    for number, unit in enumerate(UNITS):
        content = signed_return(issued, unit)
        wanted[f"2017-Q4/{unit}.xlsx"] = content
        deliver(issued, mail(address(unit), (f"{unit}.xlsx", content)), hours=number)
    for patience in (0.6, 1.0, 1.4):
        process = subprocess.Popen(
            [sys.executable, "-m", "consolidator", *COLLECT, *PERIOD, "--plan", str(issued.plan)],
            cwd=issued.root,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(patience)
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait(30)
    assert issued(*COLLECT).status in (0, 1)
    assert saved(issued) == wanted
    assert not list(issued.root.rglob("*.part"))


# What a clerk stumbles on


def test_issuing_anew_does_not_hide_answers_that_came_before(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = signed_return(issued, "benniu")
    issued.office.deliver(mail(address("benniu"), ("a.xlsx", content)), received=datetime.now(UTC))
    later = datetime.now() + timedelta(days=5)
    monkeypatch.setattr("consolidator.commands.issue.now", lambda: later.replace(microsecond=0))
    text = (issued.plan / "plan.toml").read_text("utf-8")
    (issued.plan / "plan.toml").write_text(text.replace("综合处", "综合科"), "utf-8")
    assert issued("issue", "--replace").status == 0
    issued("mail", "collect")
    assert saved(issued) == {"2017-Q4/a.xlsx": content}


def test_with_sample_contacts_nothing_is_collected(issued: Bureau) -> None:
    said = issued.terminal(*COLLECT, *PERIOD)
    assert said.status == 2
    assert "联系人还是样例（example.com）" in said.error
    assert not (issued.root / "mail").exists()


def test_what_an_interrupted_run_took_is_told_by_the_next(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    deliver(issued, mail(address("hehai"), body="明天报"), hours=1)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("consolidator.mail.taken_log.TakenLog.end", interrupt)
        said = issued(*COLLECT)
    assert (said.status, "再运行一次会接着收" in said.error) == (2, True)
    said = issued(*COLLECT)
    assert said.status == 1
    assert "存为 returns/2017-Q4/a.xlsx" in said.out
    assert "没有附件：请在邮箱里阅读" in said.out
    assert "上次收取中途断了" not in issued(*COLLECT).out


def test_looking_again_counts_only_what_is_new(issued: Bureau) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    issued(*COLLECT)
    assert "新存附件 0 个" in issued(*COLLECT, "--again").out


def test_a_unit_is_told_why_its_mails_were_of_no_use(issued: Bureau) -> None:
    template = (issued.root / "templates/2017-Q4/科技指标_河海街道_2017Q4.xlsx").read_bytes()
    now = soon()
    for raw in (
        mail(address("hehai"), body="超大附件：https://mail.qq.com/x", subject="数据"),
        mail(address("hehai"), ("表.xlsx", template), subject="报表"),
        mail(address("benniu"), body="已填好", subject="奔牛"),
    ):
        issued.office.deliver(raw, received=now)
    issued("mail", "collect")
    standing = {one["code"]: one for one in issued("status", "--json").json["units"]}
    assert standing["hehai"]["next_step"] == "来件不能采用，告知原因"
    assert standing["hehai"]["received"]
    issued("mail", "remind", "--yes", "--unit", "hehai", "--unit", "benniu")
    (told,) = issued.mailbox("hehai")
    body = message_from_bytes(told, policy=default).get_body(("plain",))
    assert body
    words = body.get_content()
    assert "的来信：附件是网盘或超大附件链接，收不到" in words
    assert "的来信：附件是发给贵单位的原表，没有填写或改动" in words
    assert "奔牛" not in words


def test_files_that_are_gone_and_passwords_that_are_missing_are_pointed_out(
    issued: Bureau,
) -> None:
    deliver(issued, mail(address("benniu"), ("a.xlsx", signed_return(issued, "benniu"))))
    issued(*COLLECT)
    assert "上次收取邮件是" in issued("status").out
    assert "不在原处" not in issued("status").out
    moved = issued.root / RETURNS / "b.xlsx"
    (issued.root / RETURNS / "a.xlsx").rename(moved)
    assert "不在原处" not in issued("status").out
    moved.unlink()
    assert "收取过的 1 个文件不在原处（如“returns/2017-Q4/a.xlsx”）" in issued("status").out


@pytest.mark.parametrize(
    "line", ["nonsense", "{}", '{"event": "mail", "uid": 1}', '{"event": "end"}']
)
def test_a_log_that_was_edited_stops_collecting(line: str, issued: Bureau) -> None:
    put(issued.root / "mail" / "收取记录.jsonl", f"{line}\n".encode())
    for command in (COLLECT, ("status",)):
        said = issued(*command)
        assert said.status == 2
        assert "收取记录.jsonl”第 1 行被改坏了" in said.error


# What an attacker found


def test_a_correction_that_comes_back_as_it_went_is_no_return(issued: Bureau) -> None:
    returned(issued, "hehai", {actual("tech_reports"): None})
    issued("consolidate")
    issued("mail", "send", "--corrections", "--yes")
    (told,) = issued.mailbox("hehai")
    (part,) = message_from_bytes(told, policy=default).iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    deliver(issued, mail(address("hehai"), ("更正.xlsx", content)))
    (note,) = notes(issued)
    assert "是发给河海街道的表，原样退回，没有填写或改动" in note
    assert saved(issued).keys() == {"2017-Q4/hehai.xlsx"}


def test_a_template_of_an_earlier_issue_or_another_period_is_no_return(issued: Bureau) -> None:
    old = (issued.root / "templates/2017-Q4/科技指标_河海街道_2017Q4.xlsx").read_bytes()
    text = (issued.plan / "plan.toml").read_text("utf-8")
    (issued.plan / "plan.toml").write_text(text.replace("综合处", "综合科"), "utf-8")
    assert issued("issue", "--replace").status == 0
    issued.terminal("issue", "--period", "2017", "--plan", issued.plan)
    annual = (issued.root / "templates/2017/科技指标_河海街道_2017.xlsx").read_bytes()
    deliver(issued, mail(address("hehai"), ("旧.xlsx", old), ("年.xlsx", annual)))
    assert ["原样退回" in one for one in notes(issued)] == [True, True]
    assert saved(issued) == {}


def test_a_unit_gone_from_the_plan_stops_nothing(issued: Bureau) -> None:
    template = (issued.root / "templates/2017-Q4/科技指标_河海街道_2017Q4.xlsx").read_bytes()
    path = issued.root / "templates/2017-Q4/发放清单.xlsx"
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if cell.value == "hehai":
                cell.value = "gone"
    book.save(path)
    deliver(issued, mail(address("hehai"), ("表.xlsx", template)))
    assert notes(issued) == ["“表.xlsx”是发给gone的表，原样退回，没有填写或改动"]


def test_a_file_that_tells_no_time_is_as_old_as_its_mail(issued: Bureau) -> None:
    deliver(issued, mail(address("hehai"), ("表.xlsx", signed_return(issued, "hehai"))))
    issued(*COLLECT)
    path = issued.root / RETURNS / "表.xlsx"
    assert path.stat().st_mtime == JANUARY.timestamp()


def test_a_workbook_in_a_bounce_is_named(issued: Bureau) -> None:
    issued("mail", "send", "--yes", "--unit", "hehai")
    inner = mail(address("hehai"), ("b.xlsx", signed_return(issued, "hehai")))
    raw = bounce_of(issued, "hehai").replace(issued.mailbox("hehai")[0], inner)
    raw += b""
    issued.office.deliver(raw.replace(b"--b--", b"--b\r\nContent-Type: application/x; "
        b"name=c.xlsx\r\n\r\nx\r\n--b--"), received=soon())  # fmt: skip
    assert any("c.xlsx" in one for one in notes(issued))


def test_an_old_bounce_says_nothing_of_a_mail_sent_since(issued: Bureau) -> None:
    issued("mail", "send", "--yes", "--unit", "hehai")
    raw = bounce_of(issued, "hehai")
    issued.office.deliver(raw, received=JANUARY)
    assert "已记入发送记录" not in notes(issued)[0]
    said = issued("mail", "send", "--yes", "--unit", "hehai", "--json")
    assert [one["state"] for one in said.json["mails"]] == ["sent"]


def test_a_bounce_that_names_nobody_marks_nobody(issued: Bureau) -> None:
    issued("mail", "send", "--yes", "--unit", "hehai")
    raw = bounce_of(issued, "hehai").replace(b"Final-Recipient", b"X-Nobody")
    issued.office.deliver(raw, received=soon())
    notes(issued)
    said = issued("mail", "send", "--yes", "--unit", "hehai", "--json")
    assert [one["state"] for one in said.json["mails"]] == ["sent"]


def test_a_reminder_tells_a_unit_only_what_it_sent_itself(issued: Bureau) -> None:
    broken = signed_return(issued, "hehai")[:3000]
    for sender, name in (
        (address("sanjing"), "三井内部.zip"), ("evil@x.test", "请打开 http://evil.test.zip"),
        (address("hehai"), "本单位 www.evil.test.xlsx"),
    ):  # fmt: skip
        content = broken if name.endswith("xlsx") else archive({"河海.xlsx": broken})
        issued.office.deliver(mail(sender, (name, content)), received=soon())
    issued("mail", "collect")
    issued("mail", "remind", "--yes", "--unit", "hehai")
    (told,) = issued.mailbox("hehai")
    body = message_from_bytes(told, policy=default).get_body(("plain",))
    assert body
    words = body.get_content()
    assert "三井" not in words
    assert "http" not in words
    assert "www." not in words
    assert "本单位" in words


def test_who_counts_only_by_a_stranger_s_file_gets_no_corrections_unasked(
    issued: Bureau,
) -> None:
    content = signed_return(issued, "hehai", {actual("tech_reports"): "见 http://evil.test"})
    deliver(issued, mail("who@else.test", ("表.xlsx", content)))
    issued(*COLLECT)
    issued("consolidate")
    said = issued("mail", "send", "--corrections", "--yes")
    assert "没有发给河海街道：采用的表是不认识的人寄来的" in said.out
    issued("mail", "send", "--corrections", "--yes", "--unit", "hehai")
    (told,) = issued.mailbox("hehai")
    body = message_from_bytes(told, policy=default).get_body(("plain",))
    assert body
    assert "://" not in body.get_content()


def test_nothing_half_done_is_left_where_the_line_breaks(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, unit in enumerate(UNITS[:3]):
        raw = mail(address(unit), (f"{unit}.xlsx", signed_return(issued, unit)))
        deliver(issued, raw, hours=number)
    real, left = Mailbox.fetch, iter(range(2))

    def fetch_or_break(self: Mailbox, uid: int) -> bytes:
        if next(left, None) is None:
            raise OperatorError("收信服务器没有应答：请核对端口和网络。")
        return real(self, uid)

    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "fetch", fetch_or_break)
        assert issued(*COLLECT).status == 2
    assert not list(issued.root.rglob("*.part"))
    issued(*COLLECT)
    assert len(saved(issued)) == 3


def test_looking_again_finds_files_that_were_moved_deeper(issued: Bureau) -> None:
    deliver(issued, mail(address("hehai"), ("表.xlsx", signed_return(issued, "hehai"))))
    issued(*COLLECT)
    folder = issued.root / RETURNS
    (folder / "街道").mkdir()
    for path in list(folder.glob("表.xlsx*")):
        path.rename(folder / "街道" / path.name)
    issued(*COLLECT, "--again")
    assert list(saved(issued)) == ["2017-Q4/街道/表.xlsx"]


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "9999-99-99"])
def test_a_day_that_cannot_be_is_said(day: str, issued: Bureau) -> None:
    issued.refused("mail", "collect", "--since", day, words="--since 的“")


def test_a_full_disk_leaves_nothing_half_done(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = signed_return(issued, "hehai")
    deliver(issued, mail(address("hehai"), *[(f"{n}.xlsx", content + bytes(n)) for n in range(4)]))
    real, left = files._write_through, iter(range(2))

    def write_or_fail(path: Path, content: bytes) -> None:
        if next(left, None) is None:
            real(path, content[:100])
            raise OSError(28, "No space left on device")
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_write_through", write_or_fail)
        said = issued(*COLLECT)
    assert (said.status, "No space left" in said.error) == (2, True)
    assert not list(issued.root.rglob("*.part"))
    issued(*COLLECT)
    assert len(saved(issued)) == 4
