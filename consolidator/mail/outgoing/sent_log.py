"""What went out to whom: nobody gets the same mail twice, whatever stopped the run before.

A mail is recorded before its last dot goes to the server, and again when the server has answered.
Between the two nobody can know whether it was taken: it is not sent again unless asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from consolidator.mail.journal import Journal
from consolidator.mail.outgoing.mailing import Kind, Mailing

FILE_NAME = "发送记录.jsonl"


class Delivery(StrEnum):
    """How far a mail to one address has come."""

    PENDING = "pending"
    HANDED = "handed"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    BOUNCED = "bounced"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return _WORDS[self]

    @property
    def is_settled(self) -> bool:
        """Tell whether it is sent again only when asked for."""
        return self not in (Delivery.PENDING, Delivery.DEFERRED)

    @property
    def is_doubtful(self) -> bool:
        """Tell whether somebody has to look into it."""
        return self in (Delivery.HANDED, Delivery.REFUSED, Delivery.BOUNCED)


_WORDS = {
    "pending": "未发", "handed": "不确定是否送达", "sent": "已发", "deferred": "暂时被拒",
    "refused": "被拒收", "bounced": "被退信",
}  # fmt: skip


_KEYS = (
    "at", "state", "kind", "period", "unit", "to", "file", "sha256", "message_id", "identity",
)  # fmt: skip


class SentLog:
    """The log of what was sent, from the mail folder of a workspace."""

    def __init__(self, folder: Path) -> None:
        """Read what was recorded.

        Raises:
            OperatorError: the log cannot be read, or was edited.
        """
        self._journal = Journal(folder / FILE_NAME, _is_one)
        self._last: dict[tuple[str, str], Mapping[str, Any]] = {}
        for record in self._journal.records:
            self._take(record)

    def state(self, mailing: Mailing, address: str) -> Delivery:
        """Return how far a mail to an address has come."""
        last = self._last.get((mailing.identity, address.lower()))
        return Delivery(last["state"]) if last else Delivery.PENDING

    def has_changed(self) -> bool:
        """Tell whether another run has recorded something since this log was read."""
        return self._journal.has_changed()

    def message_id(self, mailing: Mailing, address: str) -> str:
        """Return the number a mail was sent under to an address, empty where it was not."""
        return str(self._last.get((mailing.identity, address.lower()), {}).get("message_id", ""))

    def add(
        self,
        mailing: Mailing,
        address: str,
        state: Delivery,
        *,
        now: datetime,
        message_id: str,
        reply: str = "",
    ) -> None:
        """Record how far a mail to an address has come.

        Raises:
            OperatorError: it cannot be written; then nothing more may be sent.
        """
        self._add(
            {
                "at": f"{now:%Y-%m-%d %H:%M:%S}",
                "state": str(state),
                "kind": str(mailing.kind),
                "period": mailing.period.code,
                "unit": mailing.unit.code,
                "to": address,
                "file": mailing.file,
                "sha256": mailing.digest,
                "message_id": message_id,
                "identity": mailing.identity,
                "reply": reply,
            }
        )

    def bounce(
        self, message_id: str, address: str, *, now: datetime, received: datetime, reply: str
    ) -> bool:
        """Record that a mail came back undelivered; False where none such is known.

        Args:
            message_id: that of the mail that went out.
            address: whom it did not reach.
            now: the time of the record.
            received: when it came back, local time: a mail that went out since is another.
            reply: what the mail that came back says.

        Raises:
            OperatorError: it cannot be written.
        """
        hit = [
            one
            for one in self._last.values()
            if one["message_id"] == message_id
            and one["to"].lower() == address.lower()
            and one["at"] <= f"{received:%Y-%m-%d %H:%M:%S}"
        ]
        for record in hit:
            if record["state"] != Delivery.BOUNCED:
                state = {"at": f"{now:%Y-%m-%d %H:%M:%S}", "state": "bounced", "reply": reply}
                self._add({**record, **state})
        return bool(hit)

    def workbooks(self) -> dict[str, str]:
        """Return the unit codes of all workbooks that went out, by their SHA-256."""
        return {str(one["sha256"]): str(one["unit"]) for one in self._last.values()}

    def latest(self, period: str, unit: str, kinds: tuple[Kind, ...]) -> list[Mapping[str, Any]]:
        """Return the last record of each mail of some kinds to a unit's addresses, oldest first."""
        found = [
            one
            for one in self._last.values()
            if (one["period"], one["unit"]) == (period, unit) and one["kind"] in kinds
        ]
        return sorted(found, key=lambda one: str(one["at"]))

    def went_elsewhere(self, mailing: Mailing) -> bool:
        """Tell whether a mail is due at some address after it has gone to another."""
        addresses = mailing.contact.addresses
        due = any(not self.state(mailing, one).is_settled for one in addresses)
        return due and any(
            identity == mailing.identity and one["state"] == Delivery.SENT
            for (identity, _), one in self._last.items()
        )

    def went_on(self, mailing: Mailing, kind: Kind) -> str:
        """Return the day on which a mailing's workbook last went out in mails of a kind."""
        days = (
            str(one["at"])[:10]
            for one in self._last.values()
            if one["unit"] == mailing.unit.code
            and one["sha256"] == mailing.digest
            and one["kind"] == kind
            and one["state"] == Delivery.SENT
        )
        return max(days, default="")

    def is_used(self, period: str) -> bool:
        """Tell whether any mail of a period was sent from here."""
        return any(one["period"] == period for one in self._last.values())

    def _add(self, record: Mapping[str, Any]) -> None:
        self._journal.add(record)
        self._take(record)

    def _take(self, record: Mapping[str, Any]) -> None:
        self._last[str(record["identity"]), str(record["to"]).lower()] = record


def _is_one(record: Mapping[str, Any]) -> bool:
    """Tell whether a record has all that is read of one, each of its kind."""
    return all(isinstance(record.get(key), str) for key in _KEYS) and (
        record["state"] in set(Delivery) and record["kind"] in set(Kind)
    )
