"""Where requests go: every choice, every order, and every way to name Amazon's production by accident."""

from __future__ import annotations

import json
import string
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.endpoints import (
    Endpoint,
    LocalFile,
    LocalMarketplace,
    local_endpoint,
    local_marketplace_path,
    nothing_chosen,
    resolve,
    unreachable_hint,
)
from aioturk.errors import ConfigurationError

PRODUCTION = "mturk-requester.us-east-1.amazonaws.com"
SANDBOX = "mturk-requester-sandbox.us-east-1.amazonaws.com"
CROWD = "crowd.us-east-1.amazonaws.com"
HOME = {"HOME": "/home/ada"}
LOCAL_PATH = Path("/home/ada/.local/state/aioturk/marketplace.json")


def found(environment: str | None, **options: Any) -> Endpoint:
    """Resolve to an endpoint, with no environment variables unless given."""
    result = resolve(environment, **{"environ": {}, **options})
    assert isinstance(result, Endpoint)
    return result


def refusal(environment: Any, **options: Any) -> str:
    """Return the text of the refusal."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(environment, **{"environ": {}, **options})
    return str(caught.value)


def test_production_is_reached_by_its_name() -> None:
    """The word "production", and nothing else, leads to Amazon's production."""
    expected = Endpoint(
        f"https://{PRODUCTION}/", PRODUCTION, "production", "us-east-1", "https://worker.mturk.com", is_amazon=True
    )
    assert expected == found("production")
    assert expected == found(None, environ={"AIOTURK_ENVIRONMENT": "production"})


@pytest.mark.parametrize(
    "written", ["sandbox", f"https://{SANDBOX}", f"https://{SANDBOX}/", f"HTTPS://{SANDBOX.upper()}.:443/"]
)
def test_the_sandbox_may_be_a_word_or_a_url(written: str) -> None:
    """The sandbox's own URL is the sandbox, however it is spelled."""
    expected = Endpoint(
        f"https://{SANDBOX}/", SANDBOX, "sandbox", "us-east-1", "https://workersandbox.mturk.com", is_amazon=True
    )
    assert expected == found(written)


@pytest.mark.parametrize("written", [f"http://{SANDBOX}", f"https://{SANDBOX}:8443", f"https://{SANDBOX}/path"])
def test_the_sandbox_is_reached_in_one_way_only(written: str) -> None:
    """Plain http, another port or a path on the sandbox's host are refused, allow_http or not."""
    assert 'write "sandbox"' in refusal(written, allow_http=True)


@pytest.mark.parametrize(
    ("written", "url", "host", "origin"),
    [
        ("https://turk.example.org", "https://turk.example.org/", "turk.example.org", "https://turk.example.org"),
        ("HTTPS://Turk.Example.ORG.:443", "https://turk.example.org/", "turk.example.org", "https://turk.example.org"),
        ("https://h:7700/", "https://h:7700/", "h:7700", "https://h:7700"),
        ("https://h/mturk", "https://h/mturk", "h", "https://h"),
        ("https://h/a/b-c_d.e~/", "https://h/a/b-c_d.e~/", "h", "https://h"),
        ("http://127.0.0.1:7700", "http://127.0.0.1:7700/", "127.0.0.1:7700", "http://127.0.0.1:7700"),
        ("http://localhost:80/", "http://localhost/", "localhost", "http://localhost"),
        ("http://[0:0:0:0:0:0:0:1]:7700", "http://[::1]:7700/", "[::1]:7700", "http://[::1]:7700"),
    ],
)
def test_a_url_of_your_own(written: str, url: str, host: str, origin: str) -> None:
    """A URL gets one spelling and at least the path "/"; its origin names the environment and the worker site."""
    assert Endpoint(url, host, origin, "us-east-1", origin, is_amazon=False) == found(written)


@pytest.mark.parametrize("name", ["elb", "s3.us-east-1"])
def test_other_hosts_of_amazon_are_anybodys(name: str) -> None:
    """A marketplace of one's own may run on Amazon's machines."""
    assert found(f"https://mine.{name}.amazonaws.com").is_amazon is False


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_plain_http_may_go_to_this_computer(host: str) -> None:
    """Loopback in every form is exempt from the rule against plain http."""
    assert found(f"http://{host}:7700").url.startswith("http://")


@pytest.mark.parametrize(
    "host",
    ["example.org", "10.0.0.1", "localhost.example.org", "notlocalhost", "[::ffff:10.0.0.1]", "[fe80::1]", "0x7f.1"],
)
def test_plain_http_goes_nowhere_else_unasked(host: str) -> None:
    """Plain http to another computer needs allow_http=True, and the refusal says so."""
    text = refusal(f"http://{host}:7700")
    assert "environment is plain http" in text
    assert "allow_http=True" in text
    assert found(f"http://{host}:7700", allow_http=True).url.startswith("http://")


