"""Taking mails apart: what is attached, wherever it stands, and everything else by name."""

import binascii
import random
import unicodedata
from base64 import b64encode
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from urllib.parse import quote

import pytest
import tnefparse
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidator.files import is_safe_name
from consolidator.intake.letters import SUFFIX
from consolidator.mail.incoming import headers
from consolidator.mail.incoming.attachments import DEEPEST, Mail, take_apart
from consolidator.mail.incoming.headers import Head, codec_of, decode, parameters, read_head
from consolidator.mail.incoming.names import (
    LONGEST,
    LONGEST_BYTES,
    extension_of,
    free_name,
    safe_name,
)
from consolidator.mail.incoming.parts import MOST_PARTS, Why
from mails import (
    IMESSAGE,
    ISTORAGE,
    PNG,
    apple_mail,
    attached,
    base64_lines,
    forwarded,
    foxmail,
    html,
    mail,
    outlook,
    packed,
    part,
    plain,
    postfix_bounce,
    properties,
    qq_mail,
    tnef,
    tnef_object,
    wide,
    words,
    workbook,
)

BOOK = workbook()
NAME = "宁桐镇2026年第二季度科技创新指标填报表.xlsx"
BROTHERS = ["gb2312", "GBK", "x-gbk", "CP936", "gb_2312-80", "GB18030", "gb2312*zh-cn"]


def head(*fields: str | bytes) -> Head:
    return read_head(part(*fields))[0]


def names(taken: Mail) -> list[str]:
    return [one.name for one in taken.attachments]


def left(taken: Mail) -> list[tuple[str, Why]]:
    return [(one.name, one.why) for one in taken.left]


def one_file(*fields: str | bytes, body: bytes = b"x") -> Mail:
    return take_apart(mail("From: a@b.cn", parts=[plain(), part(*fields, body=body)]))


def file_name(*fields: str | bytes) -> str:
    return headers.file_name(head(*fields))


# Names and subjects


@pytest.mark.parametrize("label", BROTHERS)
def test_a_name_labelled_gb2312_or_alike_may_have_characters_of_its_successors(label: str) -> None:
    name = "朱镕基喆㐀.xlsx"
    told = words(name, label=label)
    assert file_name(f'Content-Disposition: attachment; filename="{told}"') == name
    assert file_name(f"Content-Disposition: attachment; filename={told}") == name


@pytest.mark.parametrize("size", [1, 2, 3, 5, 44])
def test_a_character_torn_between_two_encoded_words_is_read(size: int) -> None:
    for label, codec in (("gbk", "gb18030"), ("UTF-8", "utf-8")):
        told = words(NAME, label=label, codec=codec, size=size)
        assert headers.text_of(told.encode()) == NAME


def test_neighbours_of_different_labels_but_one_charset_are_joined() -> None:
    raw = "测试".encode("gb18030")
    first, second = b64encode(raw[:1]).decode(), b64encode(raw[1:]).decode()
    assert headers.decode_words(f"=?gb2312?B?{first}?=\t=?GBK?b?{second}?=") == "测试"


def test_text_between_encoded_words_stays_and_blanks_between_them_go() -> None:
    assert (
        headers.decode_words("a =?utf-8?q?b?= c =?utf-8?q?d_e?=  =?gbk?q?f?=.x") == "a b c d ef.x"
    )


def test_quoted_printable_words_are_read() -> None:
    assert headers.decode_words("=?gb2312?Q?=B1=ED_=D2=BB=2Exlsx?=") == "表 一.xlsx"


@pytest.mark.parametrize("label", ["x-nonesuch", "unicode_escape", "idna", "zlib", "undefined", ""])
def test_of_an_unknown_charset_utf_8_and_then_gb18030_are_tried(label: str) -> None:
    assert codec_of(label) == ""
    for codec in ("utf-8", "gb18030"):
        told = b64encode("统计表".encode(codec)).decode()
        if label:
            assert headers.decode_words(f"=?{label}?B?{told}?=") == "统计表"
        assert decode("统计表".encode(codec), codec_of(label)) == "统计表"


def test_a_name_labelled_utf_8_that_is_none_is_read_as_gb18030() -> None:
    told = b64encode("统计表.xlsx".encode("gb18030")).decode()
    assert headers.decode_words(f"=?utf-8?B?{told}?=") == "统计表.xlsx"


@pytest.mark.parametrize(
    "told", ["=?utf-8?B?5oql6KGo=?=", "=?utf-8?B?5oql6KGo5?=", "=?utf-8?B?5oql 6KGo\t=?="]
)
def test_base64_of_a_word_that_is_not_well_formed_is_read_as_far_as_it_goes(told: str) -> None:
    assert headers.decode_words(told) == "报表"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_name_in_raw_bytes_is_read_as_utf_8_or_else_gb18030(codec: str) -> None:
    raw = NAME.encode(codec)
    assert file_name(b'Content-Disposition: attachment; filename="' + raw + b'"') == NAME
    assert file_name(b"Content-Disposition: attachment; filename=" + raw) == NAME
    assert headers.text_of(raw) == NAME
    # The second byte of these is a backslash, which would hide the quote that follows.
    tail = "誠".encode("gb18030")
    assert tail.endswith(b"\x5c")
    assert file_name(b'Content-Type: a/b; name="' + tail + b'"; x=y') == "誠"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_name_that_was_cut_off_within_a_character_loses_that_character(codec: str) -> None:
    assert headers.text_of("统计表一".encode(codec)[:-1]) == "统计表"


def test_a_name_with_a_charset_of_its_own_is_read() -> None:
    for label in ("UTF-8", "gb2312", "x-gbk"):
        told = quote(NAME, encoding="utf-8" if label == "UTF-8" else "gb18030")
        assert file_name(f"Content-Disposition: attachment; filename*={label}'zh-CN'{told}") == NAME
    # A program that leaves the charset out.
    assert file_name(f"Content-Disposition: attachment; filename*={quote(NAME)}") == NAME


@pytest.mark.parametrize(("label", "codec"), [("gb18030", "gb18030"), ("UTF-8", "utf-8")])
def test_a_name_in_pieces_is_joined_before_it_is_read(label: str, codec: str) -> None:
    told = quote(NAME, encoding=codec)
    pieces = [told[at : at + 20] for at in range(0, len(told), 20)]
    folded = [f"filename*{n}*={f'{label}{chr(39) * 2}' if n == 0 else ''}{one}"
              for n, one in enumerate(pieces)]  # fmt: skip
    mixed = list(reversed(folded))
    assert file_name("Content-Disposition: attachment;\r\n " + ";\r\n ".join(folded)) == NAME
    assert file_name("Content-Disposition: attachment;\r\n " + ";\r\n ".join(mixed)) == NAME


def test_a_name_in_pieces_without_escapes_is_joined() -> None:
    assert file_name(
        'Content-Disposition: attachment; filename*0="re"; filename*1="port.xlsx"'
    ) == ("report.xlsx")
    told = words("统计表.xlsx", label="gb2312", size=99)
    halves = f'filename*0="{told[:15]}";\r\n filename*1="{told[15:]}"'
    assert file_name(f"Content-Disposition: attachment; {halves}") == "统计表.xlsx"


def test_a_name_partly_escaped_is_joined() -> None:
    assert file_name(
        "Content-Disposition: attachment; filename*0*=UTF-8''%E8%A1%A8%20; filename*1=a%20.xlsx"
    ) == "表 a%20.xlsx"  # fmt: skip


def test_percent_signs_that_escape_nothing_stay() -> None:
    assert file_name("Content-Disposition: attachment; filename*=utf-8''100%25%zz%E8%A1%A8%") == (
        "100%%zz表%"
    )


def test_a_name_with_its_own_charset_wins_over_the_plain_one_and_the_first_wins() -> None:
    told = "attachment; filename=\"x.xlsx\"; filename*=UTF-8''%E8%A1%A8.xlsx; filename=y.xlsx"
    assert file_name(f"Content-Disposition: {told}") == "表.xlsx"
    assert (
        file_name("Content-Disposition: attachment; filename=a.xlsx; filename=b.xlsx") == "a.xlsx"
    )
    assert file_name("Content-Disposition: attachment; filename*=utf-8''; filename=b") == "b"


