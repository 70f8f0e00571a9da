"""Serve the mailboxes over IMAP by Dovecot, started with its own configuration.

Run by root, it uses the users that its package brings, and "nobody" for the mail itself; run by
anyone else, it is all that user's.
"""

import base64
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from .certificates import Certificates
from .maildirs import Maildirs

SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
START_SECONDS = 20
END_SECONDS = 5
GLANCE_SECONDS = 0.005
TRIES = 5

# Dovecot takes a client from its own address for one that needs no TLS, whatever it is told of
# plain text logins. From 127.0.0.1 to 127.0.0.2 it does not.
HOST = "127.0.0.1"
STARTTLS_HOST = "127.0.0.2"

# state_dir: else it writes to the system's. anvil-auth-penalty: else each wrong password makes the
# next login from this address slower, up to 15 s. imap_id_log: so the log shows who called.
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = {host}
ssl = required
ssl_cert = <{certificates.chain}
ssl_key = <{certificates.key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 100
imap_id_log = *
passdb {{
  driver = dict
  args = {folder}/passwords.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u
}}
service imap-login {{
  inet_listener imap {{
    address = {starttls_host}
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

# A passwd-file would do, but Dovecot looks at most once a second whether it has changed; at a dict,
# at each login.
PASSWORDS = """
uri = file:{folder}/passwords
password_key = %u
passdb_objects = passdb
default_pass_scheme = PLAIN.b64
key passdb {{
  key = %u
}}
"""

WITHOUT_ROOT = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
"""


class DovecotError(RuntimeError):
    """Dovecot did not start or answer in time."""


@functools.lru_cache(maxsize=1)
def available() -> str | None:
    """Say why Dovecot cannot be used here, or return None if it can."""
    for program, package in (
        ("dovecot", "dovecot-imapd"),
        ("doveconf", "dovecot-imapd"),
        ("setpriv", "util-linux"),
    ):
        if _found(program) is None:
            return f"{program} is not on the path (Debian: {package})"
    version = _said("dovecot", "--version")
    if not version.startswith("2.3."):
        return f"Dovecot {version} is configured in another way than 2.3"
    if not Path(_said("doveconf", "-d", "-h", "libexec_dir"), "imap").exists():
        return "Dovecot is here without IMAP (Debian: dovecot-imapd)"
    return None


class Dovecot:
    """An IMAP server on two free ports of the loopback; `with` starts and stops it.

    On `host` and `port` TLS begins with the first byte. On `starttls_host` and `starttls_port` it
    offers STARTTLS and takes no login before. Start it from a thread that lasts as long as it is
    needed: it ends with that thread, and so with a test session that is killed.
    """

    host = HOST
    starttls_host = STARTTLS_HOST

    def __init__(self, maildirs: Maildirs, certificates: Certificates) -> None:
        self.maildirs = maildirs
        self.certificates = certificates
        self.port = self.starttls_port = 0
        self._passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self.folder: Path | None = None
        """Its configuration, sockets and log, while it runs."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The number of its master process, and of the group of all its processes."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start Dovecot and wait until it answers.

        Raises:
            DovecotError: it ended or did not answer in time; its log is in the message.
        """
        self.folder = new_folder()
        (self.folder / "passwords.conf").write_text(PASSWORDS.format(folder=self.folder), "utf-8")
        self._write_passwords()
        for _ in range(TRIES):
            self.port, self.starttls_port = _free_port(HOST), _free_port(STARTTLS_HOST)
            configuration = self.folder / "dovecot.conf"
            configuration.write_text(self._configuration(self.folder), "utf-8")
            self._process = _launched(configuration)
            if self._answers():
                return
            # Somebody else may have taken one of the ports in the meantime.
            if "Address already in use" not in self.log():
                break
        said = self.log()
        self.stop()
        raise DovecotError(f"Dovecot did not start: {said.strip()}")

    def stop(self) -> None:
        """End Dovecot with all its processes, by force if it does not end by itself.

        It takes a second: so long its log waits for last words.
        """
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(END_SECONDS)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def add_mailbox(self, address: str, password: str) -> None:
        """Let the address log in with this password, which may be any text, or a new one."""
        self.maildirs.add(address)
        self._passwords[address.lower()] = password
        self._write_passwords()

    def clear(self) -> None:
        """Let nobody log in any more; the mailboxes stay as they are."""
        self._passwords.clear()
        self._write_passwords()

    def log(self) -> str:
        """Return what Dovecot logged: logins, refusals, what a client said it is (RFC 2971)."""
        log = self.folder / "log" if self.folder else None
        return log.read_text("utf-8", "replace") if log and log.exists() else ""

    def _write_passwords(self) -> None:
        if self.folder is None:
            return
        written = self.folder / "passwords.new"
        with written.open("w", encoding="utf-8") as file:
            for address, password in self._passwords.items():
                encoded = base64.b64encode(password.encode()).decode("ascii")
                file.write(f"shared/{address}\n{json.dumps({'password': encoded})}\n")
        written.chmod(0o644)
        written.replace(self.folder / "passwords")

    def _configuration(self, folder: Path) -> str:
        uid, gid = self.maildirs.owner or (os.getuid(), os.getgid())
        text = CONFIGURATION.format(
            folder=folder,
            host=HOST,
            port=self.port,
            starttls_host=STARTTLS_HOST,
            starttls_port=self.starttls_port,
            certificates=self.certificates,
            mail=self.maildirs.root,
            uid=uid,
            gid=gid,
        )
        return text if os.geteuid() == 0 else text + _without_root()

    def _answers(self) -> bool:
        assert self._process is not None
        give_up = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < give_up:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((STARTTLS_HOST, self.starttls_port), 1) as client,
            ):
                if client.recv(4) == b"* OK":
                    return True
            time.sleep(GLANCE_SECONDS)
        return False


def new_folder() -> Path:
    """Make a folder that every user can enter, whatever TMPDIR says.

    Its path is short: with "/run/login/..." a socket's has at most 107 bytes.
    """
    folder = Path(tempfile.mkdtemp(prefix="post-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def _launched(configuration: Path) -> "subprocess.Popen[bytes]":
    """Start the master process in a group of its own; the system ends it with the caller."""
    return subprocess.Popen(
        [
            *(_found("setpriv") or "setpriv", "--pdeathsig", "TERM"),
            *(_found("dovecot") or "dovecot", "-F", "-c", str(configuration)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _without_root() -> str:
    import grp  # not on Windows
    import pwd

    return WITHOUT_ROOT.format(
        user=pwd.getpwuid(os.geteuid()).pw_name, group=grp.getgrgid(os.getegid()).gr_name
    )


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _found(program: str) -> str | None:
    """Find a program also where only root's path leads."""
    return shutil.which(program) or shutil.which(program, path=SYSTEM_FOLDERS)


def _said(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [_found(program) or program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return done.stdout.strip()
