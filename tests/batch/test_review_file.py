"""Review files: what is decided, what cannot be meant, and that nothing is decided when anything is wrong."""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk.batch.export import FileDecision, read_review, write_csv
from aioturk.errors import InvalidRequest

from .results import a_result, told

X = FileDecision("3A", True)


def read(text: str | bytes, **options: str) -> list[FileDecision]:
    """Read a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "review.csv")
        path.write_bytes(text.encode(**options) if isinstance(text, str) else text)
        return asyncio.run(read_review(path))


def problem(*lines: str) -> str:
    """Read a file with these lines after the header, and return why it is refused."""
    with pytest.raises(InvalidRequest) as refused:
        read("\n".join(["AssignmentId,Approve,Reject", *lines]))
    assert "Nothing was decided." in str(refused.value)
    assert refused.value.argument == "path"
    return str(refused.value)


def test_decisions() -> None:
    """An X approves, a reason rejects, and lines with neither stay as they are."""
    text = "AssignmentId,Approve,Reject\n3A,X,\n3B,,Not a cat\n3C,,\n3D, x ,\n3E,, too\tsmall \n"
    assert read(text) == [
        FileDecision("3A", True, None),
        FileDecision("3B", False, "Not a cat"),
        FileDecision("3D", True, None),
        FileDecision("3E", False, "too\tsmall"),
    ]


@pytest.mark.parametrize("safe", [False, True])
async def test_a_file_of_ours(tmp_path: Path, safe: bool) -> None:
    """An exported file is read as it is, and decides nothing; filled in, it decides that."""
    path = tmp_path / "results.csv"
    results = [a_result({"note": '=1+1,\r\n"x"'}, assignment_id=f"3{name}") for name in "ABC"]
    await write_csv(told(*results), path, safe_for_spreadsheets=safe)
    assert await read_review(path) == []

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["Approve"], rows[2]["Reject"] = "X", "Not a cat"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert await read_review(path) == [X, FileDecision("3C", False, "Not a cat")]


REASONS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)


@settings(max_examples=40)
@given(
    st.lists(st.none() | st.just("x") | st.tuples(REASONS), max_size=5),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_decisions_survive(
    decisions: Sequence[str | tuple[str] | None], answer: str, separator: str, encoding: str
) -> None:
    """Whatever workers wrote and requesters answer, decisions that are filled in are read back, from any program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.csv")
        results = [a_result({"note": answer}, assignment_id=f"3{number}") for number in range(len(decisions))]
        asyncio.run(write_csv(told(*results), path))
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        expected = []
        for line, decision in zip(lines, decisions, strict=True):
            assignment_id = line[header.index("AssignmentId")]
            if decision == "x":
                line[header.index("Approve")] = "X"
                expected.append(FileDecision(assignment_id, True))
            elif decision is not None:
                line[header.index("Reject")] = decision[0]
                expected.append(FileDecision(assignment_id, False, decision[0].strip()))
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=separator).writerows([header, *lines])
        assert asyncio.run(read_review(path)) == expected


def test_a_file_of_the_site() -> None:
    """The site's files are read, older ones without the workers' rates too."""
    site = (
        '"HITId","AssignmentId","WorkerId","AssignmentStatus","WorkTimeInSeconds","Input.a","Answer.b","Approve","Reject"\n'
        '"3H","3A","A1","Submitted","12","x","y","X",""\n'
        '"3H","3B","A2","Submitted","12","x","y","","Blank ""answer"""\n'
    )
    assert read(site) == [X, FileDecision("3B", False, 'Blank "answer"')]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_files_of_spreadsheets(separator: str, end: str, encoding: str) -> None:
    """Other separators, ends of lines, a mark at the beginning and moved columns are what spreadsheets leave behind."""
    lines = [["Reject", "Answer.a,b;c\td", " AssignmentId ", "Approve"], ["", "z", " 3A ", "X"], ["zu früh", "z", "3B"]]
    quoted = [[f'"{cell}"' if set(cell) & set(",;\t") else cell for cell in line] for line in lines]
    text = end.join(separator.join(line) for line in quoted) + end
    assert read(text, encoding=encoding) == [X, FileDecision("3B", False, "zu früh")]


@pytest.mark.parametrize("missing", ["AssignmentId", "Approve", "Reject"])
def test_a_missing_column(missing: str) -> None:
    """A column that is not there, or there twice, is named."""
    names = [name for name in ("AssignmentId", "Approve", "Reject") if name != missing]
    with pytest.raises(InvalidRequest, match=f"has no column {missing}"):
        read(",".join(names) + "\n3A,X\n")
    with pytest.raises(InvalidRequest, match=f"more than one column {missing}"):
        read(",".join([*names, missing, missing]) + "\n")


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_file(text: str) -> None:
    """A file without a header is refused."""
    with pytest.raises(InvalidRequest, match="has no column AssignmentId"):
        read(text)


def test_what_cannot_be_meant() -> None:
    """Each line that cannot be meant is named with its number and the reason."""
    told_why = problem(
        "3A,X,bad", "3B,yes,", ",X,", "3D,,bad,worse", f"3E,,{'a' * 1025}", "3F,X,", "3F,,bad", "3G,,one", "3G,,two"
    )
    for line, reason in (
        (2, "it has both Approve and Reject"),
        (3, "Approve has 'yes'; it takes an X"),
        (4, "it decides something, and has no AssignmentId"),
        (5, "it has more cells than the header"),
        (6, "the reason has 1025 characters"),
        (8, "the assignment 3F is decided otherwise in line 7"),
        (10, "the assignment 3G is decided otherwise in line 9"),
    ):
        assert f"line {line}: {reason}" in told_why
    assert "line 7:" not in told_why


def test_many_problems() -> None:
    """Ten problems are told, and how many more there are."""
    told_why = problem(*["3A,yes,"] * 13)
    assert told_why.count("line ") == 10
    assert "and 3 more" in told_why


def test_the_same_decision_twice() -> None:
    """Two lines that say the same of an assignment are one decision."""
    assert read("AssignmentId,Approve,Reject\n3A,X,\n3A,x,\n3A,,\n") == [X]


def test_the_longest_reason() -> None:
    """A reason may have as many characters as the service takes."""
    assert read(f"AssignmentId,Approve,Reject\n3A,,{'ä' * 1024}\n")[0].feedback == "ä" * 1024


def test_a_quote_that_is_never_closed() -> None:
    """A quote that is never closed hides the lines after it, so the file is refused."""
    assert "cannot be read in line 3" in problem('3A,,"bad', "3B,X,")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings(encoding: str) -> None:
    """A file that is not UTF-8 is refused, and it says what spreadsheets call that."""
    with pytest.raises(InvalidRequest, match="CSV UTF-8"):
        read("AssignmentId,Approve,Reject\n3A,,zu früh\n", encoding=encoding)


def test_long_answers() -> None:
    """An answer of megabytes is no obstacle, and the csv module's limit is what it was before."""
    before = csv.field_size_limit(1000)
    try:
        assert read(f'AssignmentId,Answer.a,Approve,Reject\n3A,"{"a" * 2_000_000}",X,\n') == [X]
        assert csv.field_size_limit() == 1000
    finally:
        csv.field_size_limit(before)


def test_blank_lines() -> None:
    """Empty lines, and lines of empty cells, are nothing."""
    assert read("AssignmentId,Approve,Reject\n\n,,\n3A,X,\n,,,,\n\n") == [X]
