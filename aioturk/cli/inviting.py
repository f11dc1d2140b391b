"""``aioturk marketplace invite`` and ``forget``: people come to work, and are forgotten."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import typer

from aioturk.cli.owner import check_environment, named_database
from aioturk.cli.reading import read_text
from aioturk.errors import ConfigurationError, TurkError
from aioturk.marketplace.back_office import in_store
from aioturk.marketplace.house import ENVIRONMENTS, SITE, SITE_ENVIRONMENT
from aioturk.marketplace.service import Context, forgetting, inviting
from aioturk.marketplace.site.exposure import invitation_link

__all__ = ["forget", "invite"]

_COLUMNS = ("address", "name", "worker_id", "groups")


@dataclass(frozen=True)
class _Person:
    place: str
    """Where they stand in what was given."""
    address: str
    name: str | None = None
    worker_id: str | None = None
    groups: tuple[str, ...] = ()


def invite(
    given: Sequence[str], database: str | None, *, groups: Sequence[str], url: str | None, environment: str | None
) -> None:
    """Invite people, all of them or none, and print their links."""
    served = named_database(database)
    shown = _shown(served, environment)
    if environment is not None and shown not in (None, environment):
        raise ConfigurationError(
            f"The site was served last for {shown}, so links to {environment} would lead nowhere. Nobody was invited: "
            f"serve it with --environment {environment} first."
        )
    people = [replace(person, groups=(*person.groups, *groups)) for person in _people(given)]
    _require_somebody_once(people, given)

    def act(context: Context) -> list[tuple[str, str, str]]:
        site = url or context.store.settings.get(SITE)
        if site is None:
            raise ConfigurationError("The marketplace was never served: say with --url where people will reach it.")
        rows = []
        for person in people:
            try:
                found = inviting.invite(context, person.address, person.name, person.worker_id, person.groups)
            except TurkError as refusal:
                raise ConfigurationError(f"{person.place}: {refusal} Nobody was invited.") from None
            rows.append((found.address, found.worker_id, invitation_link(site.rstrip("/"), found.token)))
        return rows

    links = in_store(served, act, environment=environment or shown or ENVIRONMENTS[0])
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("address", "worker_id", "link"))
    writer.writerows(links)


def _people(given: Sequence[str]) -> Iterator[_Person]:
    for each in given:
        if Path(each).is_file():
            yield from _in_file(Path(each))
        elif "@" in each:
            yield _Person(each, each)
        else:
            raise ConfigurationError(
                f"{each!r} is no e-mail address, and there is no file of that name. Nobody was invited."
            )


def _require_somebody_once(people: Sequence[_Person], given: Sequence[str]) -> None:
    """Refuse a list with nobody in it, and one with somebody twice: of two links only the newer one is good."""
    if not people:
        raise ConfigurationError(f"There is nobody in {', '.join(given)}. Nobody was invited.")
    places: dict[str, str] = {}
    for person in people:
        before = places.setdefault(person.address.strip().casefold(), person.place)
        if before is not person.place:
            raise ConfigurationError(
                f"{person.place}: {person.address} is there before ({before}): write everybody once, with all of their "
                "groups. Nobody was invited."
            )


def _in_file(path: Path) -> Iterator[_Person]:
    text = read_text(path, newline="")
    # Spreadsheets of many countries write semicolons instead of commas.
    heading = text.lstrip().partition("\n")[0]
    separator = ";" if ";" in heading and "," not in heading else ","
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=separator)
    names = list(rows.fieldnames or ())
    strangers = [name for name in names if name not in _COLUMNS]
    if "address" not in names or strangers:
        raise ConfigurationError(
            f"{path}: the columns are {', '.join(names) or 'missing'}. There has to be an address; there may be "
            "name, worker_id, and groups, with a semicolon between them. Nobody was invited."
        )
    for row in rows:
        if not (row["address"] or "").strip():
            raise ConfigurationError(f"{path}, line {rows.line_num}: there is no address. Nobody was invited.")
        groups = (part.strip() for part in (row.get("groups") or "").split(";"))
        yield _Person(
            f"{path}, line {rows.line_num}",
            row["address"].strip(),
            row.get("name") or None,
            row.get("worker_id") or None,
            tuple(filter(None, groups)),
        )


def _shown(database: str, environment: str | None) -> str | None:
    """Return what the site of a database showed last."""
    if environment is not None:
        check_environment(environment)
    return in_store(database, lambda context: context.store.settings.get(SITE_ENVIRONMENT))


def forget(named: str, database: str | None, *, environment: str | None, asks: bool) -> None:
    """Forget who somebody is, once that is confirmed."""
    served = named_database(database)
    shown = _shown(served, environment)
    environment = environment or shown or ENVIRONMENTS[0]
    found = in_store(served, lambda context: forgetting.person(context, named), environment=environment)
    if asks:
        known = ", ".join(filter(None, (found.name, found.address)))
        typer.confirm(
            f"{known} is {found.worker_id} in {found.environment}. Forget who that is? It cannot be undone.", abort=True
        )
    in_store(served, lambda context: forgetting.forget(context, found.worker_id), environment=found.environment)
    typer.echo(f"Forgotten. What was done stays, under {found.worker_id}.")
