"""Layouts: pages with placeholders, of which HITs are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.xml import parse
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import HOUSE, Marketplace
from aioturk.marketplace.service import layouts
from aioturk.questions.html import read_html

from .support import HIT, QUESTION, Requester, StillClock, post

ASKED = {name: value for name, value in HIT.items() if name != "Question"}
DAY = timedelta(days=1)


def given_values(**values: str) -> list[dict[str, str]]:
    """Layout parameters, as requests have them."""
    return [{"Name": name, "Value": value} for name, value in values.items()]


def page(hit: dict[str, Any]) -> str:
    """What workers see of a HIT."""
    return read_html(parse(hit["Question"])).html_content


async def test_both_ways_to_make_a_hit(market: Marketplace, turk: Requester) -> None:
    """CreateHITWithHITType takes layouts, too; without placeholders no parameters are needed."""
    layout_id = await market.add_layout("<form></form>")
    first = (await turk("CreateHIT", **ASKED, HITLayoutId=layout_id))["HIT"]
    second = await turk(
        "CreateHITWithHITType", HITTypeId=first["HITTypeId"], LifetimeInSeconds=60, HITLayoutId=layout_id
    )

    assert page(first) == page(second["HIT"]) == "<form></form>"
    assert second["HIT"]["HITLayoutId"] == layout_id
    assert (await turk("ListHITs"))["HITs"][0]["HITLayoutId"] == layout_id


async def test_what_values_and_names_are(market: Marketplace, turk: Requester) -> None:
    """Names are exact, values go in as they are and are not looked through again; what has no place is ignored."""
    layout_id = await market.add_layout("${a} ${A} ${größe_1} $a {a} ${a b} ${a-b} ${}")
    values = given_values(a="${A}<&'\">\\1", A="", größe_1="ﬀ", other="nowhere")
    hit = (await turk("CreateHIT", **ASKED, HITLayoutId=layout_id, HITLayoutParameters=values))["HIT"]

    assert page(hit) == "${A}<&'\">\\1  ﬀ $a {a} ${a b} ${a-b} ${}"


NAMES = st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True)
# Parsers make line feeds of carriage returns, and XML has no place for the others.
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n", exclude_characters="\uffff\ufffe")
)


@given(st.dictionaries(NAMES, TEXTS | st.just("]]>") | st.just("${a}"), min_size=1, max_size=25))
def test_every_value_arrives(values: dict[str, str]) -> None:
    """The page is the layout with each placeholder replaced, whatever the values hold, ``]]>`` included."""
    layout = "|".join(f"${{{name}}}" for name in values)
    document = layouts._document(layouts._filled(layout, values, HOUSE), 0)

    assert read_html(parse(document)).html_content == "|".join(values.values())
    assert layouts._names(layout) == list(values)


async def test_wrong_parameters(market: Marketplace, turk: Requester) -> None:
    """A name that comes twice is refused, and so are more names than there may be."""
    layout_id = await market.add_layout("<p>${a}</p>")
    twice = [*given_values(a="b"), *given_values(a="b")]
    many = given_values(**{f"a{number}": "" for number in range(26)})

    for parameters, value in ((twice, "a (given twice)"), (many, "26 parameters")):
        refusal = await turk.refused("CreateHIT", **ASKED, HITLayoutId=layout_id, HITLayoutParameters=parameters)
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith(f'The value "{value}" is not valid for the parameter HITLayoutParameter. (')


async def test_the_result_has_to_be_a_question(market: Marketplace, turk: Requester) -> None:
    """The size of the whole document counts, and so does what XML can carry; nothing is left behind."""
    layout_id = await market.add_layout("<p>${a}</p>")
    empty = (await turk("CreateHIT", **ASKED, HITLayoutId=layout_id, HITLayoutParameters=given_values(a="")))["HIT"]
    room = 65_535 - len(empty["Question"])
    asked = {**ASKED, "Title": "Another", "HITLayoutId": layout_id}

    await turk("CreateHIT", **asked, HITLayoutParameters=given_values(a="x" * room))
    for value in ("x" * (room + 1), "\x07"):
        refusal = await turk.refused("CreateHIT", **asked, HITLayoutParameters=given_values(a=value))
        assert refusal.type == "ParameterValidationError"
    assert len((await turk("ListHITs"))["HITs"]) == 2


async def test_whose_layouts_are_known(market: Marketplace, turk: Requester) -> None:
    """Those of the requester, in the environment; all others are not."""
    await market.add_requester("other", access_key="AKIAOTHER", secret_key="other")
    theirs = await market.add_layout("<p>", requester="other")
    elsewhere = await market.add_layout("<p>", environment="production")

    for layout_id in (theirs, elsewhere, "3NOSUCHLAYOUT"):
        refusal = await turk.refused("CreateHIT", **ASKED, HITLayoutId=layout_id)
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith(f'The value "{layout_id}" is not valid for the parameter HITLayoutId. (')
    await Requester(url=market.url, access_key="AKIAOTHER", secret_key="other")(
        "CreateHIT", **ASKED, HITLayoutId=theirs
    )


async def test_a_layout_or_a_question(market: Marketplace, turk: Requester) -> None:
    """Not both; parameters beside a question have no place, and are ignored as all such are."""
    layout_id = await market.add_layout("<p>")
    both = await post(market, "CreateHIT", {**HIT, "HITLayoutId": layout_id})

    assert (both.status, both.json["Parameter"]) == (400, "Question")
    assert (await turk.hit(HITLayoutParameters=given_values(a="b")))["Question"] == QUESTION


@pytest.mark.parametrize(
    ("html", "frame_height", "argument"),
    [
        ("", 0, "html"),
        (" \n", 0, "html"),
        ("\x00", 0, "html"),
        ("x" * 65_536, 0, "html"),
        (" ".join(f"${{a{number}}}" for number in range(26)), 0, "html"),
        ("<p>", -1, "frame_height"),
        ("<p>", 2**31, "frame_height"),
    ],
    ids=["empty", "blank", "not XML", "too large", "too many names", "negative", "too high"],
)
async def test_pages_that_are_no_layouts(market: Marketplace, html: str, frame_height: int, argument: str) -> None:
    """What no HIT could be made of is refused at once."""
    with pytest.raises(InvalidRequest) as refusal:
        await market.add_layout(html, frame_height=frame_height)

    assert refusal.value.argument == argument


async def test_layouts_of_nobody(market: Marketplace) -> None:
    """The requester has to be there."""
    with pytest.raises(ConfigurationError, match="nobody"):
        await market.add_layout("<p>", requester="nobody")


async def test_unused_layouts_vanish(market: Marketplace, turk: Requester) -> None:
    """A hundred and twenty days after the last HIT that was made of it a layout is unknown."""
    used = await market.add_layout("<p>")
    unused = await market.add_layout("<p>")
    await market.advance(100 * DAY)
    await turk("CreateHIT", **ASKED, HITLayoutId=used)
    await market.advance(20 * DAY)

    await turk("CreateHIT", **ASKED, HITLayoutId=used)
    assert (await turk.refused("CreateHIT", **ASKED, HITLayoutId=unused)).type == "ParameterValidationError"
    await market.advance(120 * DAY)
    assert (await turk.refused("CreateHIT", **ASKED, HITLayoutId=used)).type == "ParameterValidationError"


async def test_characters_above_u_ffff(market: Marketplace, turk: Requester) -> None:
    """A page with emoji makes no HIT, whether they are its own or a value's; as references they do."""
    with pytest.raises(InvalidRequest, match=r"U\+1F600 .* write &#128512;"):
        await market.add_layout("<p>\U0001f600</p>")
    layout_id = await market.add_layout("<p>&#128512; ${a}</p>")
    filled = {"HITLayoutId": layout_id, "HITLayoutParameters": given_values(a="\U0001f600")}
    answer = await post(market, "CreateHIT", {**ASKED, **filled})

    assert (answer.status, answer.json["Parameter"]) == (400, "Question")
    assert "is not valid for the parameter Question." in answer.json["Message"]
    filled["HITLayoutParameters"] = given_values(a="&#x1F600;")
    assert page((await turk("CreateHIT", **ASKED, **filled))["HIT"]) == "<p>&#128512; &#x1F600;</p>"


async def test_the_house_takes_every_character(database: str | None) -> None:
    """By the house's rules emoji are characters like all others."""
    async with Marketplace(database, rules=HOUSE, clock=StillClock()) as market:
        filled = {"HITLayoutParameters": given_values(a="\U0001f601")}
        layout_id = await market.add_layout("\U0001f600 ${a}")
        hit = await Requester(market)("CreateHIT", **ASKED, HITLayoutId=layout_id, **filled)
        assert page(hit["HIT"]) == "\U0001f600 \U0001f601"


async def test_pages_that_would_fill_the_memory(market: Marketplace, turk: Requester) -> None:
    """One long value in thousands of places is refused before the page is made."""
    layout_id = await market.add_layout("${a}" * 16_000)
    with patch.object(layouts, "_document", side_effect=AssertionError("the page was made")):
        refusal = await turk.refused(
            "CreateHIT", **ASKED, HITLayoutId=layout_id, HITLayoutParameters=given_values(a="x" * 60_000)
        )
    assert 'The value "a page of 960000000 characters" is not valid for the parameter Question.' in refusal.message
