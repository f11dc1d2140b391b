"""Start and stop the application on a port, in a program or alone."""

from __future__ import annotations

import ssl

from aiohttp import web

from aioturk.errors import ConfigurationError

__all__ = ["Runner"]

_PATIENCE = 2.0
"""Seconds that requests under way get to end when the marketplace stops."""


class Runner:
    """
    Serves an application.

    Args:
        app: The application.
        host: The address to listen at.
        port: The port; 0 takes a free one.
        tls: With what certificate; None serves plain HTTP.
    """

    def __init__(self, app: web.Application, *, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=_PATIENCE,
            # Bodies are bounded as they are sent: what unpacks to more is declined, not unpacked.
            auto_decompress=False,
        )
        self._host = host
        self._port = port
        self._tls = tls
        self.url: str = ""

    async def start(self) -> None:
        """
        Listen.

        Raises:
            ConfigurationError: The address or the port cannot be had.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
        try:
            await site.start()
        except OSError as trouble:
            await self.stop()
            raise ConfigurationError(
                f"The marketplace cannot listen at {self._host} port {self._port}: {trouble.strerror or trouble}. "
                "Name another port, or 0 for any that is free."
            ) from None
        host, port = self._runner.addresses[0][:2]
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening, and let requests under way end."""
        await self._runner.cleanup()
