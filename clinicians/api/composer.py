"""What stands in and beside the reply form: one's draft, saved replies, the library, and what the reply may forget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import SearchVector
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinicians.api.forms.followups import PERIODS
from clinicians.api.forms.replies import ReplyForm, Things, initial_of, key_of
from clinicians.models import ReplyDraft, SavedReply, SentReply
from clinicians.rules import placeholders, reply_checks, safety_nets
from faq.models import Article, Question
from faq.models.search import MOST_WORDS, any_of, weigh, words_of
from patients.models import Case, CaseQuestion, FollowUp, Message, Prescription, Result
from patients.models.results import ResultStatus
from patients.rules.followup_dates import Period, promise
from portal import access
from portal.models import Department, User
from portal.rules.local_time import local_day
from portal.rules.working_time import is_open_day

FOUND, SAVED = 6, 100


@dataclass(frozen=True)
class Tools:
    """What was just asked of the composer, beside the form itself."""

    searched: str = ""
    found: Things = ()
    complaint: str = ""
    # The draft of another window, where the two differ.
    stored: ReplyDraft | None = None


@dataclass(frozen=True)
class Facts:
    """Of the case, what a reply should speak of."""

    results: list[tuple[str, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


def parts(case: Case, form: ReplyForm | None, facts: Facts, *, by: User, tools: Tools | None = None) -> dict[str, Any]:
    """For the page: nothing where nobody writes a reply, but what can be undone."""
    if form is None:
        return {"sent": sent_just_now(case, by=by)}
    tools = tools or Tools()
    chosen = things(form["articles"].value() or (), by=by)
    return {
        "sent": sent_just_now(case, by=by),
        "saved": access.read_many(
            SavedReply.objects.filter(department=case.department_id).standing().select_related("owner"),
            by=by,
            page=lambda rows: list(rows[:SAVED]),
        ),
        "complaints": [(name, _(safety_nets.LABELS[name])) for name in safety_nets.offered()],
        "chosen": [choice(thing) for thing in chosen],
        "found": [choice(thing) for thing in tools.found if thing not in chosen],
        "tools": tools,
        "checks": checks(form, facts),
    }


def sent_just_now(case: Case, *, by: User) -> SentReply | None:
    """One's own reply that can still be undone."""
    held = access.read_many(SentReply.objects.filter(case=case).held(timezone.now()).select_related("message"), by=by)
    return held[-1] if held else None


def choice(thing: Article | Question) -> dict[str, Any]:
    is_article = isinstance(thing, Article)
    return {"key": key_of(thing), "title": thing.title, "url": thing.get_absolute_url(), "is_article": is_article}


# The form.


def reply_form(case: Case, questions: Sequence[CaseQuestion], seen: str, draft: ReplyDraft | None) -> ReplyForm:
    """Fresh: with one's own draft in it, where there is one."""
    begun = initial_of(draft) if draft else {"safety_net": safety_net(case.department), "draft": 0}
    form = ReplyForm(initial={"patient": case.patient_id, "seen": seen, **begun}, questions=questions)
    form.kept = draft
    return form


def draft_of(case: Case, *, by: User) -> ReplyDraft | None:
    found = access.read_many(ReplyDraft.objects.filter(case=case), by=by)
    return found[0] if found else None


def open_questions(case: Case, *, by: User) -> Sequence[CaseQuestion]:
    return access.read_many(CaseQuestion.objects.filter(case=case).open(), by=by)


# When to get help sooner.


def safety_net(department: Department, complaint: str = "") -> str:
    """The department's text, and what this complaint adds to it, with the numbers to call filled in."""
    numbers = {"emergency": settings.EMERGENCY_NUMBER, "phone": phone_of(department)}
    # Its last line, on what can wait, stays the last.
    urgent, _newline, can_wait = _(safety_nets.template_for(department.slug)).rpartition("\n")
    blocks, signs = [urgent], safety_nets.signs_of(complaint)
    for level, opening in safety_nets.OPENINGS.items():
        lines = [f"- {_(sign.text)}" for sign in signs if sign.level is level]
        if lines:
            blocks.append("\n".join([_(opening), *lines]))
    between = "\n\n" if len(blocks) > 1 else "\n"
    return f"{between.join(blocks)}{between}{can_wait}".format(**numbers)


def phone_of(department: Department) -> str:
    return department.phone or settings.CLINIC_PHONE or _("the clinic's number")


# Saved replies.


