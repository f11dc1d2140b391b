"""
Where requests go: production, sandbox, local, or a URL of your own.

Everything here is decided from values: the caller's words, a mapping of environment variables, the bytes of a
file. Reading the file that a served marketplace keeps is the work of :mod:`aioturk.credentials`, connecting is the
transport's.

The rule behind all the others: nothing reaches Amazon's production unless the word ``"production"`` was written. That
is why hosts are compared only after they have been reduced to one spelling, and why a URL that has several (escapes,
letters beyond ASCII, dot segments) is refused instead of interpreted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from aioturk._core.hosts import is_loopback
from aioturk.errors import ConfigurationError

__all__ = [
    "DEFAULT_REGION",
    "FEES_HEADER",
    "MARKETPLACE_HEADER",
    "Endpoint",
    "LocalFile",
    "LocalMarketplace",
    "local_endpoint",
    "local_marketplace_path",
    "nothing_chosen",
    "resolve",
    "resolve_crowd",
    "unreachable_hint",
]

DEFAULT_REGION: Final = "us-east-1"

MARKETPLACE_HEADER: Final = "x-aioturk-marketplace"
"""The header by which a marketplace of ours tells which one it is, and whose request it answers: ``market/account``."""

FEES_HEADER: Final = "x-aioturk-fees"
"""The header by which it tells what it takes, beside the other one: a table as `aioturk.pricing` writes it."""

_PRODUCTION_HOST: Final = "mturk-requester.us-east-1.amazonaws.com"
_SANDBOX_HOST: Final = "mturk-requester-sandbox.us-east-1.amazonaws.com"
_CROWD_HOST: Final = "crowd.us-east-1.amazonaws.com"
_CROWD_LABELS: Final = frozenset({"crowd", "crowd-fips"})
_SERVE: Final = "aioturk marketplace serve"
_CHOICES: Final = '"production", "sandbox", "local", or the URL of a marketplace'

_CROWD_CHOICES: Final = '"production", "local", or the URL of a marketplace'

_AMAZONS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z]{1,20}")
_ADDRESS: Final = re.compile(r"(localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)(:[0-9]+)?(/.*)?")
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*/?", re.ASCII)
_REGION: Final = re.compile(r"(?=.{1,63}\Z)[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where requests go, and which world they count in.

    Attributes:
        url: The exact address that is signed and sent to.
        host: Host, and port unless it is the scheme's own, as the ``Host`` header has it.
        environment: ``"production"``, ``"sandbox"``, ``"local"``, or the URL's origin.
        region: The region that signatures name.
        worker_site: The site on which workers see the HITs.
        is_amazon: Whether the host is Amazon's.
    """

    url: str
    host: str
    environment: str
    region: str
    worker_site: str | None
    is_amazon: bool


@dataclass(frozen=True, slots=True)
class LocalFile:
    """
    The answer "the marketplace of this computer": its file has to be read to know more.

    Attributes:
        path: The file.
        chosen: Whether ``"local"`` was asked for; False when nothing was, and the file is the last thing to try.
    """

    path: Path
    chosen: bool


@dataclass(frozen=True, slots=True)
class LocalMarketplace:
    """
    What a served marketplace leaves for ``Client("local")`` in a file that only its owner can read.

    Attributes:
        url: Its address.
        access_key: The public half of its owner's key.
        secret_key: The secret half.
        pid: The serving process.
        database: What it keeps its data in, if not in memory.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    pid: int | None = None
    database: str | None = field(default=None, repr=False)

    def to_json(self) -> bytes:
        """Write the file's content. It holds the secret: give the file to its owner alone (mode 600)."""
        return msgspec.json.encode(self) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> LocalMarketplace:
        """
        Read the file's content; members it does not know are left alone.

        Raises:
            ConfigurationError: It is something else. The text never quotes the content, which may hold a secret.
        """
        try:
            found = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reason = "is not JSON" if not isinstance(error, msgspec.ValidationError) else "lacks url or keys"
        else:
            if found.url and found.access_key and found.secret_key:
                return found
            reason = "has an empty url or key"
        raise ConfigurationError(
            f"The local marketplace's file {reason}, so there is nowhere to send to. "
            f"Start the marketplace again: {_SERVE}."
        )


def local_marketplace_path(environ: Mapping[str, str]) -> Path:
    """
    Say where a served marketplace keeps its address and keys.

    It is ``AIOTURK_LOCAL_FILE``, else ``aioturk/marketplace.json`` in ``XDG_STATE_HOME`` or in ``~/.local/state``.

    Raises:
        ConfigurationError: None of the variables, nor the home directory, is set.
    """
    path = _local_path(environ)
    if path is None:
        raise ConfigurationError(
            "The local marketplace's file cannot be found without a home directory: "
            "set HOME, XDG_STATE_HOME or AIOTURK_LOCAL_FILE."
        )
    return path


