"""``aioturk marketplace invite``, and a marketplace with accounts that is served for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from aioturk.cli.app import app
from aioturk.marketplace import Marketplace
from tests.marketplace.site.visitor import Visitor
from tests.marketplace.support import Requester

PASSWORD = "correct horse battery"


def invited(*arguments: str | Path) -> list[dict[str, str]]:
    """Invite people; return what was printed."""
    done = CliRunner().invoke(app, ["marketplace", "invite", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def refused(*arguments: str | Path) -> str:
    """Invite people who cannot be; return why not."""
    done = CliRunner().invoke(app, ["marketplace", "invite", *map(str, arguments)])
    assert done.exit_code == 1
    assert done.stdout == ""
    return done.stderr


async def test_links_work_where_the_marketplace_is_served(tmp_path: Path) -> None:
    """A link leads to where the marketplace is served; people in a file come with their names, ids and groups."""
    database = tmp_path / "market.db"
    people = tmp_path / "people.csv"
    people.write_text("address,name,worker_id,groups\nanna@example.org,Anna,A1ANNA,Staff; German\n", "utf-8-sig")
    async with Marketplace(database, accounts=True) as market:
        (anna,) = invited(people, "--database", database)
        bert, cara = invited("bert@example.org", "cara@example.org", "--database", database, "--group", "German")
        assert (anna["address"], anna["worker_id"]) == ("anna@example.org", "A1ANNA")
        assert bert["worker_id"] != cara["worker_id"]
        async with Visitor(market) as visitor:
            assert anna["link"].startswith(f"{market.site_url}/invitations/")
            path = urlsplit(anna["link"]).path
            page = await visitor.get(path)
            assert "Welcome, Anna" in page.words
            await visitor.send(page, path, password=PASSWORD, again=PASSWORD)
            assert "A1ANNA" in (await visitor.get("/account")).words
            held = (await visitor.get("/qualifications/assigned")).words
        types = (await Requester(market)("ListQualificationTypes", MustBeRequestable=False, MustBeOwnedByCaller=True))[
            "QualificationTypes"
        ]
    assert {kind["Name"] for kind in types} == {"Staff", "German"}
    assert "Staff" in held


async def test_where_people_will_reach_it(tmp_path: Path) -> None:
    """Before the marketplace was served somebody has to say where people will reach it."""
    database = tmp_path / "market.db"
    async with Marketplace(database, accounts=True):
        pass
    (anna,) = invited("anna@example.org", "--database", database, "--url", "https://work.example.org/")
    assert anna["link"].startswith("https://work.example.org/invitations/")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name\nAnna\n", "There has to be an address"),
        ("address,colour\nanna@example.org,red\n", "colour"),
        ('address\nanna@example.org\n" "\n', "line 3"),
        ("address\nanna@example.org\nnobody\n", "no address"),
        ("address,worker_id\nanna@example.org,anna\n", "no worker's id"),
        ("address\nanna@example.org\nbert@example.org\nAnna@Example.org\n", "line 4: Anna@Example.org is there before"),
        ("address,worker_id\nanna@example.org,A1\nbert@example.org,A1\n", "line 3: "),
        ("address,worker_id\nanna@example.org,anna\n", "line 2: "),
        ("address,name\n", "There is nobody in"),
        ("", "missing"),
        ("address,name\nanna@example.org,Ren\xe9e\n", "is not in UTF-8: save it in that encoding"),
    ],
)
async def test_nobody_is_invited_by_halves(tmp_path: Path, text: str, told: str) -> None:
    """A file with something wrong in it invites nobody, and the sentence says what it is."""
    database, people = tmp_path / "market.db", tmp_path / "people.csv"
    people.write_bytes(text.encode("latin-1"))
    async with Marketplace(database, accounts=True):
        pass
    told_instead = refused(people, "--database", database)
    assert told in told_instead
    assert "Nobody was invited" in told_instead or "UTF-8" in told_instead
    (anna,) = invited("anna@example.org", "--database", database)
    assert anna["worker_id"]
    assert "sandbox" in refused("anna@example.org", "--database", database, "--environment", "elsewhere")


async def test_who_is_nobody(tmp_path: Path) -> None:
    """What is neither an address nor a file is told as that, and so is somebody who is named twice."""
    database = tmp_path / "market.db"
    async with Marketplace(database, accounts=True):
        pass
    for each in ("anna", "people.csv", "", str(tmp_path)):
        told = refused("bert@example.org", each, "--database", database)
        assert f"{each!r} is no e-mail address, and there is no file of that name." in told
    assert "is there before" in refused("anna@example.org", "ANNA@example.org", "--database", database)


async def test_files_of_other_countries(tmp_path: Path) -> None:
    """Columns may stand between semicolons, as spreadsheets of many countries write them; groups are in quotes then."""
    database, people = tmp_path / "market.db", tmp_path / "people.csv"
    people.write_text('address;name;groups\nanna@example.org;Anna, Dr.;"Staff;German"\n', "utf-8-sig")
    async with Marketplace(database, accounts=True) as market:
        (anna,) = invited(people, "--database", database)
        types = (await Requester(market)("ListQualificationTypes", MustBeRequestable=False, MustBeOwnedByCaller=True))[
            "QualificationTypes"
        ]
    assert anna["address"] == "anna@example.org"
    assert {kind["Name"] for kind in types} == {"Staff", "German"}


@pytest.mark.parametrize("named", ["A1ANNA", "anna@example.org"])
async def test_people_are_forgotten(tmp_path: Path, named: str) -> None:
    """Who somebody is is forgotten once that is confirmed, beside the marketplace that is served; the id is told."""
    database = tmp_path / "market.db"
    people = tmp_path / "people.csv"
    people.write_text("address,name,worker_id\nanna@example.org,Anna,A1ANNA\n")

    def forget(*arguments: str, says: str = "") -> Result:
        line = ["marketplace", "forget", named, "--database", str(database), *arguments]
        return CliRunner().invoke(app, line, input=says)

    async with Marketplace(database, accounts=True):
        invited(people, "--database", database)
        for refusal in ("n\n", ""):
            done = forget(says=refusal)
            assert done.exit_code == 1
            assert "Anna, anna@example.org is A1ANNA in sandbox. Forget" in done.output
        done = forget(says="y\n")
        assert (done.exit_code, done.output.endswith("What was done stays, under A1ANNA.\n")) == (0, True)
        done = forget("--yes")
        assert done.exit_code == 1
        assert "known" in done.stderr
        (anna,) = invited("anna@example.org", "--database", database)
        assert anna["worker_id"] != "A1ANNA"


async def test_people_are_invited_to_what_is_shown(tmp_path: Path) -> None:
    """People come to the environment that the site shows, and an invitation to the other one is refused."""
    database = tmp_path / "market.db"
    async with Marketplace(database, accounts=True, site_environment="production") as market:
        (anna,) = invited("anna@example.org", "--database", database)
        async with Visitor(market) as visitor:
            assert (await visitor.get(urlsplit(anna["link"]).path)).status == 200
        told = refused("bert@example.org", "--database", database, "--environment", "sandbox")
        assert "serve it with --environment sandbox first" in told
        done = CliRunner().invoke(
            app, ["marketplace", "forget", anna["worker_id"], "--database", str(database), "--yes"]
        )
        assert done.exit_code == 0, done.output
    # Those that `run` makes are for programs: they do not change where people are.
    async with Marketplace(database, amazon_sites=True):
        (cara,) = invited("cara@example.org", "--database", database)
    assert urlsplit(cara["link"]).netloc == urlsplit(anna["link"]).netloc