def test_the_name_of_the_content_type_is_taken_where_the_disposition_has_none() -> None:
    assert (
        file_name("Content-Disposition: attachment", "Content-Type: a/b; name=c.xlsx") == "c.xlsx"
    )


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=成果 报告(1).xlsx", "成果 报告(1).xlsx"),
        ('attachment; filename="a; b=c.xlsx"', "a; b=c.xlsx"),
        (r'attachment; filename="a\"b.xlsx"', 'a"b.xlsx'),
        (r'attachment; filename="C:\报表\a.xlsx"', "C:\\报表\\a.xlsx"),
        ('attachment; filename="never closed.xlsx', "never closed.xlsx"),
        ('attachment filename="a.xlsx"', "a.xlsx"),
        ('attachment;;; filename = "a.xlsx" ;', "a.xlsx"),
        ('ATTACHMENT; FileName="a.xlsx"', "a.xlsx"),
        ("attachment; filename", ""),
        ("attachment; filename*", ""),
        ("attachment; filename*0*", ""),
        ("attachment; filename*99999999999999999999*=x", "x"),
        ('attachment; filename=""', ""),
    ],
)
def test_a_name_is_read_however_loosely_it_is_written(value: str, name: str) -> None:
    assert file_name(f"Content-Disposition: {value}") == name


def test_what_is_read_of_a_head_is_one_line_that_can_be_seen() -> None:
    subject = headers.text_of(
        "报\u202e表\u200b\x00 \x1b[31m一\r\n\t二\ud800".encode("utf-8", "replace")
    )
    assert subject == "报表 [31m一   二?"
    assert len(headers.text_of(b"x" * 5000)) == headers.LONGEST


# Heads


def test_a_lone_carriage_return_ends_no_head() -> None:
    raw = mail("From: a@b.cn", "Subject: a\rb", parts=[plain(), attached(BOOK)])
    assert not message_from_bytes(raw).is_multipart()
    assert names(take_apart(raw)) == ["a.xlsx"]
    assert take_apart(raw).subject == "a b"


def test_a_value_broken_in_two_does_not_hide_what_follows() -> None:
    raw = mail("Subject: one", "two, not folded", "From: a@b.cn", parts=[plain(), attached(BOOK)])
    assert names(take_apart(raw)) == ["a.xlsx"]


def test_a_name_broken_in_two_without_a_fold_is_joined() -> None:
    raw = mail(
        "From: a@b.cn",
        parts=[plain(), attached(BOOK, "2026年\r\n填报表.xlsx")],
    )
    assert [(one.name, one.content) for one in take_apart(raw).attachments] == [
        ("2026年 填报表.xlsx", BOOK)
    ]


def test_a_head_without_an_empty_line_ends_where_the_body_begins() -> None:
    body = base64_lines(BOOK)
    file = b'Content-Type: a/b; name="a.xlsx"\r\nContent-Transfer-Encoding: base64\r\n' + body
    taken = take_apart(mail("From: a@b.cn", parts=[file, attached(BOOK, "b.xlsx")]))
    assert [one.content for one in taken.attachments] == [BOOK, BOOK]


def test_the_line_a_mailbox_file_puts_before_a_mail_is_passed_over() -> None:
    raw = b"From a@b.cn Tue Jul  7 09:30:00 2026\n" + qq_mail(BOOK, NAME).replace(b"\r\n", b"\n")
    assert names(take_apart(raw)) == [NAME]
    assert take_apart(raw).sender == "1@qq.com"


def test_a_head_of_any_length_is_read_to_a_bound() -> None:
    raw = b"Subject: s\r\n" + b"X: y\r\n" * 30_000 + b"From: a@b.cn\r\n\r\n"
    assert (take_apart(raw).subject, take_apart(raw).sender) == ("s", "")


FATAL = [
    "To: (c):", "Content-Type: text/plain; name*", "Message-ID: <[x@y]>", 'From: =?q?q?a?=@x, "',
    "Date: Mon, 5 Jan 99999999999 09:00:00 +0800", "Content-Disposition: attachment; filename*0*",
    'From: "', "From: <", "From: @", "From: a@", "Content-Type: ;", "Content-Type: /", ": x",
    "Content-Transfer-Encoding: ;", "Message-ID:", "From: =?utf-8?B??=", "Subject: =?=?=?=",
]  # fmt: skip


@pytest.mark.parametrize("field", FATAL)
def test_no_field_raises(field: str) -> None:
    hold(take_apart(part(field, body=b"x")))
    taken = take_apart(mail("From: a@b.cn", parts=[part(field, body=b"x"), attached(BOOK)]))
    assert "a.xlsx" in names(taken)


def test_python_s_own_policy_does_raise() -> None:
    raised = []
    for field in FATAL:
        try:
            _ = [str(one) for one in message_from_bytes(part(field), policy=default).values()]
        except Exception as error:
            # Any: the test is about what may come.
            raised.append(type(error).__name__)
    assert raised


# Senders and dates


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (["From: a@b.cn"], ("a@b.cn", "")),
        (["From: Zhang San <Zhang@B.cn>"], ("Zhang@B.cn", "Zhang San")),
        (['From: "张三，李四, 王五" <a@b.cn>'], ("a@b.cn", "张三，李四, 王五")),
        (["From: 张三, 科技办 <a@b.cn>"], ("a@b.cn", "张三, 科技办")),
        (["From: =?gb2312?B?1cXI/Q==?= <a@b.cn>"], ("a@b.cn", "张三")),
        (['From: "=?gb2312?B?1cXI/Q==?=" <a@b.cn>'], ("a@b.cn", "张三")),
        (["From: =?utf-8?Q?a,_b_<c@d.cn>?= <a@b.cn>"], ("a@b.cn", "a, b <c@d.cn>")),
        (["From: a@b.cn (张三)"], ("a@b.cn", "张三")),
        (["From: <a@b.cn>"], ("a@b.cn", "")),
        (["From: 张三<a@b.cn>"], ("a@b.cn", "张三")),
        (["From: 张三 a@b.cn"], ("a@b.cn", "张三")),
        (["From: 张三a@b.cn"], ("a@b.cn", "张三")),
        (["From: 张三 < a@b.cn >"], ("a@b.cn", "张三")),
        (["From: 张三 <a@b.cn"], ("a@b.cn", "张三")),
        (["From: a@b.cn, c@d.cn"], ("a@b.cn", "")),
        (["From: 张三 <a@b.cn>, 李四 <c@d.cn>"], ("a@b.cn", "张三")),
        (['From: "c@d.cn" <a@b.cn>'], ("a@b.cn", "c@d.cn")),
        (["From: c@d.cn <a@b.cn>"], ("a@b.cn", "")),
        (["From: <@relay.cn:a@b.cn>"], ("a@b.cn", "")),
        (["From: bounce=x@b.cn"], ("bounce=x@b.cn", "")),
        (['From: "a b"@b.cn'], ("", "a b@b.cn")),
        (['From: <"a b"@b.cn>'], ('"a b"@b.cn', "")),
        (["From: a@evil.cn@b.cn"], ("", "a@evil.cn@b.cn")),
        (["From: <a@evil.cn@b.cn>"], ("", "")),
        (["From: nobody"], ("", "nobody")),
        (["From: 张三", "From: a@b.cn"], ("a@b.cn", "")),
        (["From: a@b.cn", "From: c@d.cn"], ("a@b.cn", "")),
        (["Sender: s@b.cn", "Return-Path: <r@b.cn>"], ("", "")),
        (["From: undisclosed:;"], ("", "undisclosed:;")),
        ([r'From: "a \"b\" c" <a@b.cn>'], ("a@b.cn", 'a "b" c')),
        (["From: a\u200b@b.cn"], ("", "a@b.cn")),
    ],
)
def test_the_sender_is_the_first_address_of_from(fields: list[str], told: tuple[str, str]) -> None:
    assert headers.sender(head(*fields)) == told


