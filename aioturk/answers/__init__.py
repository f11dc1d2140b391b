"""
A worker's answers: documents into a mapping, the mapping into a type of yours, and fields into documents.

The client reads what workers submitted, the marketplace writes it; both meet here, so that the format is described
once. Nothing here decides whether an answer is right. Where to go next:

* `mapping` has `Answers`, the one shape of every kind of answer, and `reading` fills it from a document;
* `crowd` takes apart what a ``crowd-form`` sends, which is a single answer of JSON;
* `typed` has `convert`, behind `Assignment.parse`, and its parts: `plans` says which questions a type asks for,
  `readers` how a field's type is read, `scalars` what a worker's text becomes;
* `answered` gives ``answers`` and ``parse`` to the service's structures;
* `writing` makes the document of a submitted form.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormAnswersDataStructureArticle.html
"""

from __future__ import annotations

from aioturk.answers.field import Field
from aioturk.answers.mapping import JSON, Answer, Answers
from aioturk.answers.reading import read_answers
from aioturk.answers.typed import convert
from aioturk.answers.writing import write_answers

__all__ = ["JSON", "Answer", "Answers", "Field", "convert", "read_answers", "write_answers"]
