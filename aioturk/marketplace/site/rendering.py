"""
From values to HTML: the templates, what they can call, and the headers that go with every page.

Templates escape whatever is put into them. The policy of content forbids what none of our pages needs: scripts and
styles from elsewhere or written into a page, and being shown in a frame
(https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aioturk.marketplace.site.origins import Origins

__all__ = [
    "Templates",
    "dollars",
    "duration",
    "frame_headers",
    "iso",
    "moment",
    "page_headers",
    "percent",
    "static_headers",
    "when",
]

_STATIC_FOR = "public, max-age=300"


class Templates:
    """The templates of the site."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("aioturk.marketplace.site"),
            autoescape=True,
            auto_reload=False,  # looking whether a file has changed takes longer than many a page
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            dollars=dollars, duration=duration, moment=moment, when=when, iso=iso, percent=percent
        )

    def render(self, name: str, values: dict[str, Any]) -> str:
        """Return a template with values in it."""
        return self._environment.get_template(name).render(values)


def page_headers(origins: Origins, *, in_frames: bool = False) -> dict[str, str]:
    """
    Return the headers of a page of the site.

    Args:
        origins: Where the site is.
        in_frames: Whether it may be shown in frames, which pages must not be that anything can be done on.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-src": "http: https:",  # external questions are wherever their requesters have them
        "frame-ancestors": "*" if in_frames else "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",  # tasks open windows, and speak with them
        "Cache-Control": "no-store",
    }
    if origins.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def frame_headers(origins: Origins, *, is_ours: bool = False) -> dict[str, str]:
    """
    Return the headers of a page in the frame of a task: it may do what it likes there, but nowhere else.

    Args:
        origins: Where site and tasks are.
        is_ours: Whether we wrote the page, in which requesters' texts are but texts.
    """
    policy = f"frame-ancestors {origins.site}"
    if is_ours:
        policy += (
            "; default-src 'none'; script-src 'self'; style-src 'self'; img-src http: https:; media-src http: https:; "
            f"object-src http: https:; frame-src http: https:; form-action {origins.site}; base-uri 'none'"
        )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        # The address is a ticket, and nobody's business. Where a page comes from is asked for by some that it embeds.
        "Referrer-Policy": "no-referrer" if is_ours else "strict-origin",
        "Cache-Control": "no-store",
    }


def static_headers() -> dict[str, str]:
    """Return the headers of a script or style of ours."""
    return {"Cache-Control": _STATIC_FOR, "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}


# What templates call.


def dollars(amount: Decimal) -> str:
    """Write an amount of money: ``$1,234.50``."""
    return f"${amount:,.2f}"


_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def duration(time: timedelta) -> str:
    """Write how long something takes, in its two largest units: ``1 hour 30 minutes``."""
    seconds = max(int(time.total_seconds()), 0)
    parts = []
    for name, size in _UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {name}{'s' if number > 1 else ''}")
    return " ".join(parts[:2]) or "0 seconds"


def moment(time: datetime) -> str:
    """Write a moment for people: ``22 Nov 2026, 09:15 UTC``."""
    return f"{time.day} {time:%b %Y, %H:%M} UTC"


def when(time: datetime) -> Markup:
    """Write the same as an element, beside which `static/times.js` puts the reader's own time."""
    return Markup('<time datetime="{}" data-local>{}</time>').format(iso(time), moment(time))


def iso(time: datetime) -> str:
    """Write a moment for programs."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def percent(share: float | Decimal | None) -> str:
    """Write a share: ``97 %``."""
    return "none yet" if share is None else f"{round(share * 100)} %"