@pytest.mark.parametrize(
    "written",
    [
        f"https://{PRODUCTION}",
        f"http://{PRODUCTION}",
        f"https://{PRODUCTION}.",
        f"https://{PRODUCTION}:443/",
        f"https://{PRODUCTION}:8443/x?y#z",
        f"https://user:pass@{PRODUCTION}",
        f"HTTPS://{PRODUCTION.upper()}/",
    ],
)
@pytest.mark.parametrize("source", ["environment", "AIOTURK_ENVIRONMENT", "AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL"])
def test_production_is_never_reached_by_a_url(written: str, source: str) -> None:
    """A URL of Amazon's production is refused from every source, and the refusal names the source and the word."""
    given_here, environ = (written, {}) if source == "environment" else (None, {source: written})
    text = refusal(given_here, environ=environ, allow_http=True)
    assert text.startswith(f"{source} is a URL of Amazon's production")
    assert 'Client("production")' in text


@st.composite
def spellings_of_production(draw: st.DrawFn) -> str:
    """Spell the production host's URL in one of the ways in which some program would still get there."""
    scheme = draw(st.sampled_from(["https", "HTTPS", "http", "Http"]))
    user = draw(st.sampled_from(["", "a@", "a:b@", "@", "example.org@"]))
    fullwidth = {c: chr(ord(c) + 0xFEE0) for c in string.ascii_letters + string.digits + "-."}
    host = "".join(
        draw(st.sampled_from([c, c.upper(), fullwidth[c], f"%{ord(c):02x}", c + "\t", c + "\u00ad"]))
        if draw(st.integers(0, 9)) == 0
        else c
        for c in PRODUCTION
    )
    dot = draw(st.sampled_from(["", ".", "\u3002"]))
    port = draw(st.sampled_from(["", ":", ":443", ":0443", ":80"]))
    rest = draw(st.sampled_from(["", "/", "//", "/a/..", "?", "#", "\\@example.org", " "]))
    return f"{scheme}://{user}{host}{dot}{port}{rest}"


@given(spellings_of_production(), st.booleans())
def test_no_spelling_of_production_gets_through(written: str, allow_http: bool) -> None:
    """Case, dots, ports, users, escapes and look-alike letters do not hide the production host."""
    refusal(written, allow_http=allow_http)


@given(st.text(max_size=40) | st.text(alphabet="htps:/[]@.%1:a-\\ ", max_size=30))
def test_any_text_is_an_endpoint_or_a_refusal(text: str) -> None:
    """No text whatever gets another exception out, and what comes through is plain ASCII."""
    try:
        result = resolve("https://" + text, environ=HOME)
    except ConfigurationError:
        return
    assert isinstance(result, Endpoint)
    assert result.url.isascii()
    assert result.url.startswith("https://")


@pytest.mark.parametrize(
    "host",
    [
        "mturk-requester.eu-west-1.amazonaws.com",
        "mturk-requester.sandbox.amazonaws.com",
        "mturk-requester-fips.us-east-1.amazonaws.com",
        "mturk-requester.us-east-1.api.aws",
        "x.mturk-requester.us-east-1.vpce.amazonaws.com",
        "mechanicalturk.amazonaws.com",
        "requester.mturk.com",
        "mturk.com",
    ],
)
def test_other_hosts_of_mechanical_turk_are_refused(host: str) -> None:
    """Hosts that do not exist, or speak something else, are refused with the names that work."""
    assert '"sandbox"' in refusal(f"https://{host}")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "not the name of an environment"),
        ("prod", 'is "prod", which is not the name of an environment'),
        ("Production", 'is "Production", which is not the name of an environment'),
        ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "environment is not the name of an environment"),
        (" sandbox", "not the name of an environment"),
        ("localhost:7700", "write https:// before it, or http:// if it is on this computer"),
        ("turk.example.org/mturk", "write https:// before it, or http:// if it is on this computer"),
        (7, "is a int, not a string"),
        ("ftp://h", "not an http or https URL"),
        ("://h", "not an http or https URL"),
        ("https://", "without a host"),
        ("https:///path", "without a host"),
        ("https://:7700", "without a host"),
        ("https://h:0", "port"),
        ("https://h:65536", "port"),
        ("https://h:x", "port"),
        ("https://h:-1", "port"),
        ("https://h h", "white space"),
        ("https://h\n", "white space"),
        ("https://h\\p", "backslash"),
        ("https://höst", "xn--"),
        ("https://a..b", "host name"),
        ("https://-a.b", "host name"),
        ("https://h%2e", "host name"),
        ("https://h..", "host name"),
        ("https://" + "a" * 64, "host name"),
        ("https://" + "a." * 127 + "a", "host name"),
        ("https://[::1", "well-formed"),
        ("https://[::g]", "well-formed|IPv6"),
        ("https://[v1.a]", "IPv6"),
        ("https://[fe80::1%25eth0]", "well-formed|IPv6"),
        ("https://user@h", "user name"),
        ("https://user:pass@h", "user name"),
        ("https://h?", "query"),
        ("https://h/?a=b", "query"),
        ("https://h/#", "query"),
        ("https://h/a//b", "path"),
        ("https://h/a/../b", "path"),
        ("https://h/.", "path"),
        ("https://h/%41", "path"),
    ],
)
def test_what_is_not_an_environment_is_refused(written: Any, words: str) -> None:
    """Unknown words and malformed URLs are refused, naming the argument, the rule and the remedy."""
    text = refusal(written)
    assert text.startswith("environment ")
    assert any(word in text for word in words.split("|"))
    assert "Nothing was sent. Remedy: " in text