def test_a_sender_s_name_in_raw_gb18030_is_read() -> None:
    raw = b"From: " + "刘芳，科技办".encode("gb18030") + b" <a@b.cn>"
    assert headers.sender(head(raw)) == ("a@b.cn", "刘芳，科技办")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Tue, 7 Jul 2026 09:30:00 +0800", "2026-07-07T09:30:00+08:00"),
        ("Tue, 7 Jul 2026 09:30:00 +0800 (CST)", "2026-07-07T09:30:00+08:00"),
        ("7 Jul 2026 09:30 GMT", "2026-07-07T09:30:00+00:00"),
        ("Tue, 7 Jul 2026 09:30:00 -0000", "2026-07-07T09:30:00+00:00"),
        ("Tue, 7 Jul 2026 09:30:00", "2026-07-07T09:30:00"),
        ("7-Jul-2026 09:30:00 +0800", "2026-07-07T09:30:00+08:00"),
        ("7-Jul-2026 09:30:00 CST", "2026-07-07T09:30:00"),
        # In China this is +0800, for Python -0600.
        ("Tue, 7 Jul 2026 09:30:00 CST", "2026-07-07T09:30:00"),
        ("Tue, 7 Jul 26 09:30:00 +0800", "2026-07-07T09:30:00+08:00"),
        ("Tue, 31 Jun 2026 09:30:00 +0800", ""),
        ("Tue, 7 Jul 99999999999 09:30:00 +0800", ""),
        ("Tue, 7 Jul 9999 09:30:00 -1200", ""),
        ("Tue, 7 Jul 1026 09:30:00 +0800", ""),
        ("Tue, 7 Jul 2026 09:30:00 +99999999999999999999", ""),
        ("Tue, 7 Jul " + "9" * 5000 + " 09:30:00 +0800", ""),
        ("2026年7月7日", ""),
        ("yesterday", ""),
        (",", ""),
        ("", ""),
    ],
)
def test_a_date_is_told_as_far_as_it_is_sure(value: str, told: str) -> None:
    assert headers.date(head(f"Date: {value}")) == told


def test_a_mail_without_a_message_id_is_known_by_its_hash() -> None:
    raw = part("From: a@b.cn")
    assert take_apart(raw).message_id.startswith("sha256:")
    assert take_apart(raw).message_id == take_apart(raw).message_id
    assert take_apart(part("Message-ID:  <a@b> \r\n")).message_id == "<a@b>"
    assert take_apart(part("Message-ID: <>")).message_id.startswith("sha256:")


# Programs


@pytest.mark.parametrize("name", ["报表 一.xlsx", 'a"b;c.csv', "长" * 60 + ".xlsx", "it's 100%25"])
@pytest.mark.parametrize("line", [76, 998])
def test_what_python_writes_is_read(name: str, line: int) -> None:
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = "内"
    inner.set_content("x")
    inner.add_attachment(BOOK, maintype="application", subtype="x", filename=name)
    outer = EmailMessage(policy=SMTP.clone(max_line_length=line))
    outer["From"] = Address("张三, 科技办", "a", "b.cn")
    outer.set_content("正文", cte="quoted-printable")
    outer.add_alternative("<p>正文</p>", subtype="html")
    outer.add_attachment(inner)
    outer.add_attachment("单位,1\r\n \r\n", subtype="csv", filename=name, cte="quoted-printable")
    taken = take_apart(outer.as_bytes())
    assert (taken.sender_name, taken.left) == ("张三, 科技办", ())
    assert [(one.sent_as, one.content, one.inside) for one in taken.attachments] == [
        (name, BOOK, ("转发邮件：内",)),
        (name, "单位,1\r\n \r\n".encode(), ()),
    ]


def test_qq_mail_is_read() -> None:
    taken = take_apart(qq_mail(BOOK, NAME))
    (one,) = taken.attachments
    assert (one.name, one.sent_as, one.content, one.part) == (NAME, NAME, BOOK, 1)
    assert (one.inside, one.inner_sender) == ((), "")
    assert (taken.sender, taken.sender_name, taken.subject) == ("1@qq.com", "王五", "二季度报表")
    assert (taken.message_id, taken.sent) == ("<tencent_ABC@qq.com>", "2026-07-07T09:30:00+08:00")
    assert (taken.left, taken.is_bounce, taken.is_automatic) == ((), False, False)
    assert not taken.mentions_cloud


def test_foxmail_is_read() -> None:
    taken = take_apart(foxmail(BOOK, NAME))
    assert (taken.sender_name, taken.subject) == ("刘芳", "报送报表")
    assert [(one.name, one.content) for one in taken.attachments] == [(NAME, BOOK)]


def test_apple_mail_is_read() -> None:
    taken = take_apart(apple_mail(BOOK, NAME))
    assert [(one.name, one.content) for one in taken.attachments] == [(NAME, BOOK)]
    assert left(taken) == [("logo.png", Why.PICTURE)]
    assert taken.sender_name == "张三"


def test_a_mail_with_line_ends_of_any_kind_gives_the_same_bytes() -> None:
    raw = qq_mail(BOOK, NAME)
    for changed in (raw.replace(b"\r\n", b"\n"), b"\r\n\r\n" + raw):
        assert [one.content for one in take_apart(changed).attachments] == [BOOK]


# What is taken


@pytest.mark.parametrize(
    "fields",
    [
        ["Content-Disposition: attachment", "Content-Type: text/plain"],
        ["Content-Disposition: attachment; filename=x.html", "Content-Type: text/html"],
        ["Content-Disposition: inline; filename=x.pdf", "Content-Type: application/pdf"],
        ["Content-Type: text/csv; name=x.csv"],
        ["Content-Type: application/octet-stream"],
        ["Content-Type: xlsx"],
        ["Content-Type: image/png"],
        ["Content-Disposition: attachment; filename=x.bin"],
    ],
)
def test_every_part_with_a_name_or_marked_or_that_is_no_text_is_taken(fields: list[str]) -> None:
    taken = one_file(*fields, body=b"a,b\r\n1,2\r\n")
    assert [one.content for one in taken.attachments] == [b"a,b\r\n1,2\r\n"]
    assert taken.left == ()


def test_a_mail_that_is_an_attachment_as_a_whole_is_taken() -> None:
    raw = attached(BOOK, NAME, "From: a@b.cn", "Subject: x")
    assert [(one.name, one.content) for one in take_apart(raw).attachments] == [(NAME, BOOK)]


def test_texts_of_a_mail_are_no_attachments() -> None:
    parts = [
        plain(),
        html("<p>x</p>"),
        part(body=b"x"),
        part("Content-Type: text/plain", body=b"x"),
    ]
    taken = take_apart(mail("From: a@b.cn", parts=parts))
    assert (taken.attachments, taken.left) == ((), ())


def test_a_text_of_another_kind_without_a_name_is_named() -> None:
    assert left(one_file("Content-Type: text/csv", body=b"1,2")) == [("", Why.NAMELESS)]
    assert left(one_file("Content-Type: text/csv", body=b" ")) == []


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (BOOK, ".xlsx"), (PNG, ".png"), (b"%PDF-1.7", ".pdf"), (b"\x1f\x8b\x08", ".gz"),
        (b"PK\x03\x04" + bytes(22) + b"\x04\0\0\0a.txt", ".zip"), (b"Rar!\x1a\x07\x00", ".rar"),
        (b"a,b", ".txt"), (b"\x00\x01\x02", ""), (b"MZ\x90\x00", ".exe"),
    ],
)  # fmt: skip
def test_a_file_without_a_name_is_called_by_number_and_content(
    content: bytes, extension: str
) -> None:
    file = part("Content-Type: application/x", "Content-Transfer-Encoding: base64",
                body=base64_lines(content))  # fmt: skip
    taken = take_apart(mail("From: a@b.cn", parts=[attached(BOOK), file]))
    assert names(taken) == ["a.xlsx", f"附件2{extension}"]
    assert taken.attachments[1].sent_as == ""


def test_attachments_are_numbered_in_their_order() -> None:
    parts = [attached(workbook(str(n)), f"{n}.xlsx") for n in range(1, 4)]
    once = take_apart(
        mail(
            "From: a@b.cn",
            parts=[parts[0], forwarded(mail(parts=parts[1:2], boundary="i")), parts[2]],
        )
    )
    assert [(one.part, one.name) for one in once.attachments] == [
        (1, "1.xlsx"), (2, "2.xlsx"), (3, "3.xlsx"),
    ]  # fmt: skip
    whole = forwarded(
        mail("Subject: s", parts=parts[:2], boundary="i"), mail(parts=parts[2:], boundary="j")
    )
    again = take_apart(whole)
    assert [(one.part, one.name) for one in again.attachments] == [
        (1, "1.xlsx"), (2, "2.xlsx"), (3, "3.xlsx"),
    ]  # fmt: skip
    assert take_apart(whole) == again


def test_the_name_as_it_was_written_is_kept_beside_the_safe_one() -> None:
    (one,) = take_apart(mail(parts=[attached(BOOK, "C:\\报表\\con.xlsx. ")])).attachments
    assert (one.name, one.sent_as) == ("_con.xlsx", "C:\\报表\\con.xlsx.")


