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
        self.url = await self._listen(self._port)

    async def listen_too(self) -> str:
        """
        Listen at another port of the same address, any that is free; return where.

        Raises:
            ConfigurationError: There is none.
        """
        return await self._listen(0)

    async def _listen(self, port: int) -> str:
        before = len(self._runner.addresses)
        try:
            await web.TCPSite(self._runner, self._host, port, ssl_context=self._tls).start()
        except OSError as trouble:
            await self.stop()
            raise ConfigurationError(
                f"The marketplace cannot listen at {self._host} port {port}: {trouble.strerror or trouble}. "
                "Name another port, or 0 for any that is free."
            ) from None
        host, port = self._runner.addresses[before][:2]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening, and let requests under way end."""
        await self._runner.cleanup()
