"""The fixtures, tested by running pytest inside pytest."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


def test_the_fixtures_are_shown(pytester: pytest.Pytester) -> None:
    """Wherever aioturk is installed, pytest knows its fixtures, each with a sentence."""
    shown = pytester.runpytest_subprocess("--fixtures", "-q").stdout.str()
    for name in ("mturk_marketplace", "mturk_client", "mturk_worker"):
        assert f"{name} -- " in shown


def test_asking_for_no_fixture_imports_nothing(pytester: pytest.Pytester) -> None:
    """The plugin costs a test run nothing until a fixture is used."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            loaded = {"aiohttp", "sqlalchemy", "botocore", "msgspec", "aioturk.client"} & set(sys.modules)
            assert not loaded
        """
    )
    done = pytester.runpytest_subprocess("-q", "-p", "no:sybil", "-p", "no:hypothesispytest", "-p", "no:asyncio")
    done.assert_outcomes(passed=1)


def test_asynchronous_tests(pytester: pytest.Pytester) -> None:
    """A test can publish, work and approve with nothing but the fixtures."""
    pytester.makepyfile(
        """
        from datetime import timedelta

        from aioturk import ExternalQuestion

        async def test_a_study(mturk_client, mturk_worker, mturk_marketplace):
            hit = await mturk_client.create_hit(
                title="t", description="d", reward="0.05", lifetime=600, assignment_duration=60,
                question=ExternalQuestion("https://example.org/"),
            )
            worker = mturk_worker("A1B2C3D4E5F6G7")
            await worker.submit(await worker.accept(hit.hit_id), {"age": "36"})
            await mturk_marketplace.advance(timedelta(days=31))
            works = [work async for work in mturk_client.list_assignments_for_hit(hit.hit_id)]
            assert [work.assignment_status for work in works] == ["Approved"]
        """
    )
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error"
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_synchronous_tests(pytester: pytest.Pytester) -> None:
    """boto3 needs only the address and the keys; what has to be awaited, the fixture's own loop does."""
    pytester.makepyfile(
        """
        from datetime import timedelta

        import boto3

        def test_boto3(mturk_marketplace, mturk_worker):
            mturk = boto3.client(
                "mturk", region_name="us-east-1", endpoint_url=mturk_marketplace.url,
                aws_access_key_id=mturk_marketplace.access_key,
                aws_secret_access_key=mturk_marketplace.secret_key,
            )
            hit_id = mturk.create_hit(
                Title="t", Description="d", Reward="0.05", LifetimeInSeconds=600, AssignmentDurationInSeconds=60,
                Question='<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
                '2006-07-14/ExternalQuestion.xsd"><ExternalURL>https://example.org/</ExternalURL>'
                "<FrameHeight>0</FrameHeight></ExternalQuestion>",
            )["HIT"]["HITId"]
            worker = mturk_worker("A1B2C3D4E5F6G7")
            assignment_id = mturk_marketplace.run(worker.accept(hit_id))
            mturk_marketplace.run(worker.submit(assignment_id, {"age": "36"}))
            mturk_marketplace.run(mturk_marketplace.advance(timedelta(days=31)))
            (found,) = mturk.list_assignments_for_hit(HITId=hit_id)["Assignments"]
            assert found["AssignmentStatus"] == "Approved"
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)