def resolve(
    environment: str | None,
    *,
    environ: Mapping[str, str],
    region: str = DEFAULT_REGION,
    allow_http: bool = False,
) -> Endpoint | LocalFile:
    """
    Decide where requests go.

    Args:
        environment: ``"production"``, ``"sandbox"``, ``"local"``, a URL, or None for what the environment variables
            say: ``AIOTURK_ENVIRONMENT``, then ``AWS_ENDPOINT_URL_MTURK``, then ``AWS_ENDPOINT_URL``; when they are
            silent, the local marketplace.
        environ: The environment variables.
        region: The region that signatures name; Amazon has only us-east-1.
        allow_http: Whether plain http may go to hosts other than this computer.

    Returns:
        The endpoint, or the file to read for it (then see `local_endpoint`).

    Raises:
        ConfigurationError: Something in it is wrong; the text names the argument or variable, the rule and the remedy.
    """
    _check_region(region)
    if environment is not None:
        return _named(environment, "environment", environ, region, allow_http)
    source, value = _configured(environ)
    if source == "AIOTURK_ENVIRONMENT":
        return _named(value, source, environ, region, allow_http)
    if source:
        return _from_url(value, source, region, allow_http)
    return _last_resort(environ)


def resolve_crowd(
    environment: str | None,
    *,
    endpoint: str | None = None,
    environ: Mapping[str, str],
    region: str = DEFAULT_REGION,
    allow_http: bool = False,
) -> Endpoint | LocalFile:
    """
    Decide where requests of the Crowd API go, by the same rules. Amazon has a single host for it, and no sandbox.

    Args:
        environment: ``"production"``, ``"local"``, a URL, or None for what the environment variables say:
            ``AIOTURK_ENVIRONMENT``, then ``AWS_ENDPOINT_URL_CROWD``, then ``AWS_ENDPOINT_URL``; when they are silent,
            the local marketplace.
        endpoint: A URL, instead of an environment.
        environ: The environment variables.
        region: The region that signatures name; Amazon has only us-east-1.
        allow_http: Whether plain http may go to hosts other than this computer.

    Returns:
        The endpoint, or the file to read for it (then see `local_endpoint`).

    Raises:
        ConfigurationError: Something in it is wrong; the text names the argument or variable, the rule and the remedy.
    """
    _check_region(region)
    if endpoint is not None:
        if environment is not None:
            raise _refused("endpoint", "is given besides an environment", "give one of the two")
        return _crowd_url(endpoint, "endpoint", region, allow_http)
    if environment is not None:
        return _crowd_named(environment, "environment", environ, region, allow_http)
    source, value = _configured(environ, _CROWD_VARIABLE)
    if source == "AIOTURK_ENVIRONMENT":
        return _crowd_named(value, source, environ, region, allow_http)
    if source:
        return _crowd_url(value, source, region, allow_http)
    return _last_resort(environ)


def _last_resort(environ: Mapping[str, str]) -> LocalFile:
    """Return the local marketplace's file, for when nothing was chosen."""
    path = _local_path(environ)
    if path is None:
        raise nothing_chosen()
    return LocalFile(path, chosen=False)


def local_endpoint(
    marketplace: LocalMarketplace, *, region: str = DEFAULT_REGION, allow_http: bool = False
) -> Endpoint:
    """
    Turn what the local marketplace's file says into an endpoint.

    Raises:
        ConfigurationError: The address in the file breaks a rule that any URL has to keep.
    """
    _check_region(region)
    source = "the local marketplace's file"
    found = _from_url(marketplace.url, source, region, allow_http)
    if found.is_amazon:
        raise _refused(source, "names Amazon's sandbox, which is not on this computer", 'write "sandbox"')
    return Endpoint(found.url, found.host, "local", region, found.worker_site, is_amazon=False)


def nothing_chosen() -> ConfigurationError:
    """Make the error for a client that was not told where to send, with all the choices."""
    return ConfigurationError(
        "No environment was chosen, and no marketplace is being served on this computer. "
        f"Pass environment={_CHOICES}; or set AIOTURK_ENVIRONMENT, AWS_ENDPOINT_URL_MTURK or AWS_ENDPOINT_URL "
        f"({_CROWD_VARIABLE} for the Crowd API, which has no sandbox); "
        f"or serve a marketplace with `{_SERVE}`."
    )


