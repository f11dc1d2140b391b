"""``aioturk marketplace invite``: inviting people to work."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aioturk.cli.owner import named_database
from aioturk.errors import ConfigurationError
from aioturk.marketplace.back_office import in_store
from aioturk.marketplace.house import ENVIRONMENTS, SITE
from aioturk.marketplace.service import Context, accounts
from aioturk.marketplace.site.exposure import invitation_link

__all__ = ["invite"]

_COLUMNS = ("address", "name", "worker_id", "groups")


@dataclass(frozen=True)
class _Person:
    address: str
    name: str | None = None
    worker_id: str | None = None
    groups: tuple[str, ...] = ()


def invite(
    given: Sequence[str], database: str | None, *, groups: Sequence[str], url: str | None, environment: str
) -> None:
    """Invite people, all of them or none, and print their links."""
    if environment not in ENVIRONMENTS:
        raise ConfigurationError(f"--environment is {environment!r}: it is {' or '.join(ENVIRONMENTS)}.")
    people = [replace(person, groups=(*person.groups, *groups)) for person in _people(given)]

    def act(context: Context) -> list[tuple[str, str, str]]:
        site = url or context.store.settings.get(SITE)
        if site is None:
            raise ConfigurationError("The marketplace was never served: say with --url where people will reach it.")
        rows = []
        for person in people:
            found = accounts.invite(context, person.address, person.name, person.worker_id, person.groups)
            rows.append((found.address, found.worker_id, invitation_link(site.rstrip("/"), found.token)))
        return rows

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("address", "worker_id", "link"))
    writer.writerows(in_store(named_database(database), act, environment=environment))


def _people(given: Sequence[str]) -> Iterator[_Person]:
    for each in given:
        if "@" in each and not Path(each).exists():
            yield _Person(each)
        else:
            yield from _in_file(Path(each))


def _in_file(path: Path) -> Iterator[_Person]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
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
                row["address"].strip(),
                row.get("name") or None,
                row.get("worker_id") or None,
                tuple(filter(None, groups)),
            )
