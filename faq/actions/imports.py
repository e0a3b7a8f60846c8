"""Texts from elsewhere into the library: attributed to their source, published at once, loaded once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.utils import timezone

from faq.exchange.library import ArticleEntry, Entry
from faq.models import Article, Question, Topic, Word
from faq.models.articles import ArticleStatus
from faq.models.questions import QuestionStatus
from faq.models.topics import slug_of
from portal.access import Actor, IllegalMove, Permission
from portal.models import Clinic, Department
from portal.verbs import verb

Departments = Mapping[str, Department]
# What a changed file changes in a row that nobody here has edited since.
RENEWED = (
    "title", "slug", "body", "answer", "in_short", "kind", "source", "source_url", "department", "article",
    "text_digest", "version", "changed_at",
)  # fmt: skip
COMPARED = ("title", "body", "answer", "in_short", "kind", "source", "source_url")


@dataclass(slots=True)
class Loaded:
    """How many lines became new questions, changed one, changed nothing, or met one that was edited here."""

    added: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(
            self.added + other.added, self.changed + other.changed, self.same + other.same, self.kept + other.kept
        )


@verb(Permission.LIBRARY_IMPORT)
def load(clinic: Clinic, *, by: Actor, entries: Collection[Entry], department: str) -> Loaded:
    """One batch, of which no two have the same key. `department`: the address of that of lines that name none.

    Raises IllegalMove when a department does not exist.
    """
    departments = _departments(clinic, {entry.department or department for entry in entries})
    of = {entry.key: departments[entry.department or department] for entry in entries}
    topics = _topics(entries, of)
    articles = {entry.key: _article(entry.article, entry, of[entry.key]) for entry in entries if entry.article}
    there = {question.import_key: question for question in Question.objects.filter(import_key__in=of)}
    loaded, fresh, renewed = Loaded(), [], []
    for entry in entries:
        question = _as_question(entry, of[entry.key], articles.get(entry.key))
        old = there.get(entry.key)
        if old is None:
            fresh.append(question)
        elif not _differs(old, question):
            loaded.same += 1
        elif old.edited_by_id or old.status != QuestionStatus.PUBLISHED:
            loaded.kept += 1
        else:
            renewed.append(_renew(old, question))
    loaded.added, loaded.changed = len(fresh), len(renewed)
    _save(fresh, renewed, topics)
    return loaded


def _departments(clinic: Clinic, slugs: set[str]) -> Departments:
    found = {row.slug: row for row in Department.objects.filter(slug__in=slugs)}
    missing = sorted(slugs - set(found))
    if missing:
        raise IllegalMove("imports.load", clinic, f"there is no department {', '.join(missing)}")
    return found


def _topics(entries: Iterable[Entry], of: Departments) -> dict[str, Topic]:
    """The topic of each entry's key; made where there is none of that address, with every other word for it."""
    wanted: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.topic:
            wanted.setdefault(slug_of(entry.topic), []).append(entry)
    there = {topic.slug: topic for topic in Topic.objects.filter(slug__in=wanted)}
    fresh = [
        Topic(slug=slug, name=" ".join(rows[0].topic.split()), department=of[rows[0].key])
        for slug, rows in wanted.items()
        if slug not in there
    ]
    there.update({topic.slug: topic for topic in Topic.objects.bulk_create(fresh)})
    for slug, rows in wanted.items():
        _add_synonyms(there[slug], (word for row in rows for word in row.synonyms))
    return {row.key: there[slug] for slug, rows in wanted.items() for row in rows}


def _add_synonyms(topic: Topic, words: Iterable[str]) -> None:
    known = {word.casefold(): word for word in (topic.name, *topic.other_words)}
    for word in words:
        known.setdefault(word.casefold(), word)
    synonyms = "\n".join(list(known.values())[1:])
    if synonyms != topic.synonyms:
        topic.synonyms = synonyms
        topic.save(update_fields=["synonyms"])


def _article(told: ArticleEntry, entry: Entry, department: Department) -> Article:
    """The article of that id and title; a changed text is a further revision, shown at once."""
    key = sha256(f"{entry.external_id}\n{told.title}".encode()).hexdigest()
    article = Article.objects.filter(import_key=key).select_related("current").first()
    if article is None:
        slug = slug_of(told.title, "article")
        if Article.objects.filter(slug=slug).exists():
            slug = f"{slug[:90]}-{key[:8]}"
        article = Article(
            import_key=key, slug=slug, title=told.title, department=department,
            source=entry.source, source_url=entry.url,
        )  # fmt: skip
        article.save()
    elif article.current is None or (article.current.body, article.current.sources) == (told.body, told.sources):
        return article
    article.show(article.write(author=None, title=told.title, body=told.body, sources=told.sources))
    article.status = ArticleStatus.PUBLISHED
    article.save()
    return article


def _as_question(entry: Entry, department: Department, article: Article | None) -> Question:
    question = Question(
        import_key=entry.key,
        external_id=entry.external_id,
        title=entry.title,
        slug=slug_of(entry.title, "question"),
        body=entry.question,
        answer=entry.answer,
        in_short=entry.in_short,
        kind=entry.kind,
        source=entry.source,
        source_url=entry.url,
        department=department,
        article=article,
        status=QuestionStatus.PUBLISHED,
        published_at=timezone.now(),
    )
    question.text_digest = question.digest
    return question


def _differs(old: Question, new: Question) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in COMPARED)


def _renew(old: Question, new: Question) -> Question:
    for name in RENEWED:
        setattr(old, name, getattr(new, name))
    old.version, old.changed_at = old.version + 1, timezone.now()
    return old


def _save(fresh: list[Question], renewed: list[Question], topics: Mapping[str, Topic]) -> None:
    Question.objects.bulk_create(fresh)
    Question.objects.bulk_update(renewed, RENEWED)
    links = Question.topics.through
    rows = [*fresh, *renewed]
    links.objects.bulk_create(
        (
            links(question=row, topic=topics[row.import_key])
            for row in rows
            if row.import_key and row.import_key in topics
        ),
        ignore_conflicts=True,
    )
    Word.learn([row.pk for row in fresh])
