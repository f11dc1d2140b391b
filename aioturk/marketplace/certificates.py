"""
Certificates that live as long as one command: an authority of our own, and what a program is given to trust.

The authority's key never leaves the memory, it vouches for the hosts that it was made for and no others, and it is
gone with the process. :mod:`aioturk.marketplace.proxy` shows the certificate, :mod:`aioturk.marketplace.redirect`
tells programs where the bundle is.
"""

from __future__ import annotations

import re
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING

from aioturk.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["Issued", "bundle", "issue", "system_certificates"]

_BACKDATED = timedelta(days=1)
_VALID = timedelta(days=365)

_EVERYWHERE = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
"""Names in a folder of certificates that OpenSSL looks at."""


@dataclass(frozen=True, slots=True)
class Issued:
    """
    What an authority left behind.

    Attributes:
        authority: Its certificate, PEM: whoever trusts it trusts the server.
        context: For a server, with the key and the certificate for its hosts.
        fingerprint: That certificate's SHA-256, in hexadecimal digits: whoever knows it can tell it from a real one.
    """

    authority: bytes
    context: ssl.SSLContext
    fingerprint: str


def issue(hosts: Sequence[str]) -> Issued:
    """
    Make an authority, let it vouch for a server, and forget its key.

    Args:
        hosts: The names of the server.

    Raises:
        ConfigurationError: The package `cryptography` is not installed.
    """
    try:
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ModuleNotFoundError:
        raise ConfigurationError(
            "Certificates are made with cryptography, which is not installed: pip install 'aioturk[marketplace]'."
        ) from None

    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, hosts)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server(key, hosts, authority, authority_key)
    pem = serialization.Encoding.PEM
    context = _context(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(pem),
    )
    return Issued(authority.public_bytes(pem), context, certificate.fingerprint(hashes.SHA256()).hex())


def _authority(key: EllipticCurvePrivateKey, hosts: Sequence[str]) -> x509.Certificate:
    from cryptography import x509

    builder = _builder(key, "aioturk marketplace: throw-away authority")
    return _signed(
        builder.issuer_name(_name("aioturk marketplace: throw-away authority"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        # A program that keeps this certificate by mistake trusts it for nothing but these names. Of addresses nothing
        # is said by them: all are excluded.
        .add_extension(
            x509.NameConstraints(
                [x509.DNSName(host) for host in hosts], [x509.IPAddress(network) for network in _EVERYWHERE]
            ),
            critical=True,
        ),
        key,
    )


def _server(
    key: EllipticCurvePrivateKey, hosts: Sequence[str], authority: x509.Certificate, signer: EllipticCurvePrivateKey
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    # The identifier of the authority's key is what Python 3.13 does not do without.
    return _signed(
        _builder(key, "aioturk marketplace")
        .issuer_name(authority.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False),
        signer,
    )


def _builder(key: EllipticCurvePrivateKey, name: str) -> x509.CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, signer: EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives.hashes import SHA256

    return builder.sign(signer, SHA256())


def _name(text: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _context(key: bytes, certificate: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    # Python's ssl reads keys from files only. This one belongs to its owner alone, for a moment, and is the server's:
    # the authority's is not written.
    with tempfile.TemporaryDirectory(prefix="aioturk-") as folder:
        file = Path(folder) / "server.pem"
        file.touch(mode=0o600)
        file.write_bytes(key + certificate)
        context.load_cert_chain(file)
    return context


# What programs trust.


def bundle(*own: bytes, named: Iterable[str] = ()) -> bytes:
    """
    Gather certificates for a program to trust, each once.

    Args:
        *own: Certificates of ours, PEM.
        named: Files or folders with certificates; those that do not exist are passed over.
    """
    found: dict[str, None] = {}
    for text in (*own, *map(_read, named)):
        for block in _PEM.findall(text):
            found[block.decode("ascii", "replace").replace("\r\n", "\n")] = None
    return "".join(f"{block}\n" for block in found).encode()


def system_certificates() -> bytes:
    """Return what this computer trusts by default, and what `certifi` brings if it is installed, PEM."""
    paths = ssl.get_default_verify_paths()
    parts = [ssl.DER_cert_to_PEM_cert(each) for each in ssl.create_default_context().get_ca_certs(binary_form=True)]
    try:
        import certifi
    except ModuleNotFoundError:
        named = [paths.openssl_cafile, paths.openssl_capath]
    else:
        named = [paths.openssl_cafile, paths.openssl_capath, certifi.where()]
    return bundle("".join(parts).encode(), named=named)


def _read(path: str) -> bytes:
    place = Path(path)
    if place.is_dir():
        return b"\n".join(file.read_bytes() for file in sorted(place.iterdir()) if _HASHED.fullmatch(file.name))
    return place.read_bytes() if place.is_file() else b""
