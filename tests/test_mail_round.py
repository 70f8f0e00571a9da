"""The whole round over real servers and LibreOffice: issued, mailed, filled, collected, mended."""

import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from os import environ
from pathlib import Path

from imapclient import IMAPClient

from bureau import COPY, PERIOD, Bureau, address
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import Places
from consolidator.forms.quarterly.assignment import Key
from hostile_files import archive
from office.libreoffice import LibreOffice
from office.program import Values
from post.faults import Hold
from returns import SHIPPED, actual, ask, good_answers
from test_catalogue import own_workbook
from test_mail_sending import attached, parsed, text

UNITS = [unit.code for unit in SHIPPED.units]
LATE, WRONG, ZIPPED, STRANGE, MISTAKEN = "luoxi", "xuejia", "menghe", "benniu", "hehai"
MISTAKE = actual("tech_reports")


class Town:
    """A unit's clerk: reads his mail by IMAP, fills with LibreOffice, answers by SMTP."""

    def __init__(self, unit: str, bureau: Bureau, office: LibreOffice, folder: Path) -> None:
        """Open the clerk's mailbox."""
        self.unit = unit
        self.bureau = bureau
        self.office = office
        self.folder = folder / unit
        self.folder.mkdir()
        bureau.office.open_mailbox(address(unit))

    def mails(self) -> list[bytes]:
        """Fetch all mails, as a mail program does."""
        post = self.bureau.office
        with IMAPClient(
            post.host, post.imap_port, ssl_context=post.certificates.for_client()
        ) as client:
            client.login(address(self.unit), post.password)
            client.select_folder("INBOX")
            found = client.fetch(client.search(), ["BODY[]"])
        return [bytes(found[uid][b"BODY[]"]) for uid in sorted(found)]

    def filled(self, changes: Mapping[Key, Value] | None = None) -> bytes:
        """Save the workbook of the last mail, fill it, and return what LibreOffice saved."""
        name, content = attached(self.mails()[-1])
        source, target = self.folder / name, self.folder / f"已填_{name}"
        source.write_bytes(content)
        assignment = ask(self.unit)
        places = Places(assignment)
        answers = {**good_answers(assignment), **(changes or {})}
        values: Values = {
            (places.sheet(key), places.local(key)): value
            for key, value in answers.items()
            if value is not None
        }  # fmt: skip
        self.office.fill(source, target, values)
        return target.read_bytes()

    def answer(self, name: str, content: bytes, *, sender: str = "") -> None:
        """Answer the last mail with an attachment."""
        asked = parsed(self.mails()[-1])
        mail = EmailMessage(policy=SMTP)
        mail["From"] = sender or address(self.unit)
        mail["To"], mail["Subject"] = asked["From"], f"回复：{asked['Subject']}"
        mail["Message-ID"] = make_msgid(domain="town.test")
        mail["In-Reply-To"] = asked["Message-ID"]
        mail.set_content("已填好，请查收。")
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        post = self.bureau.office
        with smtplib.SMTP_SSL(
            post.host, post.smtp_port, context=post.certificates.for_client()
        ) as smtp:
            smtp.login(post.user, post.password)
            smtp.send_message(mail, mail["From"])


