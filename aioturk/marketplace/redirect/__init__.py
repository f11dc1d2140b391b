"""
How a program that knows nothing of us is made to come here: the environment it is started with.

Three things bring a program here. Its requests go to a proxy (:mod:`aioturk.marketplace.proxy`), whatever host it has
hard-coded; it trusts the certificates shown there; and an address of its own choice, in variables of AWS or of ours,
gives way to the marketplace's. Python programs also get the `sitecustomize` beside this file, which looks after those
that take their certificates from `certifi`, and stops those that go past the proxy.

Nothing here starts or writes anything: that is for the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aioturk.marketplace.proxy import HOSTS

__all__ = ["BUNDLE_VARIABLES", "Door", "redirected"]

BUNDLE_VARIABLES = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables with which programs are told what to trust."""

_KEYS_OF_OTHERS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",  # botocore's older name, which goes first
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",  # the older name of the same
    "AWS_CREDENTIAL_EXPIRATION",  # of those keys, not of ours
)
"""What would choose other keys than ours, or make ours useless."""


@dataclass(frozen=True, slots=True)
class Door:
    """
    Where a program is to come in.

    Attributes:
        proxy: The proxy's URL.
        market: The marketplace's own URL.
        access_key: A requester's access key.
        secret_key: The secret that belongs to it.
        bundle: The file of certificates to trust, instead of any other.
        added: The file of certificates to trust besides, for Node.js, which keeps its own.
        local_file: The file that tells where the local marketplace is.
    """

    proxy: str
    market: str
    access_key: str
    secret_key: str = field(repr=False)
    bundle: Path
    added: Path
    local_file: Path


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
        "AWS_EC2_METADATA_DISABLED": "true",
        "AIOTURK_LOCAL_FILE": str(door.local_file),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parent), environ.get("PYTHONPATH")])),
        **_addresses(environ, door),
    }
    if not credentials:
        return {**environ, **changed}
    kept = {name: value for name, value in environ.items() if name not in _KEYS_OF_OTHERS}
    keys = {"AWS_ACCESS_KEY_ID": door.access_key, "AWS_SECRET_ACCESS_KEY": door.secret_key}
    return {"AWS_DEFAULT_REGION": "us-east-1", **kept, **changed, **keys}


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
        return urlsplit(url).hostname in HOSTS
    except ValueError:
        return False
