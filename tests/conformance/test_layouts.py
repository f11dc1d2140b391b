"""The line of the conformance list about layouts."""

from __future__ import annotations

from aioturk.marketplace import Marketplace

from ..marketplace.support import HIT, Requester

PAGE = "<!DOCTYPE html><img src='${image_url}'><p>${text}</p><form>${image_url}</form>"


async def test_41_hits_from_layouts(market: Marketplace, turk: Requester) -> None:
    """The question is the page with the values in it, and the layout's id is shown; a missing value is named."""
    layout_id = await market.add_layout(PAGE, frame_height=450)
    asked = {name: value for name, value in HIT.items() if name != "Question"} | {"HITLayoutId": layout_id}
    values = [{"Name": "image_url", "Value": "a.png?b&c"}, {"Name": "text", "Value": "<b>]]></b>"}]

    hit = (await turk("CreateHIT", **asked, HITLayoutParameters=values))["HIT"]
    refusal = await turk.refused("CreateHIT", **asked, HITLayoutParameters=[{"Name": "Text", "Value": "a"}])

    assert hit["HITLayoutId"] == layout_id
    assert (await turk.get(hit["HITId"]))["Question"] == hit["Question"]
    assert hit["Question"] == (
        '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/'
        "HTMLQuestion.xsd\"><HTMLContent><![CDATA[<!DOCTYPE html><img src='a.png?b&c'>"
        "<p><b>]]]]><![CDATA[></b></p><form>a.png?b&c</form>]]></HTMLContent><FrameHeight>450</FrameHeight>"
        "</HTMLQuestion>"
    )
    assert refusal.type == "ParameterValidationError"
    assert refusal.message.startswith(
        "Your request is missing required parameters. Required parameters include HITLayoutParameter. "
        "You have not provided all required HITLayout parameters. Missing parameter names: image_url, text ("
    )