def filled(saved: Any, case: Case, form: ReplyForm, *, by: User) -> str:
    """A saved reply with what is known now in its places."""
    return placeholders.filled(
        saved.body,
        {
            "patient_name": case.patient.name,
            "clinician_name": by.name,
            "clinic_phone": phone_of(case.department),
            "emergency_number": settings.EMERGENCY_NUMBER,
            "case_number": case.ref,
            "followup_date": followup_date(case, str(form["followup-period"].value() or ""), by=by),
        },
    )


def followup_date(case: Case, period: str, *, by: User) -> str:
    """Of the follow-up that the form plans, else of the next that is promised; empty while there is none."""
    if period in PERIODS:
        planned = clinic_day(case.department, PERIODS[period][0])
        return date_format(planned, "l j F Y") if planned else ""
    rows = access.read_many(FollowUp.objects.filter(case=case).open(), by=by, page=lambda rows: list(rows[:1]))
    return date_format(rows[0].due_on, "l j F Y") if rows else ""


def clinic_day(department: Department, period: Period) -> Any:
    """None when the department has no open day to promise."""
    hours, holidays = department.hours, department.closed_on
    try:
        today = local_day(timezone.now(), department.time_zone)
        return promise(today, period, lambda on: is_open_day(on, hours, holidays)).due
    except ValueError:
        return None


# The library.


def search(text: str, *, by: User) -> Things:
    """Articles first, then public questions: what readers see, best first."""
    terms = weigh(words_of(text)[:MOST_WORDS])
    if not terms:
        return ()
    # Which words are known is counted in questions alone.
    asked, known = any_of(terms), [term for term in terms if term.is_known]
    # The clinic's own articles are some hundreds: their titles are looked through without an index.
    articles = access.read_many(
        Article.objects.published()
        .alias(named=SearchVector("title", config="english"))
        .filter(Q(named=asked) | Q(topics__words=asked))
        .distinct(),
        by=by,
        page=lambda rows: list(rows[:FOUND]),
    )
    if not known:
        return articles
    questions = access.read_many(
        Question.objects.published(),
        by=by,
        page=lambda rows: list(rows.ranked(known).select_related("department")[:FOUND]),  # type: ignore[attr-defined]
    )
    return [*articles, *questions]


def things(keys: Sequence[str], *, by: User) -> Things:
    """Those of these keys that readers see, in the order of the keys."""
    found: dict[str, Article | Question] = {}
    articles = [pk for key in keys if (pk := pk_of(key, "article"))]
    questions = [pk for key in keys if (pk := pk_of(key, "question"))]
    if articles:
        rows = access.read_many(Article.objects.published().filter(pk__in=articles), by=by)
        found |= {key_of(row): row for row in rows}
    if questions:
        asked = access.read_many(
            Question.objects.published().filter(pk__in=questions).select_related("department"), by=by
        )
        found |= {key_of(row): row for row in asked}
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def pk_of(key: str, kind: str) -> UUID | None:
    name, _dash, pk = str(key).partition("-")
    try:
        return UUID(pk) if name == kind else None
    except ValueError:
        return None


# What it may forget.


def facts_of(case: Case, messages: Sequence[Message], results: Sequence[Result], stops: Sequence[Any]) -> Facts:
    replies = [message.created_at for message in messages if not message.is_from_patient]
    return Facts(
        [(row.kind, row.title) for row in results if row.case_id == case.pk and is_new(row, replies)],
        [row.medicine for row in stops],
    )


def is_new(result: Result, replies: Sequence[datetime]) -> bool:
    if result.status != ResultStatus.FINAL or result.released_at is None:
        return False
    return not replies or result.released_at > replies[-1]


def read_facts(case: Case, *, by: User) -> Facts:
    """The same, where no page is drawn."""
    replies = access.read_many(
        Message.objects.filter(case=case).standing().from_clinic().order_by("-id"),
        by=by,
        page=lambda rows: list(rows[:1]),
    )
    results = access.read_many(Result.objects.filter(case=case).released(), by=by)
    stops = access.read_many(Prescription.objects.filter(patient=case.patient_id).with_hard_stop(), by=by)
    return facts_of(case, replies, results, stops)


def checks(form: ReplyForm, facts: Facts) -> list[dict[str, Any]]:
    """As the page and a program read them."""
    letter = reply_checks.Letter(
        body=str(form["body"].value() or ""),
        safety_net=str(form["safety_net"].value() or ""),
        questions=len(form.questions),
        settled=sum(bool(row.value()) for row in form.asked()),
        results=facts.results,
        stopped=facts.stopped,
        is_english=(get_language() or "en").startswith("en"),
    )
    return [
        {
            "kind": found.kind,
            "is_ok": found.is_ok,
            "text": _(found.text).format(**found.params),
            "sentences": list(found.sentences),
        }
        for found in reply_checks.check(letter)
    ]
