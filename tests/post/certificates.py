"""Make the servers' certificate, and an authority that did not sign it."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "127.0.0.2")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The PEM files of one folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The authority that signed the servers' certificate."""
        return self.folder / "ca.pem"

    @property
    def other_ca(self) -> Path:
        """An authority that signed nothing: who trusts only it must refuse the servers."""
        return self.folder / "other_ca.pem"

    @property
    def chain(self) -> Path:
        """The servers' certificate, for every one of NAMES."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The key of the servers' certificate."""
        return self.folder / "server.key"

    def for_server(self) -> ssl.SSLContext:
        """Return the context of a server that shows the certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context

    def for_client(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.ca)


def make_certificates(folder: Path) -> Certificates:
    """Write new certificates into the folder, which must exist."""
    made = Certificates(folder)
    authority = trustme.CA()
    server = authority.issue_cert(*NAMES)
    authority.cert_pem.write_to_path(made.ca)
    trustme.CA().cert_pem.write_to_path(made.other_ca)
    made.chain.write_bytes(b"".join(part.bytes() for part in server.cert_chain_pems))
    server.private_key_pem.write_to_path(made.key)
    return made
