"""
How far a marketplace can be reached, and what it needs for that.

Whoever reaches a marketplace without accounts can be any worker, which is fine as long as nobody does but its owner.
Beyond this computer there have to be accounts; TLS, or passwords are read on the way; and host names for the site and
for what requesters wrote.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aioturk._core.hosts import is_loopback
from aioturk.errors import ConfigurationError
from aioturk.marketplace.site.origins import Origins

__all__ = ["Exposure", "invitation_link"]


@dataclass(frozen=True)
class Exposure:
    """
    How far a marketplace can be reached.

    Attributes:
        host: The address that it listens at.
        has_accounts: Whether people sign in with a password.
        site_url: Where people reach the site.
        tasks_url: Where their browsers reach what requesters wrote.
        certificate: Files of a certificate and its key.
        trusted_proxies: The addresses of proxies in front of it.
        visitor: The worker that everybody is taken for.

    Raises:
        ConfigurationError: It would be reached from elsewhere without what that needs.
    """

    host: str
    has_accounts: bool
    site_url: str | None
    tasks_url: str | None
    certificate: tuple[str | os.PathLike[str], str | os.PathLike[str]] | None
    trusted_proxies: Collection[str]
    visitor: str | None = None

    def __post_init__(self) -> None:
        if (self.site_url is None) != (self.tasks_url is None):
            raise ConfigurationError("Give site_url and tasks_url together: two host names that lead to this server.")
        if self.site_url is not None and self.tasks_url is not None:
            Origins(self.site_url, self.tasks_url)
        if self.visitor is not None and (self.has_accounts or not self.is_local):
            raise ConfigurationError(f"Only on your own computer, without accounts, everybody can be {self.visitor}.")
        if self.is_local:
            return
        if not self.has_accounts:
            raise ConfigurationError(
                f"The marketplace would be reached from other computers ({self._reached_at}), where everybody could "
                "say that they are anybody: serve it with accounts, and invite people."
            )
        if self.site_url is None or self.tasks_url is None:
            raise ConfigurationError(
                f"The marketplace would be reached from other computers ({self._reached_at}): say at which addresses, "
                "with site_url and tasks_url, which are two host names of this server."
            )
        if not self.site_url.startswith("https:") or not self.tasks_url.startswith("https:"):
            raise ConfigurationError(
                f"Passwords would be sent in the clear to {self.site_url}: use https for site_url and tasks_url."
            )
        if self.certificate is None and not self.trusted_proxies:
            raise ConfigurationError(
                "Nothing speaks TLS for the marketplace: give it a certificate and its key, or name the proxy in front "
                "of it that does (trusted_proxies)."
            )

    @property
    def is_local(self) -> bool:
        """Whether nobody reaches it but from this computer."""
        site = None if self.site_url is None else urlsplit(self.site_url).hostname
        return is_loopback(self.host.strip("[]").lower()) and (site is None or is_loopback(site))

    @property
    def _reached_at(self) -> str:
        return self.site_url or self.host

    def origins(self, url: str) -> Origins:
        """
        Return where site and tasks are reached.

        Args:
            url: Where the marketplace listens.
        """
        if self.site_url is None or self.tasks_url is None:
            return Origins.on_this_computer(url)
        return Origins(self.site_url, self.tasks_url)

    def tls(self) -> ssl.SSLContext | None:
        """
        Return what TLS is spoken with; None for plain HTTP.

        Raises:
            ConfigurationError: The certificate or its key cannot be used.
        """
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(*self.certificate)
        except (OSError, ssl.SSLError) as trouble:
            raise ConfigurationError(f"The certificate {self.certificate[0]} cannot be used: {trouble}.") from None
        return context


def invitation_link(site: str, token: str) -> str:
    """Return the link of an invitation."""
    return f"{site}/invitations/{quote(token, safe='')}"