@pytest.mark.parametrize("encoding", ["8bit", "binary", "7bit", "BINARY", "", '"8bit"'])
def test_a_file_that_is_not_encoded_is_taken_byte_for_byte(encoding: str) -> None:
    content = bytes(range(256)) + b"\r\n--no boundary\r\n\r\n--=_c\n--=_bb--\n" + b"\r\x00\n"
    taken = one_file(
        "Content-Type: application/x; name=a",
        f"Content-Transfer-Encoding: {encoding}",
        body=content,
    )
    assert [one.content for one in taken.attachments] == [content]


def test_quoted_printable_is_decoded() -> None:
    taken = one_file(
        "Content-Type: text/csv; name=a.csv", "Content-Transfer-Encoding: Quoted-Printable",
        body=b"=E8=A1=A8,1=\r\n0=3d\r\n2,=  \r\n3=",
    )  # fmt: skip
    assert [one.content for one in taken.attachments] == ["表,10=\r\n2,3".encode()]


def uuencoded(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return b"text before\r\nbegin 644 a.xlsx\r\n" + b"".join(lines) + b"`\r\nend\r\n"


@pytest.mark.parametrize("encoding", ["x-uuencode", "uuencode"])
def test_uuencode_is_decoded_and_is_whole_where_its_end_is_seen(encoding: str) -> None:
    fields = ["Content-Type: application/x; name=a.xlsx", f"Content-Transfer-Encoding: {encoding}"]
    whole = uuencoded(BOOK)
    assert [one.content for one in one_file(*fields, body=whole).attachments] == [BOOK]
    for cut in (whole[:-5], whole[:100], whole[:3], whole.replace(b"\n", b"\nM#", 3)):
        taken = one_file(*fields, body=cut)
        assert (taken.attachments, left(taken)) == ((), [("a.xlsx", Why.DAMAGED)])


def test_an_encoding_nobody_knows_is_named() -> None:
    taken = one_file("Content-Type: a/b; name=a.xlsx", "Content-Transfer-Encoding: x-secret")
    assert (taken.attachments, left(taken)) == ((), [("a.xlsx", Why.CODING)])
    inner = part("Content-Type: message/rfc822; name=a.eml", "Content-Transfer-Encoding: x-secret",
                 body=qq_mail(BOOK, NAME))  # fmt: skip
    assert left(take_apart(mail(parts=[inner]))) == [("a.eml", Why.CODING)]


# What is cut off


def cut(digits: bytes, *, closed: bool) -> Mail:
    raw = mail("From: a@b.cn", parts=[plain(), attached(BOOK)])
    whole = base64_lines(BOOK)
    assert raw.count(whole) == 1
    changed = raw.replace(whole, digits)
    return take_apart(changed if closed else changed[: changed.index(b"\r\n--=_b--")])


def test_base64_is_whole_where_no_digit_is_missing_and_its_end_is_seen() -> None:
    whole = base64_lines(BOOK)
    assert [one.content for one in cut(whole, closed=True).attachments] == [BOOK]
    assert [
        one.content for one in cut(whole.replace(b"\r\n", b" \t"), closed=True).attachments
    ] == [BOOK]
    assert cut(b"", closed=True).attachments[0].content == b""


TABLE = b"unit,value\r\n1,12345\r\n2,67890"


@pytest.mark.parametrize("lost", [1, 2, 3, 5, 33])
def test_base64_that_lost_digits_is_not_taken_but_named(lost: int) -> None:
    taken = cut(base64_lines(TABLE)[:-lost], closed=True)
    assert (taken.attachments, left(taken)) == ((), [("a.xlsx", Why.DAMAGED)])


@pytest.mark.parametrize(
    "digits", [b"QUJD!QUJD", b"QUJD=QUJD", b"QQ==\r\nQUJD", b"QUJD\xffQUJD", b"QUJD-_==", b"=QUJ"]
)
def test_base64_with_something_foreign_in_it_is_not_taken_but_named(digits: bytes) -> None:
    taken = cut(digits, closed=True)
    assert (taken.attachments, left(taken)) == ((), [("a.xlsx", Why.DAMAGED)])


def test_an_attachment_is_not_taken_where_the_mail_ends_before_it_does() -> None:
    for content in (TABLE, TABLE + b"1", TABLE + b"12"):
        digits = base64_lines(content)
        for size in range(4, len(digits) - 2, 4):
            taken = cut(digits[:size], closed=False)
            assert taken.attachments == ()
            assert left(taken) == [("", Why.UNFINISHED), ("a.xlsx", Why.DAMAGED)]


def test_an_attachment_whose_own_end_is_seen_is_taken_though_the_mail_goes_no_further() -> None:
    padded = cut(base64_lines(b"abcd"), closed=False)
    assert [one.content for one in padded.attachments] == [b"abcd"]
    assert left(padded) == [("", Why.UNFINISHED)]
    book = workbook("x" * ((-len(BOOK) + 1) % 3))
    assert len(book) % 3 == 0
    assert [one.content for one in cut(base64_lines(book), closed=False).attachments] == [book]
    # The last record of another zip, which lies in one that goes on.
    outer = bytes(1) + book
    outer = b"\0" * (-len(outer) % 3) + outer
    assert cut(base64_lines(outer), closed=False).attachments == ()


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable"])
def test_what_has_no_end_of_its_own_is_not_taken_where_the_mail_is_cut_off(encoding: str) -> None:
    fields = ["Content-Type: text/csv; name=a.csv", f"Content-Transfer-Encoding: {encoding}"]
    raw = mail("From: a@b.cn", parts=[plain(), part(*fields, body=b"1,12345")])
    taken = take_apart(raw[: raw.index(b"345")])
    assert (taken.attachments, left(taken)) == (
        (), [("", Why.UNFINISHED), ("a.csv", Why.DAMAGED)],
    )  # fmt: skip
    broken = one_file(*fields[:1], "Content-Transfer-Encoding: quoted-printable", body=b"1,=1")
    assert left(broken) == [("a.csv", Why.DAMAGED)]


def test_a_multipart_without_a_boundary_is_named() -> None:
    body = b"--b\r\n" + attached(BOOK) + b"\r\n--b--"
    for told in ("multipart/mixed", 'multipart/mixed; boundary=""', "multipart/mixed; boundary=c"):
        taken = take_apart(part("From: a@b.cn", f"Content-Type: {told}", body=body))
        assert left(taken) == [("", Why.UNFINISHED)]


def test_an_inner_multipart_that_is_not_closed_ends_with_the_outer_one() -> None:
    inner = mail(parts=[plain(), attached(BOOK)], boundary="i").replace(b"--i--\r\n", b"")
    taken = take_apart(mail(parts=[inner, attached(BOOK, "b.xlsx")]))
    assert (names(taken), taken.left) == (["a.xlsx", "b.xlsx"], ())


def test_an_inner_multipart_that_never_begins_is_named() -> None:
    inner = part("Content-Type: multipart/mixed; boundary=i", body=b"--j\r\n" + attached(BOOK))
    taken = take_apart(mail(parts=[inner, attached(BOOK, "b.xlsx")]))
    assert (names(taken), left(taken)) == (["b.xlsx"], [("", Why.UNFINISHED)])


def test_a_boundary_that_is_open_already_opens_no_other_multipart() -> None:
    inner = part("Content-Type: multipart/mixed; boundary==_b", body=b"")
    taken = take_apart(mail(parts=[inner, attached(BOOK)]))
    assert (names(taken), left(taken)) == (["a.xlsx"], [("", Why.UNFINISHED)])


def test_parts_after_the_last_boundary_are_named() -> None:
    raw = mail(parts=[plain()]) + b"--=_b\r\n" + attached(BOOK) + b"\r\n--=_b--\r\n"
    assert left(take_apart(raw)) == [("", Why.UNFINISHED)]


def test_a_boundary_may_have_blanks_after_it_and_end_in_dashes() -> None:
    raw = mail(parts=[plain(), attached(BOOK)], boundary="b--")
    raw = raw.replace(b"\r\n--b--\r\n", b"\r\n--b-- \t\r\n")
    assert names(take_apart(raw)) == ["a.xlsx"]


# What is left


def test_pictures_of_the_text_are_left_and_named() -> None:
    def picture(name: str, *more: str) -> bytes:
        return part(f"Content-Type: image/png; name={name}", *more, body=PNG)

    taken = take_apart(
        mail(
            "From: a@b.cn",
            parts=[
                html('<img src="cid:a@x"><img src=cid:b%40x>'),
                part("Content-Type: image/png", "Content-Disposition: inline", body=PNG),
                picture("photo.png", "Content-Disposition: inline"),
                picture("shown.png", "Content-ID: <a@x>", "Content-Disposition: attachment"),
                picture("escaped.png", "Content-ID: <b@x>"),
                part("Content-Type: application/octet-stream; name=qq.png", "Content-ID: <a@x>",
                     body=PNG),
                picture("sent.png", "Content-ID: <f_1@x>", "Content-Disposition: attachment"),
                picture("scan.png"),
                part("Content-Type: application/x; name=b.xlsx", "Content-ID: <a@x>", body=BOOK),
            ],
        )
    )  # fmt: skip
    assert left(taken) == [
        (name, Why.PICTURE) for name in ("", "shown.png", "escaped.png", "qq.png")
    ]
    assert names(taken) == ["photo.png", "sent.png", "scan.png", "b.xlsx"]


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("application/pkcs7-signature", "smime.p7s", Why.SIGNATURE),
        ("application/x-pkcs7-signature", "", Why.SIGNATURE),
        ("application/octet-stream", "smime.p7s", Why.SIGNATURE),
        ("application/pgp-signature", "signature.asc", Why.SIGNATURE),
        ("text/calendar", "invite.ics", Why.CALENDAR),
        ("text/calendar; method=REQUEST", "", Why.CALENDAR),
        ("application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m", Why.SEALED),
        ("application/x-pkcs7-mime; smime-type=signed-data", "", Why.SEALED),
        ("message/partial; id=1; number=1; total=2", "", Why.PARTIAL),
        ("message/external-body; access-type=URL", "", Why.ELSEWHERE),
        ("application/applefile", "a.xlsx", Why.MAC),
    ],
)
def test_what_is_no_attachment_or_cannot_be_opened_is_left_and_named(
    kind: str, name: str, why: Why
) -> None:
    disposition = f"Content-Disposition: attachment; filename={name}" if name else "X: y"
    taken = one_file(f"Content-Type: {kind}", disposition, body=b"\x30\x80\x06")
    assert (taken.attachments, left(taken)) == ((), [(name, why)])