@pytest.mark.parametrize(
    "written", ["https://user:hunter2@h", "https://h:hunter2", "https://[hunter2", "https://h/?key=hunter2", "hunter2"]
)
def test_refusals_do_not_quote_the_value(written: str) -> None:
    """A password in a URL is in no text and in no traceback."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(None, environ={"AIOTURK_ENVIRONMENT": written})
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in repr(caught.value)


def test_variables_decide_in_order() -> None:
    """AIOTURK_ENVIRONMENT goes before AWS_ENDPOINT_URL_MTURK, that before AWS_ENDPOINT_URL, all behind the argument."""
    environ = {
        "AWS_ENDPOINT_URL": "https://third",
        "AWS_ENDPOINT_URL_MTURK": "https://second",
        "AIOTURK_ENVIRONMENT": "https://first",
    }
    assert found("https://zeroth", environ=environ).host == "zeroth"
    assert found(None, environ=environ).host == "first"
    assert found(None, environ=environ | {"AIOTURK_ENVIRONMENT": ""}).host == "second"
    assert found(None, environ={"AWS_ENDPOINT_URL": "https://third"}).host == "third"


def test_configured_endpoint_urls_can_be_ignored() -> None:
    """AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true silences the two variables of AWS, as it does in botocore."""
    environ = {**HOME, "AWS_ENDPOINT_URL": "https://h", "AWS_ENDPOINT_URL_MTURK": "https://h"}
    for value in ("true", "True", "TRUE"):
        result = resolve(None, environ=environ | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": value})
        assert result == LocalFile(LOCAL_PATH, chosen=False)
    assert found(None, environ=environ | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}).host == "h"
    environ |= {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AIOTURK_ENVIRONMENT": "sandbox"}
    assert found(None, environ=environ).environment == "sandbox"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL"])
def test_the_variables_of_aws_hold_urls_only(name: str) -> None:
    """The word "production" in a variable of AWS does not choose production."""
    assert refusal(None, environ={name: "production"}).startswith(f"{name} is not an http or https URL")


def test_local_is_a_file_to_read() -> None:
    """The word "local" leads to the file, and so does having chosen nothing, as the last thing to try."""
    assert resolve("local", environ=HOME) == LocalFile(LOCAL_PATH, chosen=True)
    assert resolve(None, environ=HOME | {"AIOTURK_ENVIRONMENT": "local"}) == LocalFile(LOCAL_PATH, chosen=True)
    assert resolve(None, environ=HOME) == LocalFile(LOCAL_PATH, chosen=False)


def test_nothing_chosen_names_the_choices() -> None:
    """Without any word, variable or file the error names all of them."""
    text = refusal(None)
    assert text == str(nothing_chosen())
    for word in ("production", "sandbox", "local", "AIOTURK_ENVIRONMENT", "AWS_ENDPOINT_URL", "marketplace serve"):
        assert word in text


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"AIOTURK_LOCAL_FILE": "/f.json", "XDG_STATE_HOME": "/s", "HOME": "/h"}, "/f.json"),
        ({"XDG_STATE_HOME": "/s", "HOME": "/h"}, "/s/aioturk/marketplace.json"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, "/h/.local/state/aioturk/marketplace.json"),
        ({"XDG_STATE_HOME": "", "HOME": "/h"}, "/h/.local/state/aioturk/marketplace.json"),
        ({"USERPROFILE": "/u"}, "/u/.local/state/aioturk/marketplace.json"),
    ],
)
def test_where_the_local_file_is(environ: dict[str, str], path: str) -> None:
    """The variable of our own goes before the XDG directory, that before the home directory."""
    assert Path(path) == local_marketplace_path(environ)


def test_local_needs_some_directory() -> None:
    """Without a home the refusal names the variables that help."""
    assert "AIOTURK_LOCAL_FILE" in refusal("local")


@pytest.mark.parametrize("environment", ["production", "sandbox", f"https://{SANDBOX}"])
def test_amazon_has_one_region(environment: str) -> None:
    """Another region on Amazon's hosts is refused: those hosts do not exist."""
    text = refusal(environment, region="eu-west-1")
    assert text.startswith("region is 'eu-west-1'")
    assert "us-east-1" in text