def unreachable_hint(endpoint: Endpoint) -> str:
    """Say what may be behind it when no connection to the endpoint comes about; empty when there is nothing to add."""
    if endpoint.is_amazon:
        return (
            "Amazon announced that Mechanical Turk closes for good on 30 September 2026, so this host may be gone. "
            f'Your program can go on with a marketplace of your own: run `{_SERVE}`, and write "local" instead of '
            f'"{endpoint.environment}".'
        )
    if endpoint.environment == "local":
        return f"The marketplace of this computer does not answer: has it been stopped? Start it with `{_SERVE}`."
    return ""


_CROWD_VARIABLE: Final = "AWS_ENDPOINT_URL_CROWD"


def _crowd_named(
    value: object, source: str, environ: Mapping[str, str], region: str, allow_http: bool
) -> Endpoint | LocalFile:
    if isinstance(value, str) and "://" in value:
        return _crowd_url(value, source, region, allow_http)
    if value == "production":
        if region != DEFAULT_REGION:
            raise _elsewhere(region)
        return Endpoint(f"https://{_CROWD_HOST}/", _CROWD_HOST, "production", region, None, is_amazon=True)
    if value == "local":
        return LocalFile(local_marketplace_path(environ), chosen=True)
    if value == "sandbox":
        raise _refused(
            source,
            'is "sandbox", and the Crowd API has none',
            f"write {_CROWD_CHOICES}; functions whose names end in -test answer without workers",
        )
    raise _unnamed(value, source, "is not the name of an environment, nor a URL", _CROWD_CHOICES)


def _crowd_url(value: object, source: str, region: str, allow_http: bool) -> Endpoint:
    if not isinstance(value, str) or "://" not in value:
        raise _refused(source, "is not a URL with http:// or https://", "write it like https://turk.example.org")
    found = _from_url(value, source, region, allow_http)
    if found.is_amazon:
        raise _refused(source, "names Amazon's sandbox, which does not have the Crowd API", f"write {_CROWD_CHOICES}")
    return found


def _configured(environ: Mapping[str, str], own: str = "AWS_ENDPOINT_URL_MTURK") -> tuple[str, str]:
    """Return the variable that decides and its value; two empty strings when there is none."""
    names = ["AIOTURK_ENVIRONMENT"]
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        names += [own, "AWS_ENDPOINT_URL"]
    for name in names:
        if value := environ.get(name):
            return name, value
    return "", ""


def _named(
    value: object, source: str, environ: Mapping[str, str], region: str, allow_http: bool
) -> Endpoint | LocalFile:
    if not isinstance(value, str):
        raise _refused(source, f"is a {type(value).__name__}, not a string", f"write {_CHOICES}")
    if value == "production":
        return _amazon("production", region)
    if value == "sandbox":
        return _amazon("sandbox", region)
    if value == "local":
        return LocalFile(local_marketplace_path(environ), chosen=True)
    if "://" in value:
        return _from_url(value, source, region, allow_http)
    raise _unnamed(value, source, "is not the name of an environment, nor a URL with http:// or https://", _CHOICES)


def _unnamed(value: object, source: str, fault: str, choices: str) -> ConfigurationError:
    text = value if isinstance(value, str) else ""
    if _WORD.fullmatch(text):  # too short for a secret, and without what would make a URL
        fault = f'is "{text}", which {fault}'
    if _ADDRESS.fullmatch(text):
        return _refused(source, fault, "write https:// before it, or http:// if it is on this computer")
    return _refused(source, fault, f"write {choices}")


def _amazon(environment: str, region: str) -> Endpoint:
    if region != DEFAULT_REGION:
        raise _elsewhere(region)
    production = environment == "production"
    host = _PRODUCTION_HOST if production else _SANDBOX_HOST
    site = "https://worker.mturk.com" if production else "https://workersandbox.mturk.com"
    return Endpoint(f"https://{host}/", host, environment, region, site, is_amazon=True)


def _elsewhere(region: str) -> ConfigurationError:
    return _refused(
        "region",
        f"is {region!r}, and Amazon's hosts exist in us-east-1 only",
        f'leave it out, or write "{DEFAULT_REGION}"',
    )


def _from_url(value: str, source: str, region: str, allow_http: bool) -> Endpoint:
    parts, host = _split(value, source)
    _refuse_amazon(host, source)
    scheme, port = parts.scheme, _port(parts, source)
    if "@" in parts.netloc:
        raise _refused(source, "has a user name or password in its URL", "take it out, and pass keys as credentials")
    if parts.query or parts.fragment or "?" in value or "#" in value:
        raise _refused(source, "has a query or a fragment in its URL", "end it after the path")
    _check_path(parts.path, source)
    if host == _SANDBOX_HOST:
        if scheme != "https" or port is not None or parts.path not in {"", "/"}:
            raise _refused(source, "names Amazon's sandbox, but not as it is reached", 'write "sandbox"')
        return _amazon("sandbox", region)
    if scheme == "http" and not allow_http and not is_loopback(host):
        raise _refused(
            source,
            f"is plain http to {host}: everybody on the way could read answers and change payments",
            "use https, or pass allow_http=True on a network that you trust",
        )
    netloc = _bracketed(host) if port is None else f"{_bracketed(host)}:{port}"
    origin = f"{scheme}://{netloc}"
    return Endpoint(origin + (parts.path or "/"), netloc, origin, region, origin, is_amazon=False)


