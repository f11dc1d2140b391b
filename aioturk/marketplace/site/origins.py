"""
The two origins of the site: its own, where people are signed in, and that of the tasks, where strangers' pages run.

To a browser they are different places, so that a page that a requester wrote can neither read the site nor act in it,
whatever it does in its frame: https://developer.mozilla.org/docs/Web/Security/Same-origin_policy. One server answers
for both, by the host that a request names; and for no other host, or any web page could have its own name lead here and
be taken for the site by the browser (DNS rebinding).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from aioturk.errors import ConfigurationError

__all__ = ["Origins", "origin_of"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origins:
    """
    Where the site and the tasks are.

    Attributes:
        site: The site's origin, such as ``https://work.example.org``, without a slash at its end.
        tasks: The tasks' origin, on another host.

    Raises:
        ConfigurationError: They are no origins, or not different hosts.
    """

    site: str
    tasks: str

    def __post_init__(self) -> None:
        site, tasks = origin_of(self.site, "site_url"), origin_of(self.tasks, "tasks_url")
        if _host(site) == _host(tasks):
            raise ConfigurationError(
                f"The site and the tasks are both at {_host(site)}: give the tasks a host name of their own, because "
                "cookies do not tell ports apart, and what requesters write must not be able to act as who looks at it."
            )
        object.__setattr__(self, "site", site)
        object.__setattr__(self, "tasks", tasks)

    @classmethod
    def on_this_computer(cls, url: str) -> Origins:
        """
        Return the origins of a marketplace on a loopback address: the number is the site, the name is the tasks.

        Args:
            url: Where it listens.
        """
        parts = urlsplit(url)
        other = "127.0.0.1" if parts.hostname == "localhost" else "localhost"
        return cls(url, f"{parts.scheme}://{other}:{parts.port}")

    @property
    def is_secure(self) -> bool:
        """Whether the site is reached by TLS."""
        return self.site.startswith("https:")

    def is_site(self, host: str) -> bool:
        """Say whether the `Host` of a request is the site's."""
        return _normal(host, self.site) == _host_and_port(self.site)

    def is_site_page(self, url: str) -> bool:
        """Say whether a whole address is that of a page of the site."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return self.site.startswith(f"{parts.scheme}:") and self.is_site(parts.netloc)

    def is_tasks(self, host: str) -> bool:
        """Say whether the `Host` of a request is the tasks'."""
        return _normal(host, self.tasks) == _host_and_port(self.tasks)


def origin_of(url: str, argument: str) -> str:
    """
    Return the origin of an address that has to be one.

    Raises:
        ConfigurationError: It is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ConfigurationError(f"{argument} is {url!r}: write a scheme and a host, as in https://work.example.org.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    at = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{at}"


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _host_and_port(origin: str) -> str:
    return origin.partition("://")[2]


def _normal(host: str, origin: str) -> str:
    """Write the host of a request as it stands in an origin: without the port that goes without saying."""
    scheme = origin.partition("://")[0]
    return host.strip().lower().removesuffix(f":{_DEFAULT_PORTS[scheme]}")
