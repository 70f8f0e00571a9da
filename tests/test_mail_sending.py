"""Sending: everything is held before the first mail goes, and nobody gets the same mail twice."""

import email
import email.policy
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from bureau import COPY, PERIOD, Bureau, address, returned
from consolidator.files import sha256
from consolidator.mail.credentials import PASSWORD
from consolidator.mail.outgoing.smtp import _DOT, Connection
from letters import by_mail
from post.faults import Hold, Moment
from returns import SHIPPED, actual, put
from terminal import contents

UNITS = [unit.code for unit in SHIPPED.units]
SEND = ("mail", "send", "--yes")
TEMPLATES = "templates/2017-Q4"


def parsed(raw: bytes) -> EmailMessage:
    """Read a mail as Python's own parser does."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def attached(raw: bytes) -> tuple[str, bytes]:
    """Return the name and the content of a mail's one attachment."""
    (part,) = parsed(raw).iter_attachments()
    content = part.get_content()
    assert isinstance(content, bytes)
    return part.get_filename() or "", content


def text(raw: bytes) -> str:
    """Return a mail's plain text."""
    body = parsed(raw).get_body(("plain",))
    assert body
    return str(body.get_content())


def states(bureau: Bureau, *more: object) -> dict[str, str]:
    """Send once more, and return how far each mail has come, by address."""
    said = bureau(*SEND, "--json", *more)
    return {one["to"]: one["state"] for one in said.json["mails"]}


def delivered(bureau: Bureau) -> Counter[str]:
    """Return how often each address got something."""
    return Counter(to for one in bureau.office.smtp.received for to in one.recipients)


@pytest.fixture
def issued(bureau: Bureau) -> Bureau:
    """Give a bureau whose templates are issued."""
    assert bureau("issue").status == 0
    return bureau


# What goes out


def test_each_unit_gets_its_own_template_once(issued: Bureau) -> None:
    said = issued(*SEND)
    assert said.status == 0, said
    assert "这次发给 12 个收件人，以前已发 0 个" in said.out
    for unit in UNITS:
        (mail,) = issued.mailbox(unit)
        name, content = attached(mail)
        path = issued.root / TEMPLATES / name
        assert content == path.read_bytes()
        assert SHIPPED.unit(unit).short in name
    assert delivered(issued) == Counter(map(address, UNITS)) + Counter([COPY])


def test_the_mail_says_what_to_do_by_when_in_text_and_html(issued: Bureau) -> None:
    issued(*SEND, "--unit", "benniu")
    (mail,) = issued.mailbox("benniu")
    message = parsed(mail)
    assert message["Subject"] == "【请填报】2017年第四季度科技创新指标填报表（奔牛镇）"
    assert (message["To"], message["Cc"]) == (f"奔牛镇 <{address('benniu')}>", COPY)
    assert message["From"].addresses[0].addr_spec == issued.office.user
    html = message.get_body(("html",))
    assert html
    for body in (text(mail), str(html.get_content())):
        for words in ("奔牛镇", "2018-01-10 前报送", "科技指标_奔牛镇_2017Q4.xlsx", "自检"):
            assert words in body
    assert "<" not in text(mail)


def test_the_attachment_s_name_stays_on_one_line_and_subjects_fold(issued: Bureau) -> None:
    issued(*SEND, "--unit", "longhutang")
    raw = issued.mailbox("longhutang")[0]
    assert b"filename*0" not in raw
    assert len(re.findall(rb"filename\*=utf-8''\S+\.xlsx", raw)) == 1
    head = raw.partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in head.split(b"\r\n")) <= 78
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?b\?\S+\?=", raw))
    raw.decode("ascii")


def test_a_line_that_begins_with_a_dot_comes_as_it_went() -> None:
    assert _DOT.sub(b"..", b".a\r\n..b\r\nc.d\r\n") == b"..a\r\n...b\r\nc.d\r\n"


