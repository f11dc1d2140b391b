"""
Screenshots of the worker site, made while the documentation is built, so that they show what it is like now.

``.. screenshot:: NAME`` shows the picture of that name, light or dark as the reader has it; ``:alt:`` is required. What
is on each picture is in `pictures`; this module finds a browser, has each picture taken once, and shows it. Where there
is no Chromium, or no Playwright, nothing fails: in the picture's place stands how it is made.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pictures import PICTURES, Studio

if TYPE_CHECKING:
    from playwright.async_api import Browser
    from sphinx.application import Sphinx

__all__ = ["chromium", "file_name", "take", "what_is_missing"]

ROOT = Path(__file__).parent.parent.parent
FOLDER = "_build/screenshots"
"""Where the pictures are kept, below the documentation's own folder: never committed, and removed by `make clean`."""
SHOWN = ("aioturk/marketplace/**/*", "docs/_extensions/*")
"""What the pictures depend on."""

MISSING = (
    "*There would be a picture here, which* ``make docs`` *takes where Chromium is installed; without make,* "
    "``pip install playwright`` *is needed, too. On it is:* {alt}"
)
"""What stands in a picture's place."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK_WIDTH, PHONE_WIDTH = 960, 375
SHARPNESS = 2
"""Pixels of a picture for each one of the page."""


def chromium() -> str | None:
    """Where Chromium is: what the environment says, or the first that is on the path."""
    named = os.environ.get("AIOTURK_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def what_is_missing() -> str | None:
    """Why no picture can be taken here, or nothing."""
    if find_spec("playwright") is None:
        return "Playwright"
    return "Chromium" if chromium() is None else None


def file_name(name: str, *, dark: bool) -> str:
    """Return the name of a picture's file."""
    return f"{name}-dark.png" if dark else f"{name}.png"


def files() -> list[str]:
    """Return the names of all files."""
    return [file_name(name, dark=dark) for name in PICTURES for dark in (False, True)]


async def take(folder: Path) -> None:
    """
    Take all pictures of one marketplace, each in light and in dark.

    Args:
        folder: Where the files are to be; Playwright makes it.
    """
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright, Studio.open() as studio:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            # The sandbox cannot start for root, as whom containers build; every page here is our own.
            chromium_sandbox=False,
            args=[
                # Frames of other origins are drawn as sharply as the rest only if all of the browser is told.
                f"--force-device-scale-factor={SHARPNESS}",
                "--no-proxy-server",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
            ],
        )
        for name in PICTURES:
            for dark in (False, True):
                await _take_one(browser, studio, name, folder / file_name(name, dark=dark), dark=dark)
        await browser.close()


async def _take_one(browser: Browser, studio: Studio, name: str, file: Path, *, dark: bool) -> None:
    picture = PICTURES[name]
    context = await browser.new_context(
        viewport={"width": PHONE_WIDTH if picture.phone else DESK_WIDTH, "height": picture.height},
        device_scale_factor=SHARPNESS,
        has_touch=picture.phone,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await picture.arrange(studio, page)
    await page.evaluate("scrollTo(0, 0)")
    # Nobody's pointer, and no caret that may blink.
    await page.mouse.move(0, 0)
    await page.screenshot(path=file, caret="hide", animations="disabled")
    await context.close()


# With Sphinx.


def are_new(folder: Path) -> bool:
    """Say whether all pictures are there, and newer than what they show."""
    made = [folder / name for name in files()]
    if not all(file.exists() for file in made):
        return False
    sources = [path for each in SHOWN for path in ROOT.glob(each) if path.is_file() and path.suffix != ".pyc"]
    newest = max(path.stat().st_mtime for path in sources)
    return min(file.stat().st_mtime for file in made) > newest


def prepare(app: Sphinx) -> None:
    """Take the pictures before any page is read, if there are means to, and need."""
    from sphinx.util import logging

    app.config.html_static_path.append(str(Path(__file__).with_name("static")))
    folder = Path(app.srcdir) / FOLDER
    if app.builder.format != "html" or what_is_missing() is not None or are_new(folder):
        return
    try:
        asyncio.run(take(folder))
    except Exception as trouble:
        logging.getLogger(__name__).warning("The screenshots could not be taken: %s", trouble)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register ``.. screenshot::``, and have the pictures taken."""
    from docutils import nodes
    from docutils.parsers.rst import directives
    from sphinx.util.docutils import SphinxDirective

    class Screenshot(SphinxDirective):
        required_arguments = 1
        option_spec = {"alt": directives.unchanged_required}  # noqa: RUF012  docutils wants it like this

        def run(self) -> list[nodes.Node]:
            [name] = self.arguments
            if name not in PICTURES:
                raise self.error(f"There is no picture {name}: {', '.join(PICTURES)}.")
            if "alt" not in self.options:
                raise self.error(f"Say what is on the picture {name}, with :alt:, for whoever does not see it.")
            made = [file_name(name, dark=dark) for dark in (False, True)]
            for file in made:
                # Read again as soon as there is another picture, or one at last.
                self.env.note_dependency(f"{FOLDER}/{file}")
            if not all((Path(self.env.srcdir) / FOLDER / file).exists() for file in made):
                return self.parse_text_to_nodes(MISSING.format(alt=self.options["alt"]))
            return [self._image(file, look) for file, look in zip(made, ("only-light", "only-dark"), strict=True)]

        def _image(self, file: str, look: str) -> nodes.Node:
            words = " ".join(self.options["alt"].split())
            image = nodes.image(uri=f"/{FOLDER}/{file}", alt=words, align="center")
            image["classes"] = ["screenshot", look]
            image["width"] = f"{PHONE_WIDTH}px" if PICTURES[self.arguments[0]].phone else "100%"
            self.set_source_info(image)
            return image

    app.add_directive("screenshot", Screenshot)
    app.connect("builder-inited", prepare)
    app.add_css_file("screenshots.css")
    return {"parallel_read_safe": True}