def _split(value: str, source: str) -> tuple[SplitResult, str]:
    """Take a URL apart; the host comes back in its one spelling."""
    # urlsplit drops some control characters silently, and others read a backslash as a slash: look before it does.
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        raise _refused(
            source,
            "holds white space, a backslash or a character beyond ASCII",
            "write a plain URL, with an international host name in its xn-- form",
        )
    try:
        parts: SplitResult | None = urlsplit(value)
    except ValueError:
        # Refused below, outside this block: the cause would quote the URL, password and all.
        parts = None
    if parts is None:
        raise _refused(
            source, "is not a well-formed URL", "write it like https://turk.example.org or http://127.0.0.1:7700"
        )
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme not in _DEFAULT_PORTS:
        raise _refused(source, "is not an http or https URL", "write it like https://turk.example.org")
    if not host:
        raise _refused(source, "is a URL without a host", "write it like https://turk.example.org")
    if "[" in parts.netloc:
        return parts, _ipv6(host, source)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise _refused(source, "has a host name that is not well-formed", "write it like https://turk.example.org")
    return parts, host


def _ipv6(host: str, source: str) -> str:
    try:
        address = IPv6Address(host)
    except ValueError:
        address = None
    # A zone ("%eth0") means something on this computer only, and not every resolver and proxy reads it alike.
    if address is None or address.scope_id is not None:
        raise _refused(source, "has an address in brackets that is not plain IPv6", "write it like http://[::1]:7700")
    return address.compressed


def _port(parts: SplitResult, source: str) -> int | None:
    """Return the port, or None for the scheme's own."""
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise _refused(source, "has a port that is not a number from 1 to 65535", "write it like http://127.0.0.1:7700")
    return None if port == _DEFAULT_PORTS[parts.scheme] else port


def _check_path(path: str, source: str) -> None:
    # Escapes and dot segments are rewritten on the way, and then the signature no longer fits what arrives.
    if not _PATH.fullmatch(path) or not {".", ".."}.isdisjoint(path.split("/")):
        raise _refused(
            source,
            "has a path that could be spelled in several ways",
            "use letters, digits and -._~ between single slashes",
        )


def _refuse_amazon(host: str, source: str) -> None:
    """Refuse every host of Amazon's Mechanical Turk, the Crowd API included, except the sandbox."""
    if host == _SANDBOX_HOST:
        return
    if host == _PRODUCTION_HOST:
        raise _refused(
            source,
            "is a URL of Amazon's production, where real money is spent, and production is never chosen by a URL",
            'if you mean it, write Client("production") or AIOTURK_ENVIRONMENT=production',
        )
    if host == "mturk.com" or host.endswith(".mturk.com"):
        raise _refused(source, f"names {host}, a web site and not the API", f"write {_CHOICES}")
    if host.endswith(_AMAZONS):
        labels = host.split(".")
        if not _CROWD_LABELS.isdisjoint(labels):
            raise _refused(
                source,
                "is a URL of Amazon's Crowd API, where real money is spent, and production is never chosen by a URL",
                'if you mean it, write CrowdClient("production") or AIOTURK_ENVIRONMENT=production',
            )
        if any(label.startswith(("mturk-requester", "mechanicalturk")) for label in labels):
            raise _refused(
                source,
                f"names {host}, and Amazon has just two hosts for this API, both in us-east-1",
                'write "production" or "sandbox"',
            )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _check_region(region: object) -> None:
    if region == "sandbox":
        raise _refused(
            "region", 'is "sandbox", which is an environment here', 'write Client("sandbox") and leave the region out'
        )
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        raise _refused("region", "is not the name of a region", f'leave it out, or write "{DEFAULT_REGION}"')


def _local_path(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("AIOTURK_LOCAL_FILE"):
        return Path(named)
    # The XDG rules say that a relative directory is to be ignored.
    state = environ.get("XDG_STATE_HOME", "")
    if state and Path(state).is_absolute():
        return Path(state, "aioturk", "marketplace.json")
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home, ".local", "state", "aioturk", "marketplace.json") if home else None


def _refused(source: str, fault: str, remedy: str) -> ConfigurationError:
    """Make the error. The value itself is not quoted: a URL may carry a password."""
    return ConfigurationError(f"{source} {fault}. Nothing was sent. Remedy: {remedy}.")