def killed(bureau: Bureau, arguments: tuple[str, ...], hold: Hold | None = None) -> None:
    """Run a command in a process of its own and kill it: when the server waits, or soon."""
    process = subprocess.Popen(
        [sys.executable, "-m", "consolidator", *arguments, *PERIOD, "--plan", str(bureau.plan)],
        cwd=bureau.root, env={**environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if hold:
        assert hold.reached.wait(60)
    else:
        until = time.monotonic() + 60
        while not list((bureau.root / "returns").rglob("*.xlsx")) and time.monotonic() < until:
            time.sleep(0.002)
    process.kill()
    process.wait(30)
    if hold:
        hold.release.set()


def standing(bureau: Bureau) -> dict[str, str]:
    """Return each unit's status, as `status` tells it."""
    return {one["code"]: one["status"] for one in bureau("status", "--json").json["units"]}


def next_steps(bureau: Bureau) -> dict[str, str]:
    """Return what is to be done about each unit."""
    return {one["code"]: one["next_step"] for one in bureau("status", "--json").json["units"]}


def test_a_round_by_mail_ends_with_every_unit_accepted(
    bureau: Bureau, libreoffice: LibreOffice
) -> None:
    folder = bureau.root / "towns"
    folder.mkdir()
    post = bureau.office
    towns = {unit: Town(unit, bureau, libreoffice, folder) for unit in UNITS}

    # Out: the run is killed while the fifth mail is answered, and run again.
    assert bureau("issue").status == 0
    assert set(next_steps(bureau).values()) == {"已过期限，催报"}
    post.smtp.faults.holds[5] = Hold(delivered_first=True)
    killed(bureau, ("mail", "send", "--yes"), post.smtp.faults.holds[5])
    again = bureau("mail", "send", "--yes")
    assert again.status == 1
    assert again.out.count("不确定是否送达") == 1
    out = Counter(to for one in post.smtp.received for to in one.recipients)
    assert out == Counter([*map(address, UNITS), COPY])
    for unit, town in towns.items():
        (mail,) = town.mails()
        assert SHIPPED.unit(unit).short in attached(mail)[0]

    # Back: one is late, one sends something else, one a zip, one from a strange address.
    for unit, town in towns.items():
        changes = {MISTAKE: "约12"} if unit == MISTAKEN else {}
        name = f"{SHIPPED.unit(unit).short}报表.xlsx"
        match unit:
            case "luoxi":
                continue
            case "xuejia":
                town.answer("本镇统计.xlsx", own_workbook())
            case "menghe":
                town.answer("打包.zip", archive({name: town.filled()}))
            case "benniu":
                town.answer(name, town.filled(), sender="zhang@qq.test")
            case _:
                town.answer(name, town.filled(changes))

    # In: the run is killed once the first file lies there, and run again.
    killed(bureau, ("mail", "collect"))
    collected = bureau("mail", "collect")
    assert collected.status == 1, collected
    lying = [path.name for path in (bureau.root / "returns").rglob("*") if path.is_file()]
    assert len([name for name in lying if name.endswith((".xlsx", ".zip"))]) == 10
    assert len([name for name in lying if name.endswith(".mail.json")]) == 10
    assert "新存附件 0 个；以前收过的邮件 10 封" in bureau("mail", "collect").out

    assert bureau("consolidate").status == 1
    after = standing(bureau)
    assert {unit for unit, one in after.items() if one == "missing"} == {LATE, WRONG}
    assert {unit for unit, one in after.items() if one == "needs_correction"} == {MISTAKEN}
    told = bureau("consolidate", "--json").json
    strangers = [one["unit"] for one in told["findings"] if one["code"] == "sender_unknown"]
    assert strangers == [STRANGE]
    steps = next_steps(bureau)
    assert steps[MISTAKEN] == "发更正表"
    assert steps[WRONG] == "来件不能采用，告知原因"

    # Corrections to the one, reminders to those who owe a return.
    assert bureau("mail", "send", "--corrections", "--yes").status == 0
    assert next_steps(bureau)[MISTAKEN] == "等待更正后的表"
    assert bureau("mail", "remind", "--yes", "--unit", LATE, "--unit", WRONG).status == 0
    correction, refusal = (towns[unit].mails()[-1] for unit in (MISTAKEN, WRONG))
    assert attached(correction)[0].endswith("_更正.xlsx")
    assert "本镇统计.xlsx" in text(refusal)
    towns[MISTAKEN].answer("更正.xlsx", towns[MISTAKEN].filled())
    towns[LATE].answer("报表.xlsx", towns[LATE].filled())
    towns[WRONG].answer("报表.xlsx", towns[WRONG].filled())

    # In again: everything is accepted, and the figures are those that were typed.
    assert bureau("mail", "collect").status == 0
    end = bureau("consolidate", "--json")
    errors = [one for one in end.json["findings"] if one["severity"] == "error"]
    assert [(one["file"], one["code"]) for one in errors] == [("本镇统计.xlsx", "file_not_ours")]
    assert {one["status"] for one in end.json["units"]} == {"accepted"}
    figures = {(one["unit"], one["indicator"]): one for one in end.json["figures"]}
    for unit in UNITS:
        answers = good_answers(ask(unit))
        for line in ask(unit).headline:
            if not line.indicator.amounts:
                found = figures[unit, line.key]
                assert found["actual"] == answers[line.value_key], (unit, line.key)
                assert found["file"]
    by_file = {one["file"]: one for one in end.json["files"]}
    assert by_file["打包.zip/孟河镇报表.xlsx"]["sender"] == address(ZIPPED)
    assert by_file["更正.xlsx"]["status"] == "counted"
    assert next_steps(bureau) == dict.fromkeys(UNITS, "完成") | {STRANGE: "核实寄件人"}
    assert bureau("mail", "remind", "--yes").out == "没有要发的催报邮件。\n"
    assert all("\\Seen" not in one for one in post.flags())