def test_a_signed_mail_gives_its_attachments() -> None:
    inner = mail(parts=[plain(), attached(BOOK)], boundary="i")
    sign = part("Content-Type: application/pkcs7-signature; name=smime.p7s", body=b"\x30\x80")
    taken = take_apart(mail("From: a@b.cn", parts=[inner, sign], kind="signed"))
    assert (names(taken), left(taken)) == (["a.xlsx"], [("smime.p7s", Why.SIGNATURE)])


def test_a_mail_encrypted_by_pgp_is_named() -> None:
    parts = [
        part("Content-Type: application/pgp-encrypted", body=b"Version: 1"),
        part("Content-Type: application/octet-stream; name=encrypted.asc", body=b"-----"),
    ]
    taken = take_apart(mail("From: a@b.cn", parts=parts, kind="encrypted"))
    assert (taken.attachments, {why for _, why in left(taken)}) == ((), {Why.SEALED_PGP})


def test_zip_files_are_taken_as_they_are() -> None:
    content = b"PK\x05\x06" + bytes(18)
    taken = take_apart(mail(parts=[attached(content, "a.zip", kind="application/zip")]))
    assert [(one.name, one.content) for one in taken.attachments] == [("a.zip", content)]


def test_it_is_known_what_somebody_has_to_see_to() -> None:
    assert Why.PICTURE.is_minor
    assert Why.SIGNATURE.is_minor
    assert not Why.DAMAGED.is_minor
    assert not Why.TOO_DEEP.is_minor


# Mails in mails


@pytest.mark.parametrize("encoding", ["8bit", "7bit", "base64"])
def test_a_mail_forwarded_as_an_attachment_is_opened(encoding: str) -> None:
    taken = take_apart(forwarded(qq_mail(BOOK, NAME), encoding=encoding))
    (one,) = taken.attachments
    assert (one.name, one.content) == (NAME, BOOK)
    assert (one.inside, one.inner_sender) == (("转发邮件：二季度报表",), "1@qq.com")
    assert (taken.sender, taken.left) == ("office@example.gov.cn", ())


def test_a_file_that_is_a_mail_by_name_and_content_is_opened() -> None:
    file = attached(foxmail(BOOK, NAME), "转发.EML", kind="application/octet-stream")
    (one,) = take_apart(mail("From: a@b.cn", parts=[plain(), file])).attachments
    assert (one.name, one.inside, one.inner_sender) == (
        NAME, ("转发邮件：报送报表",), "liu@example.gov.cn",
    )  # fmt: skip


def test_a_file_that_is_a_mail_by_name_or_type_alone_is_taken_as_it_is() -> None:
    assert names(take_apart(mail(parts=[attached(BOOK, "a.eml")]))) == ["a.eml"]
    wrong = attached(BOOK, "b.xlsx", kind="message/rfc822")
    assert [(one.name, one.content) for one in take_apart(mail(parts=[wrong])).attachments] == [
        ("b.xlsx", BOOK)
    ]


def test_the_sender_of_the_innermost_mail_is_told() -> None:
    inner = mail("From: 丙 <c@x.cn>", "Subject: 三", parts=[attached(BOOK)], boundary="3")
    middle = mail(
        "Subject: 二", parts=[part("Content-Type: message/rfc822", body=inner)], boundary="2"
    )
    (one,) = take_apart(forwarded(middle)).attachments
    assert (one.inside, one.inner_sender) == (("转发邮件：二", "转发邮件：三"), "c@x.cn")
    without = mail("Subject: 三", parts=[attached(BOOK)], boundary="3")
    (one,) = take_apart(forwarded(without)).attachments
    assert one.inner_sender == ""


def test_a_forwarded_mail_without_a_subject_is_called_by_its_file_or_so() -> None:
    inner = mail("From: a@b.cn", parts=[attached(BOOK)], boundary="i")
    assert take_apart(forwarded(inner)).attachments[0].inside == ("转发邮件：fwd.eml",)
    nameless = mail(parts=[part("Content-Type: message/rfc822", body=inner)])
    assert take_apart(nameless).attachments[0].inside == ("转发邮件：（没有主题）",)


def test_mails_of_a_digest_are_opened_without_being_called_mails() -> None:
    inner = part(body=mail("Subject: 一", parts=[attached(BOOK)], boundary="i"))
    assert names(take_apart(mail(parts=[inner], kind="digest"))) == ["a.xlsx"]


def test_a_forwarded_mail_without_an_attachment_is_named() -> None:
    taken = take_apart(forwarded(part("Subject: 数据在正文里", body=b"1,2,3")))
    assert left(taken) == [("数据在正文里", Why.NOTHING)]


def test_a_forwarded_mail_that_is_cut_off_gives_what_is_whole() -> None:
    inner = mail("Subject: 内", parts=[attached(BOOK), attached(BOOK, "b.xlsx")], boundary="i")
    raw = forwarded(inner)
    taken = take_apart(raw[: raw.rindex(b"filename=") + 60])
    assert [(one.name, one.content) for one in taken.attachments] == [("a.xlsx", BOOK)]
    assert ("b.xlsx", Why.DAMAGED) in left(taken)
    damaged = forwarded(inner, encoding="base64").replace(b"\r\n\r\nU3Vi", b"\r\n\r\nU!Vi")
    assert left(take_apart(damaged)) == [("fwd.eml", Why.DAMAGED)]


def nested(depth: int) -> bytes:
    raw = mail("Subject: 0", parts=[attached(BOOK)], boundary="b0")
    for level in range(1, depth + 1):
        raw = mail(
            f"Subject: {level}",
            parts=[part("Content-Type: message/rfc822", body=raw)],
            boundary=f"b{level}",
        )
    return raw


def test_mails_are_opened_to_a_depth_and_named_below_it() -> None:
    (one,) = take_apart(nested(DEEPEST)).attachments
    assert len(one.inside) == DEEPEST
    taken = take_apart(nested(DEEPEST + 1))
    assert (taken.attachments, left(taken)) == ((), [("0", Why.TOO_DEEP)])
    assert len(taken.left[0].inside) == DEEPEST


def test_ten_thousand_multiparts_in_each_other_are_no_trouble() -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)
    )
    with pytest.raises(RecursionError):
        message_from_bytes(raw)
    assert left(take_apart(raw)) == [("", Why.TOO_MANY)]


def test_ten_thousand_mails_in_each_other_are_no_trouble() -> None:
    raw = b"Content-Type: message/rfc822\n\n" * 10_000
    assert left(take_apart(raw)) == [("（没有主题）", Why.TOO_DEEP)]