def test_other_hosts_take_any_region() -> None:
    """Elsewhere the region is only what signatures name."""
    assert found("https://h", region="eu-west-1").region == "eu-west-1"


@pytest.mark.parametrize("region", ["", "US-EAST-1", "a b", "a/b", "-a", "a\n", "é", "a" * 64, None, 7])
def test_a_region_has_to_look_like_one(region: Any) -> None:
    """What would break the signature's scope is refused."""
    assert refusal("https://h", region=region).startswith("region is not the name of a region")


@pytest.mark.parametrize("environment", ["local", "https://h", "production", None])
def test_the_pseudo_region_has_a_remedy(environment: str | None) -> None:
    """Region "sandbox", as some SDKs know it, is refused with the word to write."""
    assert 'Client("sandbox")' in refusal(environment, environ=HOME, region="sandbox")


MARKETPLACE = LocalMarketplace("http://127.0.0.1:7700", "AKIDLOCAL", "s3cr3t", 4711)


def test_the_local_file_survives_the_round_trip() -> None:
    """What is written is what is read; members of later versions are left alone."""
    assert LocalMarketplace.from_json(MARKETPLACE.to_json()) == MARKETPLACE
    assert json.loads(MARKETPLACE.to_json()) == {
        "url": "http://127.0.0.1:7700",
        "access_key": "AKIDLOCAL",
        "secret_key": "s3cr3t",
        "pid": 4711,
        "database": None,
    }
    later = json.dumps({**json.loads(MARKETPLACE.to_json()), "more": [1]}).encode()
    assert LocalMarketplace.from_json(later) == MARKETPLACE


def test_the_local_secret_is_not_shown() -> None:
    """`repr` and `str` of the value leave the secret out."""
    assert "s3cr3t" not in f"{MARKETPLACE!r} {MARKETPLACE}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"s3cr3t",
        b"[]",
        b'{"url": "http://127.0.0.1:7700"}',
        b'{"url": 7, "access_key": "a", "secret_key": "s3cr3t"}',
        b'{"url": "", "access_key": "a", "secret_key": "s3cr3t"}',
        b'{"url": "http://h", "access_key": "a", "secret_key": "s3cr3t',
        b'{"url": "http://h", "access_key": "a", "secret_key": "s3cr3t\xff"}',
    ],
)
def test_a_broken_local_file_is_refused(data: bytes) -> None:
    """The refusal says how to make a new one, and quotes nothing of the file."""
    with pytest.raises(ConfigurationError, match="aioturk marketplace serve") as caught:
        LocalMarketplace.from_json(data)
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


@given(st.binary(max_size=80))
def test_any_bytes_are_a_marketplace_or_a_refusal(data: bytes) -> None:
    """No bytes whatever get another exception out."""
    with pytest.raises(ConfigurationError):
        LocalMarketplace.from_json(data)


def test_the_local_endpoint() -> None:
    """The file's address becomes the environment "local"."""
    origin = "http://127.0.0.1:7700"
    expected = Endpoint(f"{origin}/", "127.0.0.1:7700", "local", "us-east-1", origin, is_amazon=False)
    assert expected == local_endpoint(MARKETPLACE)


@pytest.mark.parametrize(
    "url", [f"https://{PRODUCTION}", f"https://{SANDBOX}", f"https://{CROWD}", "http://example.org", "x"]
)
def test_the_local_file_keeps_the_rules_of_urls(url: str) -> None:
    """A file that names Amazon, or plain http elsewhere, is refused."""
    with pytest.raises(ConfigurationError, match=r"^the local marketplace's file"):
        local_endpoint(LocalMarketplace(url, "a", "b"))


def test_the_hint_tells_of_the_closure() -> None:
    """An Amazon host that cannot be reached brings up the closure and the way on."""
    for environment in ("production", "sandbox"):
        hint = unreachable_hint(found(environment))
        assert "30 September 2026" in hint
        assert f'`aioturk marketplace serve`, and write "local" instead of "{environment}"' in hint


def test_the_hint_for_other_hosts() -> None:
    """A local marketplace may have been stopped; about other hosts there is nothing to say."""
    assert "aioturk marketplace serve" in unreachable_hint(local_endpoint(MARKETPLACE))
    assert unreachable_hint(found("https://h")) == ""
