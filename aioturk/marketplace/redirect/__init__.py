"""
How a program that knows nothing of us is made to come here: the environment it is started with.

Three things bring a program here. Its requests go to a proxy (:mod:`aioturk.marketplace.proxy`), whatever host it has
hard-coded; it trusts the certificates shown there; and an address of its own choice, in variables of AWS or of ours,
gives way to the marketplace's. What looks at no such variable is met inside: Python programs get the `sitecustomize`
beside this file, which looks after those that take their certificates from `certifi`, and stops those that go past the
proxy; Node.js gets `guard.cjs`, which leads it here.

None of this is a wall. A program that is started without these variables, or that has a network library of its own and
a proxy of its own choice, is not held back by anything here; the documentation lists what is known.

Nothing here starts or writes anything: that is for the command line. The folder is on the path of other people's Python
programs: a module beside `sitecustomize` would stand in for theirs of that name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aioturk.marketplace.proxy import HOSTS, WORKER_HOSTS

__all__ = ["BUNDLE_VARIABLES", "Door", "profiles", "redirected"]

BUNDLE_VARIABLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables with which programs are told what to trust."""

_KEYS_OF_OTHERS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",  # botocore's older name, which goes first
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",  # the older name of the same
    "AWS_CREDENTIAL_EXPIRATION",  # of those keys, not of ours
    "AWS_CREDENTIAL_FILE",  # of tools older than boto3
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
"""What would choose other keys than ours, or make ours useless."""

_GUARD = Path(__file__).with_name("guard.cjs")
_SECTION = re.compile(r"\[(?P<name>[^\]]*)\]")
_NO_PROFILE = re.compile(r"\s*(sso-session|services|plugins|preview)\b")
_REGION = re.compile(r"region\s*[=:]\s*\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """
    Where a program is to come in.

    Attributes:
        proxy: The proxy's URL, with a password if it has one.
        tls: Address and port where TLS for Amazon's hosts is understood, for what cannot use a proxy.
        certificate: The SHA-256 of the certificate that is shown there, in hexadecimal digits.
        market: The marketplace's own URL.
        access_key: A requester's access key.
        secret_key: The secret that belongs to it.
        bundle: The file of certificates to trust, instead of any other.
        added: The file of certificates to trust besides, for Node.js, which keeps its own.
        local_file: The file that tells where the local marketplace is.
        keys_file: The file with the keys of profiles, as `profiles` makes it.
        config_file: The file with the settings of profiles, as `profiles` makes it.
    """

    proxy: str = field(repr=False)
    tls: str
    certificate: str
    market: str
    access_key: str
    secret_key: str = field(repr=False)
    bundle: Path
    added: Path
    local_file: Path
    keys_file: Path
    config_file: Path


def redirected(environ: Mapping[str, str], door: Door, *, credentials: bool = True) -> dict[str, str]:
    """
    Return the environment for a program, made from what it would have had.

    ``NO_PROXY`` holds this computer alone: an exception like ``.amazonaws.com`` would lead past us, so exceptions are
    for the proxy to respect. ``AWS_ENDPOINT_URL`` is left as it is, because it is other services' too; when it, or
    ``AWS_ENDPOINT_URL_MTURK``, names any address but one of Amazon's that come here anyway, ``AWS_ENDPOINT_URL_MTURK``
    becomes the marketplace's. In the same way ``AIOTURK_ENVIRONMENT`` becomes ``"local"`` when it is an address.

    Args:
        environ: The environment.
        door: Where to come in.
        credentials: Whether the program is to have the requester's keys, and no others.
    """
    changed = {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), door.proxy),
        # No ::1, which some clients cannot read in here. Through the proxy it is reached as well.
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1"),
        **dict.fromkeys((*BUNDLE_VARIABLES, "AIOTURK_CA_BUNDLE"), str(door.bundle)),
        "NODE_EXTRA_CA_CERTS": str(door.added),
        "NODE_OPTIONS": _node_options(environ.get("NODE_OPTIONS", "")),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AIOTURK_CERTIFICATE": door.certificate,
        "AIOTURK_TLS": door.tls,
        "AIOTURK_LOCAL_FILE": str(door.local_file),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parent), environ.get("PYTHONPATH")])),
        **_addresses(environ, door),
    }
    if not credentials:
        return {**environ, **changed}
    kept = {name: value for name, value in environ.items() if name not in _KEYS_OF_OTHERS}
    keys = {
        "AWS_ACCESS_KEY_ID": door.access_key,
        "AWS_SECRET_ACCESS_KEY": door.secret_key,
        "AWS_SHARED_CREDENTIALS_FILE": str(door.keys_file),
        "AWS_CONFIG_FILE": str(door.config_file),
    }
    region = environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    # The first is boto3's and the command line's, the second that of all other SDKs.
    return {"AWS_DEFAULT_REGION": region, "AWS_REGION": region, **kept, **changed, **keys}


def profiles(text: str, access_key: str, secret_key: str) -> str:
    """
    Return a file of AWS profiles with the same profiles and regions, and in each of them the same keys.

    Nothing else is kept: whatever it is, it could lead to other keys or to another address.

    Args:
        text: What the file held.
        access_key: The access key.
        secret_key: The secret that belongs to it.
    """
    lines = []
    within = False
    for line in map(str.rstrip, text.splitlines()):
        if section := _SECTION.match(line):
            within = not _NO_PROFILE.match(section["name"])
            if within:
                lines += [section[0], f"aws_access_key_id = {access_key}", f"aws_secret_access_key = {secret_key}"]
        elif within and _REGION.fullmatch(line):
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _node_options(before: str) -> str:
    path = str(_GUARD).replace("\\", "\\\\").replace('"', '\\"')
    guard = f'--require "{path}"'
    return before if guard in before else f"{before} {guard}".strip()


def _addresses(environ: Mapping[str, str], door: Door) -> dict[str, str]:
    addresses = {}
    chosen = environ.get("AWS_ENDPOINT_URL_MTURK") or environ.get("AWS_ENDPOINT_URL")
    if chosen and not _comes_here(chosen):
        addresses["AWS_ENDPOINT_URL_MTURK"] = door.market
    environment = environ.get("AIOTURK_ENVIRONMENT", "")
    if "://" in environment and not _comes_here(environment):
        addresses["AIOTURK_ENVIRONMENT"] = "local"
    return addresses


def _comes_here(url: str) -> bool:
    try:
        return urlsplit(url).hostname in HOSTS - frozenset(WORKER_HOSTS)  # which are no addresses of services
    except ValueError:
        return False