def test_parts_are_looked_at_to_a_number_and_the_rest_is_named() -> None:
    parts = [attached(b"%d" % n, f"{n}.txt") for n in range(MOST_PARTS + 50)]
    taken = take_apart(mail(parts=parts))
    assert names(taken) == [f"{n}.txt" for n in range(MOST_PARTS - 1)]
    assert left(taken) == [("", Why.TOO_MANY)]
    # The multipart itself is one, and all mails of a mail count together.
    within = forwarded(mail(parts=parts[:150], boundary="i"), mail(parts=parts[:200], boundary="j"))
    taken = take_apart(within)
    assert 150 < len(taken.attachments) < MOST_PARTS
    assert left(taken) == [("", Why.TOO_MANY)]


# winmail.dat


def test_what_the_encoder_here_writes_others_read_alike() -> None:
    one = packed(
        BOOK, "表.xls\0".encode("cp936"), (0x1F, 0x3707, wide(NAME)), (0x03, 0x3705, b"\1\0\0\0")
    )
    read = tnefparse.TNEF(tnef(one, told=[(0x1F, 0x37, wide("主题"))]))
    (found,) = read.attachments
    assert (found.long_filename(), found.data) == (NAME, BOOK)
    assert all(each.good_checksum for each in read.objects)
    assert read.mapiprops[0].data == "主题"


@pytest.mark.parametrize(
    "kind", ["application/ms-tnef", "application/vnd.ms-tnef", "application/x"]
)
def test_files_in_a_winmail_dat_are_taken(kind: str) -> None:
    file = packed(BOOK, b"A.XLS\0", (0x1F, 0x3707, wide(NAME)))
    raw = mail("From: a@b.cn", parts=[plain(), attached(tnef(file), "WinMail.dat", kind=kind)])
    (one,) = take_apart(raw).attachments
    assert (one.name, one.content, one.inside) == (NAME, BOOK, ("WinMail.dat",))
    assert take_apart(raw).left == ()


def test_a_winmail_dat_is_known_by_its_content() -> None:
    data = tnef(packed(BOOK, b"a.xlsx\0"))
    renamed = attached(data, "附件.dat", kind="application/octet-stream")
    nameless = part("Content-Type: application/ms-tnef", body=data)
    taken = take_apart(mail(parts=[renamed, nameless]))
    assert [one.inside for one in taken.attachments] == [("附件.dat",), ("winmail.dat",)]
    wrong = attached(BOOK, "winmail.dat", kind="application/ms-tnef")
    assert names(take_apart(mail(parts=[wrong]))) == ["winmail.dat"]


@pytest.mark.parametrize("code_page", [936, 1252, 0])
def test_a_name_in_a_winmail_dat_may_be_bytes_of_gbk(code_page: int) -> None:
    raw = NAME.encode("gb18030")
    title = packed(BOOK, raw + b"\0")
    long = packed(BOOK, b"A~1.XLS\0", (0x1E, 0x3707, raw + b"\0"))
    transport = tnef_object(2, 0x69002, b"") + tnef_object(2, 0x69001, raw + b"\0")
    data = tnef(title, long, transport + tnef_object(2, 0x6800F, BOOK), code_page=code_page)
    taken = take_apart(mail(parts=[attached(data, "winmail.dat")]))
    assert names(taken) == [NAME] * 3
    assert [one.content for one in taken.attachments] == [BOOK] * 3


def test_a_name_after_one_that_cannot_be_read_is_read() -> None:
    bad = (0x1E, 0x3001, b"\x81\xff\xba\0")
    named = (0x03, 0x8001, b"\1\0\0\0")
    file = packed(
        BOOK, b"A~1.XLS\0", bad, named, (0x0B, 0x7FFE, b"\0\0"), (0x1F, 0x3707, wide(NAME))
    )
    assert names(take_apart(outlook(file))) == [NAME]


def test_zeros_at_the_end_of_a_file_in_a_winmail_dat_stay() -> None:
    content = b"12345" + bytes(7)
    direct = packed(content, b"a.bin\0")
    binary = packed(None, b"b.bin\0", (0x102, 0x3701, content))
    storage = packed(None, b"c.bin\0", (0x0D, 0x3701, ISTORAGE + content))
    taken = take_apart(outlook(direct, binary, storage))
    assert [one.content for one in taken.attachments] == [content] * 3


def test_pictures_of_the_text_in_a_winmail_dat_are_left() -> None:
    hidden = packed(PNG, b"a.png\0", (0x0B, 0x7FFE, b"\1\0"))
    drawn = packed(PNG, b"b.png\0", (0x03, 0x3714, b"\4\0\0\0"))
    sent = packed(PNG, b"c.png\0", (0x0B, 0x7FFE, b"\0\0"))
    taken = take_apart(outlook(hidden, drawn, sent))
    assert left(taken) == [("a.png", Why.PICTURE), ("b.png", Why.PICTURE)]
    assert names(taken) == ["c.png"]


def test_a_file_that_a_winmail_dat_only_tells_the_place_of_is_named() -> None:
    linked = packed(
        None, b"a.xlsx\0", (0x03, 0x3705, b"\7\0\0\0"), (0x1F, 0x370D, wide("https://x"))
    )
    assert left(take_apart(outlook(linked))) == [("a.xlsx", Why.ELSEWHERE)]


def test_a_file_whose_content_a_winmail_dat_ends_within_is_named() -> None:
    told = properties((0x03, 0x3705, b"\1\0\0\0"), (0x102, 0x3701, b"1,2345"))
    for lost in (3, 4, 9, 20):
        file = tnef_object(2, 0x69002, b"") + tnef_object(2, 0x18010, b"a.csv\0")
        taken = take_apart(outlook(file + tnef_object(2, 0x69005, told[:-lost])))
        assert (taken.attachments, left(taken)) == ((), [("a.csv", Why.DAMAGED)])


def embedded(*files: bytes, subject: str = "内部邮件", sender: str = "c@x.cn") -> bytes:
    told = [(0x1F, 0x37, wide(subject)), (0x1F, 0x5D01, wide(sender))]
    inner = IMESSAGE + tnef(*files, told=told)
    return packed(None, b"M\0", (0x0D, 0x3701, inner))


def test_a_mail_in_a_winmail_dat_is_opened() -> None:
    file = packed(BOOK, b"a.xlsx\0")
    (one,) = take_apart(outlook(embedded(file))).attachments
    assert (one.name, one.content) == ("a.xlsx", BOOK)
    assert one.inside == ("winmail.dat", "转发邮件：内部邮件")
    assert one.inner_sender == "c@x.cn"
    assert left(take_apart(outlook(embedded()))) == [("内部邮件", Why.NOTHING)]
    broken = packed(None, b"M\0", (0x0D, 0x3701, IMESSAGE + tnef(file)[:-9]))
    assert left(take_apart(outlook(broken))) == [("M", Why.DAMAGED)]


def test_mails_in_a_winmail_dat_are_opened_to_a_depth() -> None:
    file = packed(BOOK, b"a.xlsx\0")
    for _ in range(DEEPEST):
        file = embedded(file)
    assert left(take_apart(outlook(file))) == [("内部邮件", Why.TOO_DEEP)]
    data = tnef(packed(BOOK, b"a.xlsx\0"))
    for _ in range(DEEPEST):
        data = tnef(packed(data, b"winmail.dat\0"))
    taken = take_apart(mail(parts=[attached(data, "winmail.dat")]))
    assert left(taken) == [("winmail.dat", Why.TOO_DEEP)]


def test_a_mail_file_in_a_winmail_dat_is_opened() -> None:
    (one,) = take_apart(outlook(packed(foxmail(BOOK, NAME), b"f.eml\0"))).attachments
    assert (one.name, one.inside) == (NAME, ("winmail.dat", "转发邮件：报送报表"))


def test_a_winmail_dat_that_is_broken_is_taken_itself() -> None:
    data = tnef(packed(BOOK, b"a.xlsx\0"))
    at = data.index(BOOK)
    changed = data[:at] + b"X" + data[at + 1 :]
    for broken in (data[:-1], data[: at + 20], data[:at], changed, data[:4] + b"\1\0\xff" * 9):
        taken = take_apart(
            mail(parts=[attached(broken, "winmail.dat", kind="application/ms-tnef")])
        )
        assert [(one.name, one.content, one.inside) for one in taken.attachments] == [
            ("winmail.dat", broken, ())
        ]
    # Blanks that a gateway added after it are no damage.
    assert names(take_apart(mail(parts=[attached(data + b"\r\n", "winmail.dat")]))) == ["a.xlsx"]


