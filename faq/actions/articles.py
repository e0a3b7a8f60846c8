"""Articles: written by one, approved by another, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from faq.actions.questions import Stale
from faq.models import Article, Topic
from faq.models.articles import ArticleStatus
from faq.models.topics import slug_of
from faq.rules.review_dates import review_again
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.verbs import verb


@verb(Permission.LIBRARY_EDIT)
def draft(
    department: Department,
    *,
    by: User,
    title: str,
    body: str,
    sources: str = "",
    topics: Iterable[Topic] = (),
) -> Article:
    """Begin an article: Markdown, with its sources one a line."""
    slug = slug_of(title, "article")
    if Article.objects.filter(slug=slug).exists():
        raise IllegalMove("articles.draft", department, _("There is an article of this title already."))
    article = Article(department=department, title=title, slug=slug)
    article.full_clean()
    article.save()
    article.topics.set(topics)
    article.write(author=by, title=title, body=body, sources=sources)
    return article


@verb(Permission.LIBRARY_EDIT)
def revise(
    article: Article,
    *,
    by: User,
    title: str,
    body: str,
    sources: str = "",
    note: str = "",
    topics: Iterable[Topic] | None = None,
    version: int | None = None,
) -> Article:
    """Write the next revision; readers keep the approved one. With `version`, raises Stale unless it is the newest."""
    if version is not None and version != article.newest.number:
        raise Stale("articles.revise", article, _("Somebody saved a newer version meanwhile."))
    if article.status != ArticleStatus.DRAFT:
        article.move_to(ArticleStatus.DRAFT)
    article.write(author=by, title=title, body=body, sources=sources, note=note).full_clean()
    if topics is not None:
        article.topics.set(topics)
    if article.current_id is None:
        article.title = title
    article.save()
    return article


@verb(Permission.LIBRARY_EDIT)
def acknowledge(article: Article, *, by: User, key: str) -> Article:
    """A person has read this finding and lets it stand."""
    newest = article.newest
    if key not in {finding.key for finding in article.open_findings(f"{newest.title}\n\n{newest.body}")}:
        raise IllegalMove("articles.acknowledge", article, _("That is no longer in the text."))
    article.acknowledged = sorted({*article.acknowledged, key})
    article.save(update_fields=["acknowledged", "changed_at"])
    return article


@verb(Permission.LIBRARY_EDIT)
def submit(article: Article, *, by: User) -> Article:
    """Ask somebody else to approve the newest revision."""
    article.move_to(ArticleStatus.IN_REVIEW)
    return article


@verb(Permission.LIBRARY_APPROVE)
def approve(article: Article, *, by: User, review_on: date | None = None, version: int | None = None) -> Article:
    """Show the newest revision to all. Refused to its author, and while it may name or speaks to one person.

    With `version`, the number of the revision that was read, raises Stale unless it is the newest.
    """
    newest = article.newest
    if version is not None and version != newest.number:
        raise Stale("articles.approve", article, _("A newer revision was saved meanwhile. Read it, then decide."))
    if newest.author_id == by.pk:
        raise IllegalMove("articles.approve", article, _("Somebody else than its author has to approve it."))
    if article.open_findings(f"{newest.title}\n\n{newest.body}"):
        raise IllegalMove("articles.approve", article, _("Something in it may name or speaks to one person."))
    newest.approve(by)
    article.show(newest, review_on=review_on or review_again(timezone.localdate()))
    article.move_to(ArticleStatus.PUBLISHED)
    return article


@verb(Permission.LIBRARY_APPROVE)
def send_back(article: Article, *, by: User) -> Article:
    """Not like this: back to its author."""
    article.move_to(ArticleStatus.DRAFT)
    return article


@verb(Permission.LIBRARY_PUBLISH)
def withdraw(article: Article, *, by: User) -> Article:
    """Take it down. To come back it needs a new revision and a new approval."""
    article.current = None
    article.move_to(ArticleStatus.WITHDRAWN)
    return article
