"""Tell a mail that came back undelivered, whom it did not reach, and which mail it is about."""

import re
from collections.abc import Iterator, Sequence

from consolidator.mail.incoming.headers import (
    Head,
    decode,
    parameters,
    read_head,
    sender,
    shown,
    text_of,
)
from consolidator.mail.incoming.parts import MAILS, Part, beginning, content_of

_HEADS = {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_LONGEST_REPORT = 2**18


def message_id_of(head: Head) -> str:
    """Return the number of a mail as it is written, empty where it has none."""
    told = shown(decode(head.first("message-id")))
    return told if told.strip("<> ") else ""


def bounce_of(head: Head, parts: Sequence[Part]) -> tuple[tuple[str, ...], str] | None:
    """Return whom a bounce says it could not reach and the mail it is about; None of another mail.

    A report that only tells of a delay, or of delivery, is no bounce (RFC 3464).
    """
    failed: list[str] = []
    reached = False
    reports = [part for part in parts if part.kind in _REPORTS]
    for about in (one for report in reports for one in _blocks(content_of(report)[0])):
        told = about.first("original-recipient") or about.first("final-recipient")
        if recipient := text_of(told).rpartition(";")[2].strip(" <>"):
            action = text_of(about.first("action")).lower()
            status = text_of(about.first("status"))
            has_failed = action.startswith("fail") or not (action or status.startswith("4"))
            failed += [recipient] if has_failed else []
            reached |= not has_failed
    kind = parameters(head.first("content-type"))[1].get("report-type", "").lower()
    if reports or kind == "delivery-status":
        if reached and not failed:
            return None
    elif not _is_from_daemon(head):
        return None
    for value in head.all("x-failed-recipients"):
        failed += filter(None, (one.strip(" <>") for one in text_of(value).split(",")))
    returned = (part for part in parts if part.kind in MAILS | _HEADS)
    contents = (content_of(part)[0] for part in returned)
    told_ids = [message_id_of(read_head(one, beginning(one))[0]) for one in contents]
    about_ids = text_of(head.first("in-reply-to") or head.first("references")).split()
    return tuple(dict.fromkeys(failed)), next(filter(None, told_ids + about_ids[-1:]), "")


def _blocks(report: bytes) -> Iterator[Head]:
    """Yield the heads a report consists of: the first the mail's, each other a recipient's."""
    for block in re.split(rb"\n[ \t\r]*\n", report[:_LONGEST_REPORT]):
        yield read_head(block, beginning(block))[0]


def _is_from_daemon(head: Head) -> bool:
    """Tell whether a mail is a mail server's own: no return path, and written by its postmaster."""
    address, name = sender(head)
    who = (address.partition("@")[0] or name.partition(" ")[0]).lower()
    paths = head.all("return-path")
    is_null = any(not path.strip(b"<> \t") for path in paths)
    return (who == "postmaster" and is_null) or (who == "mailer-daemon" and (is_null or not paths))
