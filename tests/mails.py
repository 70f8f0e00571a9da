"""Mails as other programs write them, byte for byte, and the winmail.dat of Outlook."""

import io
import struct
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Sequence

IMESSAGE = struct.pack("<IHH8s", 0x20307, 0, 0, b"\xc0\0\0\0\0\0\0F")
ISTORAGE = struct.pack("<IHH8s", 0xB, 0, 0, b"\xc0\0\0\0\0\0\0F")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(said: str = "1", size: int = 0) -> bytes:
    """Return what looks like a workbook; ``size`` bytes more make its BASE64 end as wanted."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
        package.writestr(zipfile.ZipInfo("xl/workbook.xml"), f"<workbook>{said}</workbook>")
        package.comment = b"c" * size
    return stream.getvalue()


def _bytes(one: str | bytes) -> bytes:
    return one.encode() if isinstance(one, str) else one


def part(*fields: str | bytes, body: bytes = b"") -> bytes:
    """Return a part: its fields, an empty line, its body."""
    return b"".join(_bytes(one) + b"\r\n" for one in fields) + b"\r\n" + body


def mail(
    *fields: str | bytes,
    parts: Sequence[bytes] = (),
    kind: str = "mixed",
    boundary: str = "=_b",
    body: bytes = b"",
) -> bytes:
    """Return a mail, or a part, of parts; of none, with a body."""
    if not parts:
        return part(*fields, body=body)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"'
    mark = f"--{boundary}".encode()
    inner = b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts)
    return part(*fields, head, body=inner + mark + b"--\r\n")


def base64_lines(content: bytes) -> bytes:
    """Return BASE64 in lines of 76."""
    digits = b64encode(content)
    return b"\r\n".join(digits[at : at + 76] for at in range(0, len(digits), 76))


def attached(
    content: bytes,
    name: str | bytes = b"a.xlsx",
    *more: str | bytes,
    kind: str = _SHEET,
) -> bytes:
    """Return an attachment in BASE64, its name written raw between quotes."""
    return part(
        f"Content-Type: {kind}",
        b'Content-Disposition: attachment; filename="' + _bytes(name) + b'"',
        "Content-Transfer-Encoding: base64",
        *more,
        body=base64_lines(content),
    )


def plain(text: str = "附件请查收。") -> bytes:
    """Return a body of plain text."""
    return part("Content-Type: text/plain; charset=utf-8", body=text.encode())


def html(text: str) -> bytes:
    """Return a body of HTML."""
    return part("Content-Type: text/html; charset=utf-8", body=text.encode())


def words(text: str, *, label: str, codec: str = "gb18030", size: int = 45) -> str:
    """Return encoded words of at most ``size`` bytes each, folded; a character may be torn."""
    raw = text.encode(codec)
    pieces = (raw[at : at + size] for at in range(0, len(raw), size))
    return "\r\n ".join(f"=?{label}?B?{b64encode(one).decode()}?=" for one in pieces)


def qq_mail(content: bytes, name: str) -> bytes:
    """Return a mail as QQ Mail writes it: encoded words in quotes, in lines, labelled gb18030."""
    encoded = words(name, label="gb18030")
    return mail(
        'From: "=?gb18030?B?' + b64encode("王五".encode("gb18030")).decode() + '?=" <1@qq.com>',
        "To: kjj@example.gov.cn",
        "Subject: " + words("二季度报表", label="gb18030"),
        "Mime-Version: 1.0",
        "Date: Tue, 7 Jul 2026 09:30:00 +0800",
        "X-Mailer: QQMail 2.x",
        "Message-ID: <tencent_ABC@qq.com>",
        parts=[
            mail(parts=[plain(), html("<p>附件请查收。</p>")], kind="alternative", boundary="=_a"),
            part(
                'Content-Type: application/octet-stream;\r\n\tcharset="gb18030";\r\n\t'
                f'name="{encoded}"',
                f'Content-Disposition: attachment; filename="{encoded}"',
                "Content-Transfer-Encoding: base64",
                body=base64_lines(content),
            ),
        ],
        boundary="----=_NextPart_5F0",
    )


def foxmail(content: bytes, name: str) -> bytes:
    """Return a mail as old Foxmail writes it: GB18030 in the head as it is, no encoded words."""
    raw = name.encode("gb18030")
    return mail(
        b"From: " + "刘芳".encode("gb18030") + b" <liu@example.gov.cn>",
        b"Subject: " + "报送报表".encode("gb18030"),
        b"Date: Tue, 7 Jul 2026 09:30:00 +0800",
        b"X-mailer: Foxmail 5.0 [cn]",
        b"Message-ID: <2026.1@example.gov.cn>",
        parts=[
            part("Content-Type: text/plain; charset=GB2312", body="附件".encode("gb18030")),
            part(
                b'Content-Type: application/octet-stream;\r\n\tname="' + raw + b'"',
                "Content-Transfer-Encoding: base64",
                b'Content-Disposition: attachment;\r\n\tfilename="' + raw + b'"',
                body=base64_lines(content),
            ),
        ],
        boundary="=====003_Dragon_=====",
    )


def apple_mail(content: bytes, name: str) -> bytes:
    """Return a mail as Apple Mail writes it: the file stands within one form of the text."""
    escaped = "".join(f"%{one:02X}" for one in name.encode())
    file = part(
        f"Content-Disposition: inline;\r\n\tfilename*=utf-8''{escaped}",
        f'Content-Type: {_SHEET};\r\n\tx-unix-mode=0644;\r\n\tname="a.xlsx"',
        "Content-Transfer-Encoding: base64",
        body=base64_lines(content),
    )
    logo = part(
        "Content-Disposition: inline; filename=logo.png",
        "Content-Type: image/png; name=logo.png",
        "Content-Transfer-Encoding: base64",
        "Content-Id: <1@apple>",
        body=base64_lines(PNG),
    )
    related = mail(
        parts=[html('<img src="cid:1@apple">'), logo], kind="related", boundary="Apple-Mail=_3"
    )
    mixed = mail(parts=[related, file, html("<br>")], boundary="Apple-Mail=_2")
    return mail(
        "From: =?utf-8?B?5byg5LiJ?= <zhang@icloud.com>",
        "Content-Transfer-Encoding: 7bit",
        "Subject: =?utf-8?B?5oql6KGo?=",
        "Mime-Version: 1.0 (Mac OS X Mail 16.0)",
        parts=[plain(), mixed],
        kind="alternative",
        boundary="Apple-Mail=_1",
    )


def forwarded(*mails: bytes, encoding: str = "8bit") -> bytes:
    """Return a mail as Thunderbird forwards others as attachments."""
    inner = [
        part(
            'Content-Type: message/rfc822; charset=UTF-8; name="fwd.eml"',
            'Content-Disposition: attachment; filename="fwd.eml"',
            f"Content-Transfer-Encoding: {encoding}",
            body=base64_lines(one) if encoding == "base64" else one,
        )
        for one in mails
    ]
    return mail(
        "From: office@example.gov.cn", "Subject: Fwd", parts=[plain(), *inner], boundary="=_f"
    )


def postfix_bounce(returned: bytes, *recipients: str, action: str = "failed") -> bytes:
    """Return a bounce as Postfix writes it."""
    about = b"\r\n".join(
        part(
            f"Final-Recipient: rfc822; {one}",
            f"Original-Recipient: rfc822;{one}",
            f"Action: {action}",
            "Status: 5.1.1" if action == "failed" else "Status: 4.4.1",
            "Diagnostic-Code: smtp; 550 5.1.1 no such user",
        )
        for one in recipients
    )
    return mail(
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        parts=[
            part("Content-Description: Notification", body=b"This is the mail system."),
            part(
                "Content-Type: message/delivery-status",
                body=part("Reporting-MTA: dns; mx.example.org") + about,
            ),
            part("Content-Type: message/rfc822", body=returned),
        ],
        kind="report; report-type=delivery-status",
        boundary="7F2A.1/mx.example.org",
    )


# winmail.dat (MS-OXTNEF)


def tnef_object(level: int, what: int, data: bytes) -> bytes:
    """Return an object of a winmail.dat: level 1 of the mail, 2 of a file."""
    return (
        struct.pack("<BII", level, what, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    )


def _padded(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data + bytes(-len(data) % 4)


def properties(*entries: tuple[int, int, bytes]) -> bytes:
    """Return a list of properties, each its type, its identity and its value."""
    told = b""
    for kind, what, value in entries:
        told += struct.pack("<HH", kind, what)
        if what >= 0x8000:
            told += bytes(16) + struct.pack("<I", 1) + _padded("名称\0".encode("utf-16-le"))
        if kind in (0x1E, 0x1F, 0x0D, 0x102):
            told += struct.pack("<I", 1) + _padded(value)
        else:
            told += value + bytes(-len(value) % 4)
    return struct.pack("<I", len(entries)) + told


def wide(text: str) -> bytes:
    """Return a text as Outlook has it in properties."""
    return f"{text}\0".encode("utf-16-le")


def packed(
    content: bytes | None, title: bytes = b"A.XLS\0", *entries: tuple[int, int, bytes]
) -> bytes:
    """Return the objects of a file in a winmail.dat."""
    objects = tnef_object(2, 0x69002, bytes(14)) + tnef_object(2, 0x18010, title)
    if content is not None:
        objects += tnef_object(2, 0x6800F, content)
    return objects + tnef_object(2, 0x69005, properties(*entries))


def tnef(*files: bytes, code_page: int = 936, told: Iterable[tuple[int, int, bytes]] = ()) -> bytes:
    """Return a winmail.dat."""
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + tnef_object(1, 0x89006, struct.pack("<I", 0x10000))
        + tnef_object(1, 0x69007, struct.pack("<II", code_page, 0))
        + tnef_object(1, 0x69003, properties(*told))
        + b"".join(files)
    )


def outlook(*files: bytes) -> bytes:
    """Return a mail as Outlook writes it, with a winmail.dat of files."""
    return mail(
        'From: "Li" <li@example.gov.cn>',
        "Subject: winmail",
        parts=[
            plain(),
            attached(tnef(*files), "winmail.dat", kind='application/ms-tnef; name="winmail.dat"'),
        ],
        boundary="----=_NextPart_000_0001",
    )
