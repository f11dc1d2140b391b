"""The throw-away authority: strict clients accept it, for its hosts and no others, and nothing of it stays behind."""

from __future__ import annotations

import hashlib
import ssl
import sys
import tempfile
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aioturk.errors import ConfigurationError
from aioturk.marketplace import certificates
from aioturk.marketplace.certificates import Issued, bundle, issue, system_certificates
from aioturk.marketplace.proxy import HOSTS

HOST = "mturk-requester-sandbox.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def issued() -> Issued:
    """Certificates for the hosts that the marketplace stands in for."""
    return issue(sorted(HOSTS))


def strict(authority: bytes) -> ssl.SSLContext:
    """A client as strict as Python 3.13 is by default."""
    context = ssl.create_default_context(cadata=authority.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> ssl.SSLObject:
    """Let two contexts talk until both are satisfied."""
    upward, downward = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(downward, upward, server_hostname=host)
    other = server.wrap_bio(upward, downward, server_side=True)
    for _ in range(4):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return one


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_strict_clients_accept_it(issued: Issued, host: str) -> None:
    """A client that checks by RFC 5280 and knows the authority accepts the server under each of its names."""
    assert shake_hands(strict(issued.authority), issued.context, host).version() == "TLSv1.3"


def test_other_names_are_not_its_own(issued: Issued) -> None:
    """The certificate is for its hosts only."""
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(strict(issued.authority), issued.context, "mturk-requester.eu-west-1.amazonaws.com")


def test_the_authority_vouches_for_its_hosts_only(issued: Issued) -> None:
    """Whoever trusts the authority trusts it for its hosts: it is limited to their names, and has all that is asked."""
    certificate = x509.load_pem_x509_certificate(issued.authority)
    extensions = {type(each.value).__name__: each for each in certificate.extensions}

    assert extensions["BasicConstraints"].critical
    assert extensions["BasicConstraints"].value.ca
    assert extensions["KeyUsage"].critical
    assert extensions["KeyUsage"].value.key_cert_sign
    assert "SubjectKeyIdentifier" in extensions
    assert extensions["NameConstraints"].critical
    assert {each.value for each in extensions["NameConstraints"].value.permitted_subtrees} == HOSTS


@pytest.mark.parametrize("address", ["10.0.0.1", "::1"])
def test_the_authority_vouches_for_no_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """A certificate for an address is worth nothing, even if our authority's key had signed one."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = certificates._authority(authority_key, [HOST])
    monkeypatch.setattr(x509, "DNSName", lambda text: x509.IPAddress(ip_address(text)))
    certificate = certificates._server(key, [address], authority, authority_key)
    pem = serialization.Encoding.PEM
    server = certificates._context(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(pem),
    )
    with pytest.raises(ssl.SSLCertVerificationError, match="excluded subtree violation"):
        shake_hands(strict(authority.public_bytes(pem)), server, address)


def test_the_certificate_is_known_by_its_fingerprint(issued: Issued) -> None:
    """What the server shows has the fingerprint that programs are told."""
    shown = shake_hands(strict(issued.authority), issued.context, HOST).getpeercert(binary_form=True)
    assert shown is not None
    assert hashlib.sha256(shown).hexdigest() == issued.fingerprint


def test_two_authorities_do_not_know_each_other(issued: Issued) -> None:
    """Each run has an authority of its own, which others do not trust."""
    other = issue(sorted(HOSTS))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(strict(other.authority), issued.context, HOST)


def test_nothing_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the certificates are made, no key is left in any file; and what is handed out holds none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    issued = issue([HOST])

    assert list(tmp_path.iterdir()) == []
    assert b"PRIVATE" not in issued.authority


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cryptography, the error says what to install."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'aioturk\[marketplace\]'"):
        issue([HOST])


class TestBundle:
    """What programs are given to trust."""

    @pytest.fixture
    def authorities(self) -> list[bytes]:
        """Three authorities of other people."""
        return [trustme.CA().cert_pem.bytes() for _ in range(3)]

    def test_files_and_folders_are_gathered(self, tmp_path: Path, authorities: list[bytes]) -> None:
        """Files and the folders that OpenSSL reads are gathered; each certificate comes once; what is missing, not."""
        file = tmp_path / "file.pem"
        file.write_bytes(b"A comment\r\n" + authorities[0].replace(b"\n", b"\r\n") + authorities[1])
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "0a1b2c3d.0").write_bytes(authorities[2])
        (folder / "README").write_bytes(b"no certificate")
        gathered = bundle(authorities[0], named=[str(file), str(folder), str(tmp_path / "missing"), ""])

        assert gathered.count(b"BEGIN CERTIFICATE") == 3
        for authority in authorities:
            assert authority.strip() in gathered

    def test_keys_are_left_out(self, authorities: list[bytes]) -> None:
        """Of a file that holds a key beside its certificate, only the certificate is taken."""
        mine = trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.bytes()
        gathered = bundle(authorities[0], mine)

        assert b"PRIVATE" not in gathered
        assert gathered.count(b"BEGIN CERTIFICATE") >= 2

    def test_what_the_system_trusts_is_in_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What this computer was told to trust is there, too, and Python can load all of it."""
        authority = trustme.CA().cert_pem.bytes()
        file = tmp_path / "mine.pem"
        file.write_bytes(authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        gathered = system_certificates()

        assert authority.strip() in gathered
        ssl.create_default_context(cadata=gathered.decode())
