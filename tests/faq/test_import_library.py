"""A file loads once, whole but for its bad lines, and goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from faq.actions import imports, questions
from faq.exchange.library import BadLine, read_line
from faq.management.commands import import_library
from faq.models import Article, Question, Topic
from faq.models.search import weigh
from portal.access import VISITOR, IllegalMove
from portal.acting import acting_as
from portal.models import AuditEvent, Department, User
from tests.faq import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "library.jsonl"


def run(path: Path, capsys: pytest.CaptureFixture[str], **options: object) -> tuple[int, str, str]:
    try:
        call_command("import_library", str(path), **options)
        code = 0
    except SystemExit as ended:
        code = int(str(ended.code))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_lines_become_public_questions_that_can_be_found(
    neurology: Department, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("\n".join(make.line() for _ in range(3)))
    assert run(file, capsys)[:2][0] == 0
    rows = Question.objects.visible_to(VISITOR)
    assert rows.count() == 3
    assert {row.source for row in rows} == {"Test source"}
    assert weigh(["disease"])[0].seen == 3 + 3  # three answers and three topics
    assert AuditEvent.objects.filter(name="imports.load").count() == 1


def test_a_second_run_loads_nothing_twice(
    neurology: Department, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("\n".join(make.line() for _ in range(4)))
    run(file, capsys)
    code, out, _err = run(file, capsys)
    assert code == 0
    assert out.startswith("0 new, 0 changed, 4 as before")
    assert (Question.objects.count(), Topic.objects.count()) == (4, 4)


def test_an_interrupted_run_goes_on(
    neurology: Department, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_library, "BATCH", 2)
    load, calls = imports.load, []

    def interrupted(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return load(*args, **kwargs)  # type: ignore[arg-type]

    file.write_text("\n".join(make.line() for _ in range(7)))
    monkeypatch.setattr(imports, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("import_library", str(file))
    assert Question.objects.count() == 4
    monkeypatch.setattr(imports, "load", load)
    assert run(file, capsys)[1].startswith("3 new, 0 changed, 4 as before")


def test_bad_lines_are_named_and_the_rest_loads(
    neurology: Department, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = make.line()
    bad = [
        "{",
        "[]",
        make.line(answer=""),
        make.line(external_id=None),
        make.line(question=5),
        make.line(url="javascript:alert(1)"),
        make.line(department="nowhere"),
        make.line(synonyms="not a list"),
        make.line(kind="x" * 61),
        make.line(article={"title": "No body"}),
        "[" * 100_000,
    ]
    good = [make.line(), "", twice]
    file.write_bytes("\n".join([*good, *bad, twice]).encode() + b"\n\xff\xfe broken\n" + make.line().encode())
    code, out, err = run(file, capsys)
    assert code == 1
    assert out.startswith("3 new")
    assert "13 bad lines" in out
    numbers = [line.split(":")[0] for line in err.splitlines()]
    assert numbers == [f"line {number}" for number in range(4, 17)]
    assert "the same external_id and question as a line before" in err


def test_one_id_with_two_questions_is_two_questions(neurology: Department) -> None:
    make.load(
        make.line(external_id="same", question="What is A?"),
        make.line(external_id="same", question="What is B?"),
        department=neurology,
    )
    assert Question.objects.count() == 2


def test_a_changed_answer_changes_its_question(neurology: Department) -> None:
    about = {"external_id": "same", "question": "What is it?", "topic": "It"}
    make.load(make.line(**about), department=neurology)
    loaded = make.load(make.line(**about, answer="Now we know more."), department=neurology)
    question = Question.objects.get()
    assert (loaded.changed, question.answer, question.version) == (1, "Now we know more.", 2)
    assert question.text_digest == question.digest


def test_what_was_edited_or_taken_down_here_is_kept(neurology: Department, curt: User) -> None:
    about = {"external_id": "same", "question": "What is it?"}
    make.load(make.line(**about), department=neurology)
    with acting_as(curt):
        questions.withdraw(Question.objects.get(), by=curt)
    loaded = make.load(make.line(**about, answer="Other"), department=neurology)
    assert (loaded.kept, loaded.changed) == (1, 0)
    assert Question.objects.published().count() == 0


def test_topics_gather_the_other_words_of_all_lines(neurology: Department) -> None:
    make.load(
        make.line(topic="Stroke", synonyms=["brain attack"]),
        make.line(topic="stroke", synonyms=["Brain Attack", "CVA", "stroke"]),
        make.line(topic=""),
        department=neurology,
    )
    topic = Topic.objects.get()
    assert (topic.name, topic.other_words, topic.questions.count()) == ("Stroke", ["brain attack", "CVA"], 2)


def test_an_article_comes_with_its_question_and_is_revised_when_it_changes(neurology: Department) -> None:
    about = {"external_id": "same", "question": "What is it?", "topic": "It"}
    for body in ("## One", "## One", "## Two"):
        make.load(
            make.line(**about, article={"title": "It", "body": body, "sources": ["A book"]}), department=neurology
        )
    article = Article.objects.get()
    assert article.current
    assert (article.current.number, article.current.body, article.current.author) == (2, "## Two", None)
    assert Question.objects.get().article == article


def test_control_characters_are_taken_out_and_long_titles_cut() -> None:
    entry = read_line(make.line(question="What\x00 is\u202e it? " + "x" * 600, answer="a\x07b\r\nc", synonyms=["\x00"]))
    assert entry.question.startswith("What is it?")
    assert len(entry.title) == 250
    assert (entry.answer, entry.synonyms) == ("ab\nc", ())
    assert read_line(make.line(question="What is (are) Stroke ?")).title == "What is Stroke?"


def test_a_lone_surrogate_does_not_reach_the_database() -> None:
    assert read_line('{"external_id": "1", "question": "a\\ud800b", "answer": "c"}').question == "ab"


def test_a_line_that_is_no_object_says_so() -> None:
    with pytest.raises(BadLine, match="not a JSON object"):
        read_line(json.dumps("text"))


def test_without_a_department_it_says_what_to_do(file: Path) -> None:
    file.write_text(make.line())
    with pytest.raises(CommandError, match="no department yet"):
        call_command("import_library", str(file))


def test_with_two_departments_it_asks_which(neurology: Department, cardiology: Department, file: Path) -> None:
    file.write_text(make.line())
    with pytest.raises(CommandError, match="cardiology, neurology"):
        call_command("import_library", str(file))
    with pytest.raises(CommandError, match="There is no department “eyes”"):
        call_command("import_library", str(file), department="eyes")
    call_command("import_library", str(file), department="neurology", quiet=True)
    assert Question.objects.get().department == neurology


def test_a_batch_for_a_missing_department_is_refused(neurology: Department) -> None:
    with pytest.raises(IllegalMove, match="no department nowhere"):
        make.load(make.line(department="nowhere"), department=neurology)
    assert Question.objects.count() == 0