def test_it_shows_what_would_go_and_nothing_goes_without_a_yes(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in ("n\n", "\n", "不\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        said = issued("mail", "send")
        assert said.status == 2
        assert said.error.endswith("错误：没有发出任何邮件：要发送请回答 y，或加 --yes。\n")
        assert said.out.count("@town.test") == 12
        assert f"由 {issued.office.user} 发出，2017年第四季度填报表 11 封，收件人 12 个" in said.out
    assert not issued.office.smtp.received
    monkeypatch.setattr("sys.stdin", io.StringIO("是\n"))
    assert issued("mail", "send").status == 0
    assert sum(delivered(issued).values()) == 12


# Nobody twice, nothing lost


def test_sending_again_sends_nothing(issued: Bureau) -> None:
    issued(*SEND)
    said = issued(*SEND)
    assert said.status == 0
    assert "这次发给 0 个收件人，以前已发 12 个" in said.out
    assert sum(delivered(issued).values()) == 12


def test_a_template_issued_anew_goes_out_anew(issued: Bureau) -> None:
    issued(*SEND, "--unit", "benniu")
    text_ = (issued.plan / "plan.toml").read_text("utf-8")
    (issued.plan / "plan.toml").write_text(text_.replace("综合处", "综合科"), "utf-8")
    assert issued("issue", "--replace").status == 0
    assert states(issued, "--unit", "benniu")[address("benniu")] == "sent"
    assert len(issued.mailbox("benniu")) == 2


def test_an_address_that_is_refused_is_listed_and_tried_again_only_on_demand(
    issued: Bureau,
) -> None:
    issued.office.smtp.faults.refused.add(address("benniu"))
    said = issued(*SEND)
    assert said.status == 1
    assert f"被拒收：奔牛镇 {address('benniu')}（550 5.1.1 User unknown）" in said.out
    assert len(issued.office.mail.messages(COPY)) == 1
    issued.office.smtp.faults.refused.clear()
    assert states(issued)[address("benniu")] == "refused"
    assert not issued.mailbox("benniu")
    assert states(issued, "--retry")[address("benniu")] == "sent"
    assert delivered(issued) == Counter(map(address, UNITS)) + Counter([COPY])


def test_an_address_that_is_busy_is_tried_again_by_the_next_run(issued: Bureau) -> None:
    issued.office.smtp.faults.busy_once.add(address("hehai"))
    assert states(issued)[address("hehai")] == "deferred"
    assert states(issued)[address("hehai")] == "sent"
    assert delivered(issued)[address("hehai")] == 1


@pytest.mark.parametrize("moment", [Moment.BEFORE_DATA])
def test_a_line_that_breaks_before_a_mail_is_handed_over_costs_nothing(
    moment: Moment, issued: Bureau
) -> None:
    issued.office.smtp.faults.drops[3] = moment
    assert set(states(issued).values()) == {"sent"}
    assert delivered(issued) == Counter(map(address, UNITS)) + Counter([COPY])


@pytest.mark.parametrize("moment", [Moment.BEFORE_DELIVERY, Moment.AFTER_DELIVERY])
def test_a_line_that_breaks_after_it_leaves_that_one_mail_uncertain(
    moment: Moment, issued: Bureau
) -> None:
    issued.office.smtp.faults.drops[3] = moment
    first = states(issued)
    assert Counter(first.values()) == {"sent": 11, "handed": 1}
    (doubtful,) = [to for to, state in first.items() if state == "handed"]
    said = issued(*SEND)
    assert said.status == 1
    assert f"不确定是否送达：新龙国际商务区（新桥镇） {doubtful}" in said.out
    arrived = delivered(issued)[doubtful]
    assert arrived == (moment is Moment.AFTER_DELIVERY)
    assert set(states(issued, "--retry").values()) == {"sent"}
    assert delivered(issued)[doubtful] == arrived + 1
    # Sent on demand, it is the same mail, which programs that look at its number show once.
    mails = issued.mailbox("xinqiao")
    assert len({parsed(one)["Message-ID"] for one in mails}) == 1


def killed_at(bureau: Bureau, number: int, *, delivered_first: bool) -> None:
    """Run send in a process of its own, and kill it while a mail's answer is waited for."""
    hold = Hold(delivered_first=delivered_first)
    bureau.office.smtp.faults.holds[number] = hold
    process = subprocess.Popen(
        [sys.executable, "-m", "consolidator", *SEND, *PERIOD, "--plan", str(bureau.plan)],
        cwd=bureau.root, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert hold.reached.wait(60)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait(30)
    hold.release.set()


@pytest.mark.parametrize("delivered_first", [True, False])
def test_a_run_that_is_killed_goes_on_where_it_stood(delivered_first: bool, issued: Bureau) -> None:
    killed_at(issued, 5, delivered_first=delivered_first)
    assert sum(delivered(issued).values()) in (4, 5)
    after = states(issued)
    (doubtful,) = [to for to, state in after.items() if state == "handed"]
    assert Counter(after.values()) == {"sent": 11, "handed": 1}
    others = delivered(issued)
    del others[doubtful]
    assert set(others.values()) == {1}
    assert len(others) == 11


def test_a_record_that_was_cut_off_is_as_if_it_had_not_begun(issued: Bureau) -> None:
    issued(*SEND, "--unit", "hehai")
    log = issued.root / "mail" / "发送记录.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"at": "2018-01-0')
    assert states(issued, "--unit", "hehai") == {address("hehai"): "sent"}
    issued(*SEND, "--unit", "sanjing")
    lines = log.read_bytes().splitlines()
    assert b"\n".join(lines[:2]) + b"\n" == whole
    assert [json.loads(line)["unit"] for line in lines] == ["hehai"] * 2 + ["sanjing"] * 2


def test_a_log_that_was_edited_stops_sending(issued: Bureau) -> None:
    issued(*SEND, "--unit", "hehai")
    log = issued.root / "mail" / "发送记录.jsonl"
    for spoilt in (b"nonsense\n", b"[]\n", b"{}\n", b'{"state": "sent"}\n'):
        log.write_bytes(spoilt + log.read_bytes())
        issued.refused(*SEND, words="发送记录.jsonl”第 1 行被改坏了")
    assert sum(delivered(issued).values()) == 1


def test_two_runs_at_once_are_one(issued: Bureau) -> None:
    hold = Hold(delivered_first=True)
    issued.office.smtp.faults.holds[1] = hold
    process = subprocess.Popen(
        [sys.executable, "-m", "consolidator", *SEND, *PERIOD, "--plan", str(issued.plan)],
        cwd=issued.root, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert hold.reached.wait(60)
    said = issued(*SEND)
    assert (said.status, said.out) == (2, "")
    assert "另一个窗口正在发送或收取邮件" in said.error
    hold.release.set()
    assert process.wait(60) == 0
    assert sum(delivered(issued).values()) == 12


# What must not go


def test_a_template_that_is_another_unit_s_stops_everything(issued: Bureau) -> None:
    """Swap two files and mend the list's hashes: only the stamps still tell."""
    folder = issued.root / TEMPLATES
    mine, other = (folder / f"科技指标_{one}_2017Q4.xlsx" for one in ("奔牛镇", "河海街道"))
    mine_content, other_content = mine.read_bytes(), other.read_bytes()
    put(mine, other_content)
    put(other, mine_content)
    issued.refused(*SEND, words="与发放清单记录的不同，一封也没有发出")
    book = openpyxl.load_workbook(folder / "发放清单.xlsx")
    sheet = book.worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == sha256(mine_content):
                cell.value = sha256(other_content)
            elif cell.value == sha256(other_content):
                cell.value = sha256(mine_content)
    book.save(folder / "发放清单.xlsx")
    issued.refused(*SEND, words="给奔牛镇的“.*”是河海街道的表，一封也没有发出")
    assert not issued.office.smtp.attempts


def test_a_template_of_another_workspace_s_key_stops_everything(issued: Bureau) -> None:
    key = issued.root / "consolidator.key"
    key.write_text("0123456789abcdef" * 4, "utf-8")
    # A lost key is no reason not to mail; a forged stamp is.
    assert issued(*SEND, "--unit", "hehai").status == 0


def test_what_was_not_issued_is_not_sent(bureau: Bureau) -> None:
    bureau.refused(
        *SEND, words="里没有滨江经济开发区（春江镇）的填报表：请核对当前文件夹.*先运行 issue"
    )


def test_a_template_that_is_gone_stops_everything(issued: Bureau) -> None:
    (issued.root / TEMPLATES / "科技指标_奔牛镇_2017Q4.xlsx").unlink()
    issued.refused(*SEND, words="科技指标_奔牛镇_2017Q4.xlsx”读不出来，一封也没有发出")
    assert not issued.office.smtp.attempts


def test_a_mail_too_large_for_the_settings_or_the_server_stops_everything(
    issued: Bureau,
) -> None:
    issued.office.smtp.faults.size_limit = 20_000
    before = contents(issued.root)
    said = issued(*SEND)
    assert said.status == 2
    assert re.search(
        "给.*的邮件太大（.* KB），超过发信服务器的上限（20 KB），一封也没有发出", said.error
    )
    assert not issued.office.smtp.attempts
    assert set(contents(issued.root)) - set(before) <= {"mail/.lock"}


def hostile_contacts(issued: Bureau, old: str, new: str) -> None:
    path = issued.plan / "contacts.csv"
    told = path.read_text("utf-8")
    assert old in told
    path.write_text(told.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (address("hehai"), '"hehai@town.test\nBcc: thief@else.test"'),
        (address("hehai"), "hehai@town.test>,<thief@else.test"),
        ("hehai,,", 'hehai,"张三\r\nBcc: thief@else.test",'),
        ("hehai,,", 'hehai,"张三\u2028Bcc: thief@else.test",'),
        (address("hehai"), "河海@town.test"),
    ],
    ids=["address", "two", "name", "separator", "chinese"],
)
def test_nobody_slips_a_header_in(old: str, new: str, issued: Bureau) -> None:
    hostile_contacts(issued, old, new)
    said = issued(*SEND)
    assert said.status == 2, said
    assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
    assert not issued.office.smtp.attempts


def test_sample_addresses_are_never_sent_to(issued: Bureau) -> None:
    hostile_contacts(issued, address("hehai"), "hehai@example.com")
    said = issued(*SEND)
    assert said.status == 2
    assert "河海街道的邮箱还是样例（example.com），一封也没有发出" in said.error
    assert not issued.office.smtp.attempts


def test_a_unit_without_address_is_named_and_the_others_get_theirs(issued: Bureau) -> None:
    hostile_contacts(issued, address("hehai"), "")
    said = issued(*SEND)
    assert said.status == 1
    assert "没有邮箱地址，没有发给：河海街道。" in said.out
    assert len(delivered(issued)) == 11
    assert issued(*SEND, "--json").json["without_address"] == ["hehai"]


# The server and the login


def test_a_certificate_of_a_stranger_is_refused_before_the_password_goes(issued: Bureau) -> None:
    other = issued.office.certificates.other_ca.as_posix()
    issued.settle(smtp=f'ca_file = "{other}"')
    issued_said = issued(*SEND)
    assert issued_said.status == 2
    assert "的证书不可信" in issued_said.error
    assert not issued.office.smtp.logins


def test_starttls_is_used_and_its_absence_refused(issued: Bureau) -> None:
    port = issued.office.smtp_starttls.port
    issued.settle(smtp=f'port = {port}\nsecurity = "starttls"')
    assert issued(*SEND, "--unit", "hehai").status == 0
    assert [one.encrypted for one in issued.office.smtp_starttls.logins] == [True]
    issued.office.smtp_starttls.faults.hides_starttls = True
    said = issued(*SEND, "--unit", "sanjing")
    assert said.status == 2
    assert "不支持加密连接或登录，没有发出任何内容" in said.error
    assert len(issued.office.smtp_starttls.logins) == 1


@pytest.mark.parametrize("password", ["wrong", "密码", "a\r\nb"])
def test_a_wrong_password_is_said_and_never_shown(
    password: str, issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, password)
    said = issued(*SEND)
    assert said.status == 2
    assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
    assert "密码" in said.error
    if password.isascii():
        assert password not in said.error


def test_the_password_stands_in_no_file(issued: Bureau) -> None:
    issued(*SEND)
    assert issued.office.password.encode() not in b"".join(contents(issued.root).values())


def test_a_password_for_one_server_goes_before_the_common_one(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSOLIDATOR_SMTP_PASSWORD", issued.office.password)
    monkeypatch.setenv(PASSWORD, "for the other one")
    assert issued(*SEND, "--unit", "hehai").status == 0


def test_without_a_password_it_is_said_how_to_give_one(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD)
    said = issued(*SEND)
    assert said.status == 2
    assert "consolidator mail login" in said.error


@pytest.mark.parametrize(
    ("smtp", "words"),
    [
        ("port = 1", "没有应答"),
        ('host = "no-such-host.invalid"', "找不到发信服务器"),
        ('security = "starttls"', "没有按约定加密|没有应答|出错"),
        ('ca_file = "nowhere.pem"', "证书文件“.*nowhere.pem”读不出来"),
        ('host = ""', "还没有设置发信邮箱"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_sentence(
    smtp: str, words: str, issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consolidator.mail.outgoing.smtp._SECONDS", 2)
    issued.settle(smtp=smtp)
    said = issued(*SEND)
    assert said.status == 2
    assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
    assert re.search(words, said.error), said.error


def test_mails_keep_their_distance(issued: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    issued.settle(mail="per_minute = 30")
    assert issued(*SEND, "--unit", "hehai", "--unit", "sanjing", "--unit", "benniu").status == 0
    assert waited == [2.0, 2.0]


# Corrections and reminders


@pytest.fixture
def wrong(issued: Bureau) -> Bureau:
    """Give a bureau to which one unit sent a good return and another a wrong one."""
    returned(issued, "chunjiang")
    returned(issued, "hehai", {actual("tech_reports"): "约12"})
    assert issued("consolidate").status == 1
    return issued


def test_corrections_go_to_those_who_have_something_to_correct(wrong: Bureau) -> None:
    said = wrong(*SEND, "--corrections")
    assert said.status == 0, said
    assert set(delivered(wrong)) == {address("hehai")}
    (mail,) = wrong.mailbox("hehai")
    name, content = attached(mail)
    assert content == (wrong.root / "output/2017-Q4/corrections" / name).read_bytes()
    assert parsed(mail)["Subject"].startswith("【请更正】")
    assert "“约12”不能用" in text(mail)
    assert "有 1 处需要更正" in text(mail)


def test_the_same_corrections_go_out_once_and_new_ones_again(wrong: Bureau) -> None:
    wrong(*SEND, "--corrections")
    assert wrong(*SEND, "--corrections").status == 0
    assert len(wrong.mailbox("hehai")) == 1
    returned(wrong, "hehai", {actual("tech_reports"): None})
    wrong("consolidate")
    assert wrong(*SEND, "--corrections").status == 0
    assert len(wrong.mailbox("hehai")) == 2


def test_corrections_of_an_earlier_state_are_not_sent(wrong: Bureau) -> None:
    returned(wrong, "hehai", {actual("tech_reports"): None})
    wrong.refused(*SEND, "--corrections", words="与现在收到的填报表对不上.*请先重新汇总")
    path = next((wrong.root / "output/2017-Q4/corrections").glob("*.xlsx"))
    path.unlink()
    wrong.refused(*SEND, "--corrections", words="请先重新汇总")


def test_a_unit_that_has_mended_all_gets_no_more_corrections(wrong: Bureau) -> None:
    returned(wrong, "hehai")
    said = wrong(*SEND, "--corrections")
    assert (said.status, said.out) == (0, "没有要发的更正表邮件。\n")


def test_reminders_go_only_to_those_who_owe_something(wrong: Bureau) -> None:
    said = wrong("mail", "remind", "--yes")
    assert said.status == 0, said
    assert address("chunjiang") not in delivered(wrong)
    assert set(delivered(wrong)) == {*map(address, UNITS), COPY} - {address("chunjiang")}
    (missing,), (doubted,) = wrong.mailbox("benniu"), wrong.mailbox("hehai")
    assert parsed(missing)["Subject"].startswith("【催报】")
    assert attached(missing)[0] == "科技指标_奔牛镇_2017Q4.xlsx"
    assert parsed(doubted)["Subject"].startswith("【催报更正】")
    assert attached(doubted)[0] == "科技指标_河海街道_2017Q4_更正.xlsx"
    assert "“约12”不能用" in text(doubted)


def test_a_unit_is_reminded_once_a_day(wrong: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    remind = ("mail", "remind", "--yes", "--unit", "sanjing")
    for day, hour in ((11, 9), (11, 16), (12, 9)):
        later = datetime(2018, 1, day, hour)
        for module in ("mail", "mail_offers"):
            monkeypatch.setattr(f"consolidator.commands.{module}.now", lambda later=later: later)
        assert wrong(*remind).status == 0
    assert len(wrong.mailbox("sanjing")) == 2
    assert "截至 2018-01-12，还没有收到" in text(wrong.mailbox("sanjing")[1])


def test_who_sent_what_cannot_be_taken_is_told_why(wrong: Bureau) -> None:
    path = returned(wrong, "sanjing")
    put(path, path.read_bytes()[:3000])
    by_mail(path, sender=address("sanjing"))
    wrong("mail", "remind", "--yes", "--unit", "sanjing")
    (mail,) = wrong.mailbox("sanjing")
    assert "发来的下列内容不能采用" in text(mail)
    assert "“sanjing.xlsx”：文件已损坏" in text(mail)


def test_only_one_kind_goes_at_a_time(wrong: Bureau) -> None:
    wrong.refused(*SEND, "--corrections", "--reminders", words="只能写一种")


def test_an_unknown_unit_is_named(issued: Bureau) -> None:
    issued.refused(*SEND, "--unit", "无此镇", words="无此镇")


# Drafts


def test_a_draft_is_opened_as_one_and_holds_what_would_be_sent(issued: Bureau) -> None:
    said = issued("mail", "draft", "--json")
    assert said.status == 0
    drafts = {one["unit"]: one for one in said.json["drafts"]}
    assert list(drafts) == UNITS
    raw = (issued.root / drafts["benniu"]["file"]).read_bytes()
    message = parsed(raw)
    assert message["X-Unsent"] == "1"
    assert message["Date"] is None
    assert message["Message-ID"] is None
    assert drafts["benniu"]["to"] == [address("benniu"), COPY]
    issued(*SEND, "--unit", "benniu")
    (sent,) = issued.mailbox("benniu")
    assert text(raw) == text(sent)
    assert attached(raw) == attached(sent)


def test_drafts_written_again_are_the_same_and_changed_ones_are_kept(issued: Bureau) -> None:
    issued("mail", "draft", "--unit", "benniu")
    before = contents(issued.root)
    assert "未变" in issued("mail", "draft", "--unit", "benniu").out
    assert contents(issued.root) == before
    hostile_contacts(issued, "benniu,,", "benniu,张三,")
    assert "更新" in issued("mail", "draft", "--unit", "benniu").out
    after = contents(issued.root)
    kept = [name for name in after if name.startswith("mail/2017-Q4/history/")]
    assert [after[name] for name in kept] == [before["mail/2017-Q4/填报表_奔牛镇_2017Q4.eml"]]


def test_drafts_need_no_server_and_no_settings(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    (issued.root / "consolidator.toml").unlink()
    monkeypatch.delenv(PASSWORD)
    assert issued("mail", "draft", "--unit", "benniu").status == 0
    raw = (issued.root / "mail/2017-Q4/填报表_奔牛镇_2017Q4.eml").read_bytes()
    assert parsed(raw)["From"].addresses[0].addr_spec == SHIPPED.contact.mail


def test_made_up_figures_are_marked_in_every_mail(issued: Bureau) -> None:
    put(issued.root / "演示数据.txt", "演示数据，非真实上报\n".encode())
    issued(*SEND, "--unit", "benniu")
    (mail,) = issued.mailbox("benniu")
    assert parsed(mail)["Subject"].startswith("【演示数据，非真实上报】")
    assert text(mail).startswith("【演示数据，非真实上报】")


def test_drafts_that_nobody_should_send_any_more_are_put_away(wrong: Bureau) -> None:
    wrong("mail", "draft", "--corrections")
    wrong("mail", "draft", "--reminders")
    folder = wrong.root / "mail" / "2017-Q4"
    assert (folder / "更正表_河海街道_2017Q4.eml").exists()
    returned(wrong, "hehai")
    wrong("mail", "draft", "--reminders")
    left = {path.name for path in folder.glob("*.eml")}
    assert not [name for name in left if "河海街道" in name]
    assert len(left) == 9
    kept = {path.name.split("_")[0] for path in (folder / "history").glob("*河海街道*")}
    assert kept == {"更正表", "催报"}


# What a clerk stumbles on


def test_what_was_uncertain_is_settled_by_what_the_recipient_says(issued: Bureau) -> None:
    issued.office.smtp.faults.drops[1] = Moment.AFTER_DELIVERY
    one = ("--unit", "benniu")
    assert states(issued, *one)[address("benniu")] == "handed"
    said = issued(*SEND, *one)
    assert "收到了的加 --arrived，没有收到的加 --retry" in said.out
    told = {unit["code"]: unit for unit in issued("status", "--json").json["units"]}
    assert told["benniu"]["next_step"] == "问明收到没有，没有再发"
    issued.refused(*SEND, "--arrived", words="--arrived 要用 --unit 写明")
    assert states(issued, *one, "--arrived") == {address("benniu"): "sent", COPY: "sent"}
    assert issued(*SEND, *one).status == 0
    assert len(issued.mailbox("benniu")) == 1


def test_a_unit_that_has_reported_gets_no_template_at_a_new_address(issued: Bureau) -> None:
    issued(*SEND)
    returned(issued, "hehai")
    hostile_contacts(issued, address("hehai"), "new@town.test")
    hostile_contacts(issued, address("sanjing"), "other@town.test")
    said = issued(*SEND)
    assert "没有发给河海街道：已经报来，不再发模板" in said.out
    assert not issued.office.mail.messages("new@town.test")
    assert len(issued.office.mail.messages("other@town.test")) == 1
    issued(*SEND, "--unit", "hehai")
    assert len(issued.office.mail.messages("new@town.test")) == 1


def test_who_was_sent_corrections_today_is_not_chased_today(wrong: Bureau) -> None:
    wrong(*SEND, "--corrections")
    said = wrong("mail", "remind", "--yes")
    assert "没有发给河海街道：今天刚发过更正表，这次不催" in said.out
    assert len(wrong.mailbox("hehai")) == 1


def test_before_reminding_it_says_when_mail_was_last_collected(
    wrong: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n" * 2))
    assert "还没有收取过邮件" in wrong("mail", "remind").out
    wrong("mail", "collect")
    said = wrong("mail", "remind").out
    assert "注意：上次收取邮件是" in said
    assert "未报" in said
    assert "目标任务里科技局自己的电话或邮箱还没有填好" in said


def test_a_refused_address_that_was_changed_is_no_longer_reproached(issued: Bureau) -> None:
    issued.office.smtp.faults.refused.add(address("hehai"))
    issued(*SEND, "--unit", "hehai")
    (told,) = [u for u in issued("status", "--json").json["units"] if u["code"] == "hehai"]
    assert told["sent"] == "填报表被拒收"
    hostile_contacts(issued, address("hehai"), "new@town.test")
    issued(*SEND, "--unit", "hehai")
    (told,) = [u for u in issued("status", "--json").json["units"] if u["code"] == "hehai"]
    assert told["sent"].endswith(" 填报表")


def test_a_mail_put_off_is_told_as_such(issued: Bureau) -> None:
    issued.office.smtp.faults.busy_once.add(address("hehai"))
    issued(*SEND, "--unit", "hehai")
    (told,) = [u for u in issued("status", "--json").json["units"] if u["code"] == "hehai"]
    assert told["sent"] == "填报表暂时被拒"


def test_units_with_one_address_are_warned_of(issued: Bureau) -> None:
    hostile_contacts(issued, address("sanjing"), address("hehai").upper())
    said = issued.terminal("plan", "check", "--plan", issued.plan)
    assert "“河海街道”、“三井街道”的邮箱都是" in said.out


def test_a_run_that_is_interrupted_says_how_far_it_came(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter(range(3))

    def rest(_: float) -> None:
        if next(turns, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", rest)
    said = issued(*SEND)
    assert said.status == 2
    assert "已中断：这次要发给 12 个收件人，已处理 4 个，都有记录；再运行一次会接着发" in said.error


# What an attacker found


def test_nobody_gets_a_mail_twice_for_capitals_in_his_address(issued: Bureau) -> None:
    hostile_contacts(issued, f"benniu@town.test,{COPY}", "benniu@town.test,BENNIU@town.test")
    issued(*SEND, "--unit", "benniu")
    hostile_contacts(issued, "benniu@town.test,", "Benniu@town.test,")
    issued(*SEND, "--unit", "benniu")
    assert sum(delivered(issued).values()) == 1


@pytest.mark.parametrize("answer", [b"250 ok\r\n", b"220 ok\r\n"])
def test_a_server_that_takes_no_mail_has_sent_none(
    answer: bytes, issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "consolidator.mail.outgoing.smtp._Answers.docmd",
        lambda self, command, arguments="": (int(answer[:3]), b"ok"),
    )
    said = issued(*SEND, "--unit", "hehai", "--json")
    assert said.status in (1, 2)
    assert not issued.office.smtp.received
    log = issued.root / "mail" / "发送记录.jsonl"
    assert not log.exists() or b'"sent"' not in log.read_bytes()


def test_a_size_that_no_number_is_is_not_believed(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = vars(Connection)["most_bytes"].fget

    def told(connection: Connection) -> int:
        connection._smtp.esmtp_features["size"] = "9" * 5_000
        return int(most(connection))

    monkeypatch.setattr(Connection, "most_bytes", property(told))
    assert issued(*SEND, "--unit", "hehai").status == 0
    assert len(issued.mailbox("hehai")) == 1


def test_an_interruption_amid_a_mail_does_not_wait_for_the_server(
    issued: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("consolidator.mail.outgoing.sent_log.SentLog.add", fail)
    began = time.monotonic()
    assert issued(*SEND, "--unit", "hehai").status == 2
    assert time.monotonic() - began < 20
    assert not issued.office.smtp.received


def test_the_next_step_s_command_is_the_one_that_helps(wrong: Bureau) -> None:
    returned(wrong, "sanjing", {actual("tech_reports"): None})
    told = {unit["code"]: unit for unit in wrong("status", "--json").json["units"]}
    assert (told["sanjing"]["next_step"], told["sanjing"]["command"]) == ("汇总", "consolidate")
    wrong("consolidate")
    wrong.office.smtp.faults.refused |= {address("hehai"), address("menghe")}
    wrong(*SEND, "--corrections")
    wrong("mail", "remind", "--yes", "--unit", "menghe")
    told = {unit["code"]: unit for unit in wrong("status", "--json").json["units"]}
    wrong.office.smtp.faults.refused.clear()
    for code in ("hehai", "menghe"):
        command = told[code]["command"].split()
        assert wrong(*command, "--yes").status == 0
        assert len(wrong.mailbox(code)) == 1


def test_returns_that_lie_elsewhere_are_not_chased(issued: Bureau) -> None:
    for unit in UNITS:
        path = returned(issued, unit)
        put(issued.root / "收回" / path.name, path.read_bytes())
        path.unlink()
    issued("consolidate", issued.root / "收回")
    issued.refused("mail", "remind", "--yes", words="里没有收回的文件，而本期已有汇总表")


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a <x@y.test>", "=?utf-8?b?aaa", "长" * 60])
def test_a_name_that_could_be_taken_for_an_address_is_left_out(name: str, issued: Bureau) -> None:
    quoted = name.replace('"', '""')
    hostile_contacts(issued, "hehai,,", f'hehai,"{quoted}",')
    assert issued(*SEND, "--unit", "hehai").status == 0
    (mail,) = issued.mailbox("hehai")
    assert parsed(mail)["To"] == address("hehai")


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = {one for one in threading.enumerate() if not one.daemon} - before
    assert not left
