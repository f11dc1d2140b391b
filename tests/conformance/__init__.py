import pytest

# Their assertions are to tell what they compared, as those of test modules do.
pytest.register_assert_rewrite("tests.conformance.all39", "tests.conformance.scenario")
