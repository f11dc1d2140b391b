"""What programs may rely on: the exported names, the 39 operations and their signatures, and a light import."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

import aioturk
from aioturk import Client
from aioturk._generated.tables import OPERATIONS
from aioturk.paginate import Listing

PUBLIC = [
    "aioturk",
    "aioturk.annotations",
    "aioturk.answers",
    "aioturk.batch",
    "aioturk.calling",
    "aioturk.client",
    "aioturk.clock",
    "aioturk.credentials",
    "aioturk.crowd",
    "aioturk.errors",
    "aioturk.marketplace",
    "aioturk.models",
    "aioturk.notifications",
    "aioturk.paginate",
    "aioturk.pricing",
    "aioturk.qualifications",
    "aioturk.questions",
    "aioturk.retries",
    "aioturk.review_policies",
    "aioturk.settlement",
    "aioturk.shortcuts",
    "aioturk.sigv4",
    "aioturk.tasks",
    "aioturk.testing",
    "aioturk.throttle",
    "aioturk.transport",
]
HEAVY = ["botocore", "boto3", "tenacity", "xmltodict", "sqlalchemy", "typer", "rich", "yaml", "xml.etree.ElementTree"]


def test_the_list_of_public_modules_is_complete() -> None:
    """Every module without an underscore is in the list above, or belongs to programs rather than to importers."""
    found = {
        f"aioturk.{module.name}" for module in pkgutil.iter_modules(aioturk.__path__) if not module.name.startswith("_")
    }
    assert found - {"aioturk.cli", "aioturk.demo", "aioturk.pytest_plugin"} == set(PUBLIC) - {"aioturk"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_modules(name: str) -> None:
    """Every public module says what it is for, and lists names that exist, are sorted once each, and are documented."""
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip()
    exported: list[str] = module.__all__
    assert len(exported) == len(set(exported))
    for member in exported:
        value = getattr(module, member)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert (value.__doc__ or "").strip(), f"{name}.{member} has no docstring"
        else:
            assert member == "__version__" or is_explained(module, member), f"{name}.{member} has no docstring"


def is_explained(module: ModuleType, member: str) -> bool:
    """Whether a string stands below a module's constant, or the constant is another module's to explain."""
    body = ast.parse(inspect.getsource(module)).body
    for statement, following in zip(body, [*body[1:], None], strict=True):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == member for target in targets):
            return isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
    return True


@pytest.mark.parametrize("name", PUBLIC)
def test_public_members_are_documented(name: str) -> None:
    """Every public method and property of an exported class has a docstring."""
    module = importlib.import_module(name)
    for exported in module.__all__:
        kind = getattr(module, exported)
        if not inspect.isclass(kind) or not kind.__module__.startswith("aioturk"):
            continue
        for member, value in vars(kind).items():
            if member.startswith("_") or not (inspect.isfunction(value) or isinstance(value, property)):
                continue
            assert (value.__doc__ or "").strip(), f"{name}.{exported}.{member} has no docstring"


def test_the_package_offers_what_it_lists() -> None:
    """Every listed name loads on first use, is the same object as at home, and shows up in `dir`."""
    assert set(aioturk.__all__) <= set(dir(aioturk))
    for name in aioturk.__all__:
        value = getattr(aioturk, name)
        if name != "__version__":
            home = importlib.import_module(aioturk._HOME_OF[name])
            assert value is getattr(home, name)
    assert set(aioturk.__all__) == {*aioturk._HOME_OF, "__version__"}
    for module in aioturk._MODULES:
        assert getattr(aioturk, module) is sys.modules[f"aioturk.{module}"]


def test_type_checkers_see_what_it_lists() -> None:
    """The imports for type checkers name exactly the listed names, from where they live."""
    for statement in ast.parse(inspect.getsource(aioturk)).body:
        if isinstance(statement, ast.If):
            seen = {
                alias.name: node.module
                for node in statement.body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            assert seen == aioturk._HOME_OF
            return
    pytest.fail("there is no block for type checkers")


def test_unknown_names_are_attribute_errors() -> None:
    """A name that does not exist is refused as by any other module."""
    with pytest.raises(AttributeError, match="module 'aioturk' has no attribute 'Cilent'"):
        aioturk.Cilent  # noqa: B018
    assert not hasattr(aioturk, "aiohttp")


def loaded_by(program: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a program."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{program}\nprint(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PYTHONPATH": ":".join(path for path in sys.path if path),
            "AWS_ACCESS_KEY_ID": "A",
            "AWS_SECRET_ACCESS_KEY": "b",
        },
    )
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_else() -> None:
    """`import aioturk` alone costs next to nothing: not even aiohttp is loaded."""
    loaded = loaded_by("import aioturk")
    assert {name for name in loaded if name.startswith("aioturk")} == {"aioturk", "aioturk._version"}
    assert not loaded & {"aiohttp", "msgspec", *HEAVY}


@pytest.mark.parametrize(
    "program",
    [
        "from aioturk import Client",
        "from aioturk import Client; Client('sandbox')",
        "from aioturk import Client, Credentials; Client('sandbox', credentials=Credentials('A', 'b'))",
        "from aioturk import Client; Client('http://127.0.0.1:7700')",
        "import aioturk.testing, aioturk.models, aioturk.errors, aioturk.sigv4",
    ],
)
def test_the_client_is_light(program: str) -> None:
    """Importing and constructing a client loads aiohttp and msgspec, and none of the heavy libraries."""
    loaded = loaded_by(program)
    assert not loaded & set(HEAVY)
    assert "aioturk.marketplace" not in loaded


# The operations.

METHODS = {operation.python: operation for operation in OPERATIONS.values()}

POSITIONAL = {
    "accept_qualification_request": ("qualification_request_id",),
    "approve_assignment": ("assignment_id",),
    "associate_qualification_with_worker": ("qualification_type_id", "worker_id"),
    "create_additional_assignments_for_hit": ("hit_id",),
    "create_hit": (),
    "create_hit_type": (),
    "create_hit_with_hit_type": ("hit_type_id",),
    "create_qualification_type": (),
    "create_worker_block": ("worker_id",),
    "delete_hit": ("hit_id",),
    "delete_qualification_type": ("qualification_type_id",),
    "delete_worker_block": ("worker_id",),
    "disassociate_qualification_from_worker": ("worker_id", "qualification_type_id"),
    "get_account_balance": (),
    "get_assignment": ("assignment_id",),
    "get_file_upload_url": ("assignment_id",),
    "get_hit": ("hit_id",),
    "get_qualification_score": ("qualification_type_id", "worker_id"),
    "get_qualification_type": ("qualification_type_id",),
    "list_assignments_for_hit": ("hit_id",),
    "list_bonus_payments": (),
    "list_hits": (),
    "list_hits_for_qualification_type": ("qualification_type_id",),
    "list_qualification_requests": (),
    "list_qualification_types": (),
    "list_review_policy_results_for_hit": ("hit_id",),
    "list_reviewable_hits": (),
    "list_worker_blocks": (),
    "list_workers_with_qualification_type": ("qualification_type_id",),
    "notify_workers": (),
    "reject_assignment": ("assignment_id",),
    "reject_qualification_request": ("qualification_request_id",),
    "send_bonus": ("worker_id", "assignment_id"),
    "send_test_event_notification": (),
    "update_expiration_for_hit": ("hit_id",),
    "update_hit_review_status": ("hit_id",),
    "update_hit_type_of_hit": ("hit_id", "hit_type_id"),
    "update_notification_settings": ("hit_type_id",),
    "update_qualification_type": ("qualification_type_id",),
}
"""The 39 methods, and which arguments may be given by position, in order."""

SHORTCUTS = {
    "exclude_workers": ("name", "worker_ids"),
    "expire_hit": ("hit_id",),
    "extend_hit": ("hit_id",),
    "find_or_create_qualification_type": ("name",),
    "hit_type": (),
    "notify": ("worker_ids",),
    "notify_on": ("hit_type_id",),
    "retire_hit": ("hit_id",),
}
"""The methods that are more than one operation, and which arguments may be given by position, in order."""

RETURNS = {
    "create_hit": "HIT",
    "create_hit_type": "str",
    "create_hit_with_hit_type": "HIT",
    "create_qualification_type": "QualificationType",
    "get_account_balance": "GetAccountBalanceResponse",
    "get_assignment": "GetAssignmentResponse",
    "get_file_upload_url": "str",
    "get_hit": "HIT",
    "get_qualification_score": "Qualification",
    "get_qualification_type": "QualificationType",
    "list_assignments_for_hit": "Listing[Assignment, ListAssignmentsForHITResponse]",
    "list_bonus_payments": "Listing[BonusPayment, ListBonusPaymentsResponse]",
    "list_hits": "Listing[HIT, ListHITsResponse]",
    "list_hits_for_qualification_type": "Listing[HIT, ListHITsForQualificationTypeResponse]",
    "list_qualification_requests": "Listing[QualificationRequest, ListQualificationRequestsResponse]",
    "list_qualification_types": "Listing[QualificationType, ListQualificationTypesResponse]",
    "list_review_policy_results_for_hit": (
        "Listing[ReviewResultDetail | ReviewActionDetail, ListReviewPolicyResultsForHITResponse]"
    ),
    "list_reviewable_hits": "Listing[ReviewableHIT, ListReviewableHITsResponse]",
    "list_worker_blocks": "Listing[WorkerBlock, ListWorkerBlocksResponse]",
    "list_workers_with_qualification_type": "Listing[Qualification, ListWorkersWithQualificationTypeResponse]",
    "notify_workers": "tuple[NotifyWorkersFailureStatus, ...]",
    "update_qualification_type": "QualificationType",
}
"""What the methods return that return anything."""


def test_the_client_has_exactly_these_methods() -> None:
    """The 39 operations, the shortcuts, and besides them only what a client does by itself."""
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert public == {
        *POSITIONAL,
        *SHORTCUTS,
        "call",
        "close",
        "fees",
        "identify",
        "learned_pace",
        "learned_rate",
        "resume_pace",
        "statistics",
        "timeout",
        "with_options",
        "with_tokens_since",
    }
    assert set(METHODS) == set(POSITIONAL)
    assert len(POSITIONAL) == 39


@pytest.mark.parametrize("method", POSITIONAL)
def test_signatures(method: str) -> None:
    """Required ids may be given by position; all else is by keyword, demanded exactly where the service demands it."""
    signature = inspect.signature(getattr(Client, method))
    parameters = list(signature.parameters.values())[1:]
    by_position = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert tuple(by_position) == POSITIONAL[method]
    assert all(each.kind is each.KEYWORD_ONLY for each in parameters[len(by_position) :])
    demanded = {each.name for each in parameters if each.default is each.empty}
    members = METHODS[method].request.members
    assert demanded == {member.python for member in members if member.required}
    assert {each.name for each in parameters} == {member.python for member in members}
    assert all(each.default is None for each in parameters if each.name not in demanded)
    assert signature.return_annotation == RETURNS.get(method, "None")
    assert inspect.iscoroutinefunction(getattr(Client, method)) is not method.startswith("list_")


@pytest.mark.parametrize("method", SHORTCUTS)
def test_shortcuts(method: str) -> None:
    """A shortcut takes the obvious by position and all else by keyword, and tells about money and every argument."""
    parameters = list(inspect.signature(getattr(Client, method)).parameters.values())[1:]
    by_position = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert tuple(by_position) == SHORTCUTS[method]
    assert all(each.kind is each.KEYWORD_ONLY for each in parameters[len(by_position) :])
    text = inspect.getdoc(getattr(Client, method)) or ""
    assert "\nMoney: " in text
    assert all(f"    {each.name}: " in text for each in parameters)


@pytest.mark.parametrize("method", POSITIONAL)
def test_docstrings(method: str) -> None:
    """Every operation tells its retry class, the manual's page, and about each argument."""
    text = inspect.getdoc(getattr(Client, method)) or ""
    operation = METHODS[method]
    assert f"Retry class: {operation.retry_class.value}." in text
    assert f"ApiReference_{operation.name}Operation.html" in text
    for member in operation.request.members:
        assert f"    {member.python}: " in text


async def test_lists_return_at_once() -> None:
    """A list method needs no awaiting and does nothing until it is used."""
    from aioturk.testing import CREDENTIALS, StubTransport

    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        arguments: dict[str, Any] = {"hit_id": "3", "qualification_type_id": "3"}
        for method, by_position in POSITIONAL.items():
            if not method.startswith("list_"):
                continue
            given = {name: arguments[name] for name in by_position}
            if method == "list_bonus_payments":
                given = {"hit_id": "3"}
            if method == "list_qualification_types":
                given = {"must_be_requestable": True}
            assert isinstance(getattr(mturk, method)(**given), Listing)
    assert transport.requests == []
