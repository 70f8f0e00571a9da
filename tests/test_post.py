"""The mail servers of the tests: they serve as real ones do, and fail only as they are told."""

import contextlib
import datetime
import imaplib
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from conftest import require
from post import dovecot as dovecot_program
from post.certificates import Certificates
from post.dovecot import Dovecot
from post.faults import Hold, Moment
from post.maildirs import RECENT, Maildirs
from post.office import PostOffice
from post.records import Attempt
from post.smtp import SmtpServer
from post.waiting import eventually

UNIT, OTHER = "menghe@example.com", "xth@example.com"
MAIL = "From: a@example.com\r\nSubject: =?utf-8?b?5oql6YCB?=\r\n\r\n.\r\n报送\r\n".encode()
SECONDS = 10
UNTOUCHED = frozenset({RECENT})

# A test session that starts Dovecot, tells its process and its folder, and waits.
SESSION = """
import sys
from pathlib import Path
from post.certificates import Certificates
from post.dovecot import Dovecot
from post.maildirs import Maildirs
with Dovecot(Maildirs(Path(sys.argv[1])), Certificates(Path(sys.argv[2]))) as server:
    print(server.pid, server.folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["tls", "starttls"])
def smtp(request: pytest.FixtureRequest, post_office: PostOffice) -> SmtpServer:
    """Give the SMTP server in each of its modes."""
    return post_office.smtp if request.param == "tls" else post_office.smtp_starttls


@pytest.fixture
def client(smtp: SmtpServer, post_office: PostOffice) -> Iterator[smtplib.SMTP]:
    """Give a client that trusts the server and has logged in."""
    with connected(smtp, post_office) as connection:
        connection.login(post_office.user, post_office.password)
        yield connection


def connected(smtp: SmtpServer, office: PostOffice, *, starttls: bool = True) -> smtplib.SMTP:
    """Connect to the server with a verified certificate."""
    context = office.certificates.for_client()
    if smtp is office.smtp:
        return smtplib.SMTP_SSL("localhost", smtp.port, timeout=SECONDS, context=context)
    connection = smtplib.SMTP("localhost", smtp.port, timeout=SECONDS)
    if starttls:
        connection.starttls(context=context)
    return connection


def collector(office: PostOffice, user: str = "", password: str = "") -> IMAPClient:
    """Log in by IMAP, as the district if nobody else is named."""
    connection = IMAPClient(
        "localhost",
        port=office.imap_port,
        timeout=SECONDS,
        ssl_context=office.certificates.for_client(),
    )
    try:
        connection.plain_login(user or office.user, password or office.password)
    except LoginError:
        connection.shutdown()
        raise
    return connection


def send(client: smtplib.SMTP, *recipients: str, mail: bytes = MAIL) -> dict[str, int]:
    """Send the mail to the unit, if no other is named; return who was refused and by what code."""
    refused = client.sendmail("district@example.com", recipients or [UNIT], mail)
    return {address: code for address, (code, _) in refused.items()}


def running(group: int) -> list[int]:
    """Return the processes of the group; one that ended runs no more, even if nobody asked how."""
    found = []
    for told in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group, *_ = told.read_text("utf-8").rpartition(")")[2].split()
            if int(its_group) == group and state != "Z":
                found.append(int(told.parent.name))
    return found


def refuses_connections(host: str, port: int) -> bool:
    """Say whether nobody listens there."""
    try:
        socket.create_connection((host, port), SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_is_sent_to_an_address_is_collected_from_its_mailbox_byte_for_byte(
    client: smtplib.SMTP, smtp: SmtpServer, post_office: PostOffice
) -> None:
    assert send(client, UNIT, OTHER) == {}
    for address in (UNIT, OTHER):
        post_office.open_mailbox(address)
        with collector(post_office, address) as imap:
            imap.select_folder("INBOX", readonly=True)
            assert imap.search() == [1]
            assert imap.fetch(1, "BODY.PEEK[]")[1][b"BODY[]"] == MAIL
    (received,) = smtp.received
    assert (received.mail_from, received.recipients) == (post_office.user, (UNIT, OTHER))
    assert received.content == MAIL
    assert [login.encrypted and login.accepted for login in smtp.logins] == [True]


def test_imaplib_collects_too(post_office: PostOffice) -> None:
    post_office.deliver(MAIL)
    context = post_office.certificates.for_client()
    with imaplib.IMAP4_SSL("localhost", post_office.imap_port, ssl_context=context) as imap:
        imap.login(post_office.user, post_office.password)
        assert imap.select(readonly=True) == ("OK", [b"1"])


def test_mail_is_numbered_in_the_order_in_which_it_was_delivered(post_office: PostOffice) -> None:
    mails = [b"Subject: %d\r\n\r\n" % number for number in range(30)]
    for mail in mails:
        post_office.deliver(mail)
    with collector(post_office) as imap:
        imap.select_folder("INBOX", readonly=True)
        found = imap.fetch(imap.search(), "BODY.PEEK[]")
        assert [found[uid][b"BODY[]"] for uid in sorted(found)] == mails
    assert post_office.mail.messages(post_office.user) == mails


def test_a_mail_has_the_time_of_receipt_that_it_was_given(post_office: PostOffice) -> None:
    received = datetime.datetime(2017, 12, 31, 23, 59, 58, tzinfo=datetime.UTC)
    post_office.deliver(MAIL, received=received)
    with collector(post_office) as imap:
        imap.normalise_times = False
        imap.select_folder("INBOX", readonly=True)
        assert imap.fetch(1, "INTERNALDATE")[1][b"INTERNALDATE"] == received


def test_a_folder_has_a_chinese_name(post_office: PostOffice) -> None:
    post_office.deliver(MAIL, folder="季度报送")
    with collector(post_office) as imap:
        assert {name for _, _, name in imap.list_folders()} == {"INBOX", "季度报送"}
        assert imap.select_folder("季度报送", readonly=True)[b"EXISTS"] == 1
    assert post_office.flags(folder="季度报送") == [UNTOUCHED]
    assert post_office.flags() == []


def test_what_a_client_does_to_mail_is_seen_by_its_flags(post_office: PostOffice) -> None:
    for _ in range(5):
        post_office.deliver(MAIL)
    with collector(post_office) as imap:
        imap.select_folder("INBOX", readonly=True)
        imap.fetch(imap.search(), ["BODY[]", "FLAGS"])
        assert post_office.flags() == [UNTOUCHED] * 5
        imap.select_folder("INBOX")
        imap.fetch(imap.search(), "BODY.PEEK[]")
        assert post_office.flags() == [frozenset()] * 5
        imap.fetch(1, "BODY[]")
        imap.add_flags(2, [b"\\Deleted"])
        imap.add_flags(3, [b"\\Flagged", b"$MDNSent"])
        assert post_office.flags() == [
            frozenset({"\\Seen"}),
            frozenset({"\\Deleted"}),
            frozenset({"\\Flagged", "$MDNSent"}),
            frozenset(),
            frozenset(),
        ]
        imap.expunge()
        assert len(post_office.flags()) == 4


def test_a_certificate_of_a_stranger_is_refused(smtp: SmtpServer, post_office: PostOffice) -> None:
    trusting = ssl.create_default_context(cafile=post_office.certificates.other_ca)
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("localhost", port=post_office.imap_port, ssl_context=trusting)
    if smtp is post_office.smtp:
        with pytest.raises(ssl.SSLCertVerificationError):
            smtplib.SMTP_SSL("localhost", smtp.port, context=trusting)
    else:
        plain = smtplib.SMTP("localhost", smtp.port)
        with pytest.raises(ssl.SSLCertVerificationError):
            plain.starttls(context=trusting)
        plain.close()


def test_dovecot_takes_no_login_before_starttls(post_office: PostOffice) -> None:
    where = (post_office.imap.starttls_host, post_office.imap.starttls_port)
    with socket.create_connection(where, SECONDS) as plain:
        assert b"LOGINDISABLED" in plain.recv(1000)
        plain.sendall(f"1 LOGIN {post_office.user} any\r\n".encode())
        assert b"1 NO [PRIVACYREQUIRED]" in plain.recv(1000)
    with IMAPClient(where[0], port=where[1], ssl=False, timeout=SECONDS) as imap:
        imap.starttls(post_office.certificates.for_client())
        imap.login(post_office.user, post_office.password)


def test_dovecot_lets_in_who_has_the_password_of_a_mailbox(post_office: PostOffice) -> None:
    for user, password in ((post_office.user, "wrong"), (UNIT, post_office.password)):
        with pytest.raises(LoginError, match="AUTHENTICATIONFAILED"):
            collector(post_office, user, password)
    for password in ('a:1 "\\', "b:2 '密"):
        post_office.imap.add_mailbox(UNIT, password)
        collector(post_office, UNIT, password).logout()


def test_dovecot_logs_who_a_client_says_it_is(post_office: PostOffice) -> None:
    with collector(post_office) as imap:
        imap.id_({"name": "somebody"})
    assert eventually(lambda: "ID sent: name=somebody" in post_office.imap.log())


def test_nobody_sends_without_a_login(smtp: SmtpServer, post_office: PostOffice) -> None:
    with connected(smtp, post_office) as client:
        client.ehlo()
        assert client.mail(post_office.user)[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(post_office.user, "wrong")
    assert {(login.password, login.accepted) for login in smtp.logins} == {("wrong", False)}
    assert smtp.attempts == []


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_each_way_to_log_in_is_taken(
    mechanism: str, smtp: SmtpServer, post_office: PostOffice
) -> None:
    with connected(smtp, post_office) as client:
        client.ehlo()
        client.user, client.password = post_office.user, post_office.password
        code, _ = client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
    assert code == 235


def test_nothing_but_starttls_is_taken_in_the_clear(post_office: PostOffice) -> None:
    smtp = post_office.smtp_starttls
    with connected(smtp, post_office, starttls=False) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("AUTH", "PLAIN AAAA")[0] == 530
        assert client.docmd("MAIL", f"FROM:<{post_office.user}>")[0] == 530


def test_starttls_can_be_hidden_by_one_who_listens(post_office: PostOffice) -> None:
    smtp = post_office.smtp_starttls
    smtp.faults.hides_starttls = True
    with connected(smtp, post_office, starttls=False) as client:
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.has_extn("auth")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(post_office.user, "told")
    assert [(login.password, login.encrypted) for login in smtp.logins][-1:] == [("told", False)]


def test_a_login_is_refused_while_told_so(smtp: SmtpServer, post_office: PostOffice) -> None:
    smtp.faults.refuses_login = True
    with connected(smtp, post_office) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(post_office.user, post_office.password)
        assert refused.value.smtp_code == 535
        smtp.faults.refuses_login = False
        client.login(post_office.user, post_office.password)
        assert send(client) == {}


def test_a_refused_recipient_keeps_nobody_else_from_the_mail(
    client: smtplib.SMTP, smtp: SmtpServer, post_office: PostOffice
) -> None:
    smtp.faults.refused = {UNIT}
    assert send(client, UNIT, OTHER) == {UNIT: 550}
    assert smtp.attempts == [
        Attempt(post_office.user, UNIT, 550),
        Attempt(post_office.user, OTHER, 250),
    ]
    assert post_office.mail.messages(UNIT) == []
    assert post_office.mail.messages(OTHER) == [MAIL]


def test_a_busy_server_takes_a_recipient_the_next_time(
    client: smtplib.SMTP, smtp: SmtpServer
) -> None:
    smtp.faults.busy_once = {UNIT}
    assert send(client, UNIT, OTHER) == {UNIT: 451}
    assert send(client, UNIT) == {}


def test_a_mail_larger_than_the_announced_size_is_refused(
    smtp: SmtpServer, post_office: PostOffice
) -> None:
    smtp.faults.size_limit = 1000
    with connected(smtp, post_office) as client:
        client.login(post_office.user, post_office.password)
        assert client.esmtp_features["size"] == "1000"
        with pytest.raises(smtplib.SMTPSenderRefused) as announced:
            send(client, mail=b"x" * 1001)
        assert announced.value.smtp_code == 552
        client.esmtp_features.pop("size")
        with pytest.raises(smtplib.SMTPDataError) as sent:
            send(client, mail=b"x\r\n" * 400)
        assert sent.value.smtp_code == 552
        assert send(client) == {}
    assert len(smtp.received) == 1


@pytest.mark.parametrize("moment", Moment)
def test_the_connection_of_a_chosen_mail_breaks_at_a_chosen_moment(
    moment: Moment, client: smtplib.SMTP, smtp: SmtpServer, post_office: PostOffice
) -> None:
    smtp.faults.drops[2] = moment
    assert send(client) == {}
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(client)
    delivered = 2 if moment is Moment.AFTER_DELIVERY else 1
    assert len(post_office.mail.messages(UNIT)) == len(smtp.received) == delivered
    assert len(smtp.lost) == (moment is Moment.BEFORE_DELIVERY)
    with connected(smtp, post_office) as again:
        again.login(post_office.user, post_office.password)
        assert send(again) == {}
    assert smtp.count == 3


@pytest.mark.parametrize("delivered_first", [True, False])
def test_a_sender_can_be_killed_while_the_reply_waits(
    delivered_first: bool, client: smtplib.SMTP, smtp: SmtpServer, post_office: PostOffice
) -> None:
    hold = smtp.faults.holds[1] = Hold(delivered_first=delivered_first)
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(send, client)
        assert hold.reached.wait(SECONDS)
        assert len(smtp.received) == delivered_first
        assert client.sock is not None
        client.sock.shutdown(socket.SHUT_RDWR)
        assert isinstance(sending.exception(SECONDS), OSError)
    assert eventually(lambda: len(smtp.lost) == (not delivered_first))
    assert post_office.mail.messages(UNIT) == [MAIL] * delivered_first


@pytest.mark.parametrize("delivered_first", [True, False])
def test_the_reply_waits_until_it_is_released(
    delivered_first: bool, client: smtplib.SMTP, smtp: SmtpServer
) -> None:
    hold = smtp.faults.holds[1] = Hold(delivered_first=delivered_first)
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(send, client)
        assert hold.reached.wait(SECONDS)
        assert not sending.done()
        hold.release.set()
        assert sending.result(SECONDS) == {}
    assert len(smtp.received) == 1


def test_a_slow_server_answers_in_the_end(client: smtplib.SMTP, smtp: SmtpServer) -> None:
    smtp.faults.holds[1] = Hold(seconds=0.05)
    assert send(client) == {}


def test_a_cleared_office_has_no_mail_and_no_faults(
    client: smtplib.SMTP, smtp: SmtpServer, post_office: PostOffice
) -> None:
    smtp.faults.refused = {OTHER}
    send(client, UNIT, OTHER)
    post_office.open_mailbox(UNIT)
    post_office.clear()
    assert (smtp.received, smtp.attempts, smtp.count) == ([], [], 0)
    assert post_office.mail.messages(UNIT) == []
    with pytest.raises(LoginError):
        collector(post_office, UNIT)
    assert send(client, OTHER) == {}


def test_no_mailbox_lies_outside_the_root(tmp_path: Path) -> None:
    mail = Maildirs(tmp_path / "mail")
    for address in ("../a@b", "a@b/../..", "a", ".@b", "a@b/c"):
        with pytest.raises(ValueError, match="no mailbox"):
            mail.add(address)


def test_an_smtp_server_stops_while_clients_are_connected(
    certificates: Certificates, tmp_path: Path
) -> None:
    for starttls in (False, True):
        server = SmtpServer(
            Maildirs(tmp_path / "mail"), certificates, user="a", password="b", starttls=starttls
        )
        with server:
            waiting = socket.create_connection(("localhost", server.port), SECONDS)
            context = certificates.for_client()
            if starttls:
                connection = smtplib.SMTP("localhost", server.port, timeout=SECONDS)
                connection.starttls(context=context)
            else:
                connection = smtplib.SMTP_SSL(
                    "localhost", server.port, timeout=SECONDS, context=context
                )
        with pytest.raises(smtplib.SMTPServerDisconnected):
            connection.noop()
        waiting.close()
        assert refuses_connections("localhost", server.port)


def test_dovecot_leaves_nothing_behind(certificates: Certificates, tmp_path: Path) -> None:
    require(dovecot_program.available())
    with Dovecot(Maildirs(tmp_path / "mail"), certificates) as server:
        pid = server.pid
        assert pid in running(pid)
        where = (server.starttls_host, server.starttls_port)
        with socket.create_connection(where, SECONDS) as waiting:
            assert waiting.recv(4) == b"* OK"
            server.stop()
    # A process that was killed takes its time to go on a busy machine.
    assert eventually(lambda: not running(pid))
    assert refuses_connections(server.host, server.port)


def test_dovecot_ends_with_a_test_session_that_is_killed(
    certificates: Certificates, tmp_path: Path
) -> None:
    require(dovecot_program.available())
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION, str(tmp_path / "mail"), str(certificates.folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with session:
        assert session.stdout is not None
        told_pid, folder = session.stdout.readline().split()
        pid = int(told_pid)
        assert pid in running(pid)
        session.kill()
    assert eventually(lambda: not running(pid))
    shutil.rmtree(folder.decode())