def test_counts_in_a_winmail_dat_are_not_believed() -> None:
    most = b"\xff\xff\xff\xff"
    lists = (
        most, b"\1\0\0\0\x02\x10\x01\0" + most, b"\1\0\0\0\x1e\x10\x01\0" + most + bytes(64),
        b"\1\0\0\0\x1e\0\x01\0\1\0\0\0" + most, b"\1\0\0\0\x1e\0\x01\x80" + bytes(16) + most * 2,
        b"", b"\1\0\0\0\x99\x09\x01\0",
    )  # fmt: skip
    for told in lists:
        file = packed(BOOK, b"a.xlsx\0") + tnef_object(2, 0x69005, told)
        data = tnef() + tnef_object(1, 0x69003, told) + file
        assert names(take_apart(mail(parts=[attached(data, "winmail.dat")]))) == ["a.xlsx"]


def test_files_in_a_winmail_dat_count_as_parts() -> None:
    taken = take_apart(outlook(*[packed(b"x", b"a\0")] * (MOST_PARTS + 9)))
    assert len(taken.attachments) == MOST_PARTS - 3
    assert left(taken) == [("", Why.TOO_MANY)]


# Bounces


def test_a_bounce_of_postfix_tells_whom_it_did_not_reach_and_what() -> None:
    sent = mail("Message-ID: <sent@x.cn>", "From: kjj@x.cn", parts=[attached(BOOK)], boundary="i")
    taken = take_apart(postfix_bounce(sent, "a@b.cn", "c@d.cn"))
    assert taken.is_bounce
    assert taken.is_automatic
    assert taken.failed == ("a@b.cn", "c@d.cn")
    assert taken.failed_message_id == "<sent@x.cn>"
    # The product's own template comes back with it: nobody has filled it in.
    assert (taken.attachments, left(taken)) == ((), [("", Why.RETURNED)])


def test_a_bounce_that_returns_only_the_head_tells_the_mail() -> None:
    raw = postfix_bounce(b"Message-ID: <sent@x.cn>\r\n\r\n", "a@b.cn")
    for kind in (b"text/rfc822-headers", b"message/rfc822"):
        taken = take_apart(raw.replace(b"message/rfc822", kind))
        assert (taken.failed_message_id, taken.failed) == ("<sent@x.cn>", ("a@b.cn",))


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_report_of_a_delay_or_of_delivery_is_no_bounce(action: str) -> None:
    taken = take_apart(postfix_bounce(part("Subject: s"), "a@b.cn", action=action))
    assert (taken.is_bounce, taken.failed) == (False, ())
    assert taken.is_automatic
    assert taken.attachments == ()
    assert left(taken) == [("", Why.RETURNED)]


def test_a_bounce_names_those_of_its_recipients_that_failed() -> None:
    raw = postfix_bounce(part("Subject: s"), "a@b.cn", "c@d.cn")
    assert take_apart(raw.replace(b"Action: failed", b"Action: delayed", 1)).failed == ("c@d.cn",)


def test_a_bounce_in_words_only_is_known_by_its_sender() -> None:
    raw = mail(
        "Return-Path: <>", "From: PostMaster@qq.com", "Subject: 系统退信",
        "In-Reply-To: <sent@x.cn>", "Message-ID: <tencent_X@qq.com>",
        parts=[html("抱歉，您的邮件被退回来了"), attached(BOOK)],
    )  # fmt: skip
    taken = take_apart(raw)
    assert (taken.is_bounce, taken.failed, taken.failed_message_id) == (True, (), "<sent@x.cn>")
    assert (taken.attachments, left(taken)) == ((), [("a.xlsx", Why.RETURNED)])


@pytest.mark.parametrize(
    ("fields", "is_bounce"),
    [
        (["Return-Path: <>", "From: MAILER-DAEMON (Mail System)"], True),
        (["Return-Path:", "From: Mailer-Daemon@b.cn"], True),
        (["From: mailer-daemon@b.cn"], True),
        (["Return-Path: <postmaster@b.cn>", "From: postmaster@b.cn"], False),
        (["From: postmaster@b.cn"], False),
        (["Return-Path: <>", "From: zhang@b.cn"], False),
    ],
)
def test_a_bounce_without_details_has_no_return_path_and_a_mail_server_as_its_sender(
    fields: list[str], is_bounce: bool
) -> None:
    taken = take_apart(mail(*fields, parts=[plain(), attached(BOOK)]))
    assert taken.is_bounce is is_bounce
    assert names(taken) == ([] if is_bounce else ["a.xlsx"])


def test_recipients_that_a_field_names_are_told() -> None:
    raw = part("Return-Path: <>", "From: Mailer-Daemon@b.cn", "X-Failed-Recipients: a@b.cn, c@d.cn")
    assert take_apart(raw).failed == ("a@b.cn", "c@d.cn")


def test_what_a_receipt_returns_is_not_taken() -> None:
    parts = [plain("已阅读"), part("Content-Type: message/disposition-notification", body=b"x"),
             part("Content-Type: message/rfc822", body=qq_mail(BOOK, NAME))]  # fmt: skip
    raw = mail("From: a@b.cn", parts=parts, kind="report; report-type=disposition-notification")
    taken = take_apart(raw)
    assert (taken.is_bounce, taken.attachments) == (False, ())
    assert left(taken) == [("", Why.RETURNED)]


@pytest.mark.parametrize(
    ("value", "is_automatic"),
    [
        ("auto-replied", True),
        ("auto-generated; x=y", True),
        ("no", False),
        ("No ", False),
        ("", False),
    ],
)
def test_a_mail_is_automatic_where_it_says_so(value: str, is_automatic: bool) -> None:
    raw = mail("From: a@b.cn", f"Auto-Submitted: {value}", parts=[plain(), attached(BOOK)])
    taken = take_apart(raw)
    assert taken.is_automatic is is_automatic
    assert names(taken) == ["a.xlsx"]


# Files that are elsewhere


@pytest.mark.parametrize("word", ["超大附件", "云附件", "网盘", "中转站", "文件中转"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_mail_that_speaks_of_files_elsewhere_and_has_none_is_known(word: str, codec: str) -> None:
    charset = {"utf-8": "utf-8", "gb18030": "gb2312"}[codec]
    text = f"<p>从QQ邮箱发来的<b>{word[:1]}</b>{word[1:]}</p>".encode(codec)
    told = part(f"Content-Type: text/html; charset={charset}", "Content-Transfer-Encoding: base64",
                body=base64_lines(text))  # fmt: skip
    assert take_apart(mail("From: a@b.cn", parts=[told])).mentions_cloud
    assert take_apart(b"From: a@b.cn\r\n" + told).mentions_cloud
    assert take_apart(forwarded(told)).mentions_cloud
    assert not take_apart(mail("From: a@b.cn", parts=[told, attached(BOOK)])).mentions_cloud


@pytest.mark.parametrize("text", ["<https://x/网盘/1>", "超大\r\n附件", "> 超大\r\n> 附件"])
def test_a_plain_text_speaks_of_files_elsewhere_also_in_brackets_and_over_lines(text: str) -> None:
    assert take_apart(mail("From: a@b.cn", parts=[plain(text)])).mentions_cloud


def test_words_written_as_numbers_are_read() -> None:
    text = "".join(f"&#{ord(one)};" for one in "超大附件")
    assert take_apart(mail("From: a@b.cn", parts=[html(text)])).mentions_cloud


def test_an_answer_that_quotes_the_request_to_use_no_cloud_does_not_speak_of_one() -> None:
    quoted = "收到。\r\n> 把填好的文件作为附件发回。不要设打开密码，不要用网盘链接。"
    assert not take_apart(mail("From: a@b.cn", parts=[plain(quoted)])).mentions_cloud
    assert take_apart(mail("From: a@b.cn", parts=[plain(quoted + "文件在网盘")])).mentions_cloud


# Names of files


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.xlsx", "a.xlsx"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\a.xlsx", "a.xlsx"),
        ("C:\\x\\报表.xlsx", "报表.xlsx"),
        ("a/b\\", "b"),
        ("C:a.xlsx", "C_a.xlsx"),
        ('a:b*c?"<>|.xlsx', "a_b_c_____.xlsx"),
        ("con.xlsx", "_con.xlsx"),
        ("NUL", "_NUL"),
        ("com¹.txt", "_com¹.txt"),
        ("CON .txt", "_CON.txt"),
        ("conin$", "_conin$"),
        ("...a.xlsx", "a.xlsx"),
        ("._a.xlsx", "_a.xlsx"),
        ("~$a.xlsx", "~$a.xlsx"),
        ("a.xlsx. . ", "a.xlsx"),
        ("a\u202excod.xlsx", "axcod.xlsx"),
        ("\ufeffa\u200b\u3164\ufe0f\x00\x7f.xlsx", "a.xlsx"),
        ("a\r\nb\tc.xlsx", "a  b c.xlsx"),
        ("报表\u3000一.xlsx", "报表 一.xlsx"),
        ("e\u0301.xlsx", "\u00e9.xlsx"),
        ("甲.xlsx.mail.json", "甲.xlsx.mail.json_"),
        ("甲.MAIL.JSON", "甲.MAIL.JSON_"),
        ("history", "history_"),
        ("评议", "评议_"),
        ("", "附件.txt"),
        (" . ", "附件.txt"),
        ("/", "附件.txt"),
        ("\u200b", "附件.txt"),
        ("\ud800a.xlsx", "a.xlsx"),
    ],
)
def test_a_file_is_saved_under_a_name_every_system_takes(name: str, safe: str) -> None:
    assert safe_name(name, b"abc") == safe
    assert is_safe_name(safe)


