"""Pages that stand still, and what machines read: feed, sitemap, robots."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.models import Article, Question, Topic
from faq.models.questions import QuestionQuerySet
from faq.views.library import home_trail, newest
from portal import access
from portal.asked import Asked
from portal.models import Department

IN_FEED = 40
IN_SITEMAP = 5_000
STANDING = ("home", "departments", "topics", "help_now", "reviewed", "privacy", "accessibility")


@require_safe
def help_now(request: Asked) -> HttpResponse:
    return render(request, "faq/help_now.html", {"trail": [*home_trail(), (_("Get help now"), "")]})


@require_safe
def reviewed(request: Asked) -> HttpResponse:
    return render(request, "faq/reviewed.html", {"trail": [*home_trail(), (_("How answers are reviewed"), "")]})


@require_safe
def privacy(request: Asked) -> HttpResponse:
    return render(request, "faq/privacy.html", {"trail": [*home_trail(), (_("Privacy"), "")]})


@require_safe
def accessibility(request: Asked) -> HttpResponse:
    return render(request, "faq/accessibility.html", {"trail": [*home_trail(), (_("Accessibility"), "")]})


@require_safe
def feed(request: Asked) -> HttpResponse:
    """The newest answers, as Atom: title, address, first words."""
    title = _("New answers: %(clinic)s") % {"clinic": settings.CLINIC_NAME}
    atom = Atom1Feed(title, f"{settings.SITE_URL}/", "", feed_url=f"{settings.SITE_URL}{request.path}")
    for row in newest(request.actor, IN_FEED):
        atom.add_item(
            title=row.title,
            link=f"{settings.SITE_URL}{row.get_absolute_url()}",
            description=row.opening,  # type: ignore[attr-defined]
            unique_id=f"urn:uuid:{row.pk}",
            pubdate=row.published_at,
            updateddate=row.changed_at,
            categories=[row.department.name],
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


@require_safe
def sitemap(request: Asked) -> HttpResponse:
    """An index: one part of standing pages, topics and articles, then questions by number, 5,000 a part."""
    highest = access.read_many(
        Question.objects.published().order_by("-number").only("number"), by=request.actor, page=lambda r: list(r[:1])
    )
    parts = highest[0].number // IN_SITEMAP + 1 if highest else 0
    places = [reverse("faq:sitemap_shelves")]
    places += [reverse("faq:sitemap_questions", args=[part]) for part in range(parts)]
    return xml(request, "faq/sitemap_index.xml", {"places": places})


@require_safe
def sitemap_shelves(request: Asked) -> HttpResponse:
    by = request.actor
    shelves = (
        access.read_many(Department.objects.all(), by=by),
        access.read_many(Topic.objects.only("slug").order_by("slug"), by=by, page=lambda r: list(r[:IN_SITEMAP])),
        access.read_many(Article.objects.published().only("slug"), by=by, page=lambda r: list(r[:IN_SITEMAP])),
    )
    places = [reverse(f"faq:{name}") for name in STANDING]
    places += [reverse("faq:department", args=[row.slug]) for row in shelves[0]]
    places += [row.get_absolute_url() for shelf in shelves[1:] for row in shelf]
    return xml(request, "faq/sitemap.xml", {"places": [(place, None) for place in places]})


def numbered(first: int) -> QuestionQuerySet:
    rows = Question.objects.published().filter(number__gte=first, number__lt=first + IN_SITEMAP).order_by("number")
    return rows.select_related("department").only("number", "slug", "changed_at", "department__slug")


@require_safe
def sitemap_questions(request: Asked, part: int) -> HttpResponse:
    found = access.read_many(numbered(part * IN_SITEMAP), by=request.actor)
    return xml(request, "faq/sitemap.xml", {"places": [(row.get_absolute_url(), row.changed_at) for row in found]})


def xml(request: Asked, template: str, found: dict[str, object]) -> HttpResponse:
    content = {**found, "site_url": settings.SITE_URL}
    return render(request, template, content, content_type="application/xml; charset=utf-8")


@require_safe
def robots(request: Asked) -> HttpResponse:
    """Search pages and everybody's own pages are not for crawlers."""
    closed = ("/search/", "/my/", "/clinic/", "/cases/", "/curate/", "/ask/")
    where = f"Sitemap: {settings.SITE_URL}/sitemap.xml"
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), where, ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