def test_a_long_name_is_cut_and_keeps_its_extension() -> None:
    long = safe_name("a" * 500 + ".xlsx", b"")
    assert (len(long), long[-5:]) == (LONGEST - 1, ".xlsx")
    wide_name = safe_name("表" * 119 + ".xlsx", b"")
    assert LONGEST_BYTES - 4 <= len(wide_name.encode()) < LONGEST_BYTES
    assert wide_name.endswith("表.xlsx")
    assert len(safe_name("a." + "x" * 500, b"")) < LONGEST
    # Cut where it would then be the name of a record.
    assert safe_name("a" * 109 + ".mail" + "b" * 9 + ".json", b"").lower().endswith(".json_")


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"甲.xlsx", "甲 (2).xlsx"}
    assert free_name("乙.xlsx", taken.__contains__) == "乙.xlsx"
    assert free_name("甲.xlsx", taken.__contains__) == "甲 (3).xlsx"
    assert free_name("甲", {"甲"}.__contains__) == "甲 (2)"
    long = safe_name("表" * 119 + ".xlsx", b"")
    numbered = free_name(long, {long}.__contains__)
    assert numbered.endswith(" (2).xlsx")
    assert len(numbered.encode()) <= LONGEST_BYTES
    assert is_safe_name(numbered)


def hold_name(name: str) -> None:
    assert is_safe_name(name)
    assert name == unicodedata.normalize("NFC", name)
    assert len(name) <= LONGEST
    assert len(name.encode()) <= LONGEST_BYTES
    assert not name.lower().endswith(SUFFIX)
    assert not any(
        unicodedata.category(one) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for one in name
    )


@given(st.text(max_size=300), st.sampled_from([b"", BOOK, PNG]))
def test_every_text_gives_a_safe_name(name: str, content: bytes) -> None:
    safe = safe_name(name, content)
    hold_name(safe)
    hold_name(free_name(safe, {safe}.__contains__))
    assert extension_of(content) in ("", ".xlsx", ".png")


# Damage


def good_mail(seed: int = 1) -> tuple[bytes, dict[str, bytes]]:
    """Return a mail with attachments of every kind, and their contents by name."""
    dice = random.Random(seed)
    files = {f"{n}.bin": dice.randbytes(90 + n) for n in range(4)} | {"t.csv": b"1,12345\r\n2,6"}
    inner = mail("Subject: in", parts=[plain(), attached(files["1.bin"], "1.bin")], boundary="i")
    raw = mail(
        "From: a@b.cn", "Subject: s",
        parts=[
            mail(parts=[plain(), html("<p>x</p>")], kind="alternative", boundary="a"),
            attached(files["0.bin"], "0.bin"),
            part("Content-Type: message/rfc822", body=inner),
            attached(tnef(packed(files["2.bin"], b"2.bin\0")), "winmail.dat"),
            part("Content-Type: text/csv; name=t.csv", body=files["t.csv"]),
            attached(files["3.bin"], "3.bin"),
        ],
    )  # fmt: skip
    return raw, files


RAW, FILES = good_mail()
JUNK = [
    b"\r\n", b"\r\n\r\n", b"--=_b", b"\n--=_b--\n", b"=?gbk?b?", b'"', b";", b"\0", b"\xff",
]  # fmt: skip


def hold(taken: Mail) -> None:
    for number, one in enumerate(taken.attachments, start=1):
        assert one.part == number
        hold_name(one.name)


def test_the_good_mail_is_read_whole() -> None:
    taken = take_apart(RAW)
    assert {one.name: one.content for one in taken.attachments} == FILES
    assert taken.left == ()


def test_a_mail_cut_off_anywhere_gives_whole_files_only_and_tells_that_it_is_cut() -> None:
    begins, ends = RAW.index(b"\r\n\r\n") + 4, RAW.rindex(b"--=_b--") + 8
    for size in range(len(RAW)):
        taken = take_apart(RAW[:size])
        for one in taken.attachments:
            assert FILES[one.name] == one.content, size
        if begins <= size < ends and len(taken.attachments) < len(FILES):
            assert any(not one.why.is_minor for one in taken.left), size
        hold(taken)


@given(st.data())
def test_base64_cut_off_within_a_mail_changes_no_file_without_naming_it(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(["0.bin", "1.bin", "3.bin"]))
    digits = base64_lines(FILES[name])
    at = data.draw(st.integers(1, len(digits) - 1))
    kept = digits[:at]
    taken = take_apart(RAW.replace(digits, kept))
    found = {one.name: one.content for one in taken.attachments}
    told = [one.name for one in taken.left]
    # A cut after four digits is one that nobody can see.
    if len(kept.translate(None, b"\r\n")) % 4:
        assert name not in found
        assert name in told
    assert {one: content for one, content in found.items() if one != name} == {
        one: content for one, content in FILES.items() if one != name
    }


@settings(max_examples=300)
@given(st.data())
def test_random_damage_to_a_mail_raises_nothing_and_leaves_safe_names(data: st.DataObject) -> None:
    raw = bytearray(
        data.draw(st.sampled_from([RAW, qq_mail(BOOK, NAME), postfix_bounce(RAW, "a@b")]))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        size = data.draw(st.integers(0, 40))
        raw[at : at + size] = data.draw(st.binary(max_size=30) | st.sampled_from(JUNK))
    hold(take_apart(bytes(raw)))


LABELS = [*BROTHERS, "utf-8", "utf-7", "utf-16", "utf-16le", "utf-16be", "hz-gb-2312", "big5",
          "iso-2022-jp", "shift_jis", "euc-kr", "iso-8859-1", "koi8-r", "us-ascii"]  # fmt: skip


@given(st.binary(max_size=60), st.sampled_from(LABELS))
def test_no_charset_raises(raw: bytes, label: str) -> None:
    assert isinstance(decode(raw, codec_of(label)), str)
    told = f"=?{label}?B?{b64encode(raw).decode()}?="
    extended = f"{label}''{quote(raw)}"
    for file in (
        part(f"Content-Disposition: attachment; filename={told}", body=b"x"),
        part(f"Content-Disposition: attachment; filename*={extended}", body=b"x"),
        part(f"Content-Type: text/html; charset={label}", body=raw),
    ):
        hold(take_apart(mail(f"Subject: {told}", f"From: {told} <a@b.cn>", parts=[file])))


@given(st.binary(max_size=500))
def test_no_bytes_raise(raw: bytes) -> None:
    hold(take_apart(raw))
    hold(take_apart(mail(parts=[attached(b"\x78\x9f\x3e\x22" + raw, "winmail.dat"), raw, raw])))
    for field in (
        b"From: ",
        b"Date: ",
        b"Content-Type: ",
        b"Content-Disposition: a;filename*=",
        b"",
    ):
        hold(take_apart(field + raw + b"\r\n\r\nx"))
    assert parameters(raw)[0] == parameters(raw)[0].lower()


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damage_to_a_winmail_dat_changes_no_file_in_it(junk: bytes, at: int) -> None:
    data = tnef(packed(BOOK, b"a.xlsx\0", (0x1F, 0x3707, wide(NAME))))
    changed = data[:at] + junk + data[at:]
    taken = take_apart(mail(parts=[attached(changed, "winmail.dat")]))
    for one in taken.attachments:
        if one.inside:
            assert one.content in (BOOK, b"")
    hold(taken)
