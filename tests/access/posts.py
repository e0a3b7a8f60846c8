"""Every address that takes a POST, with who posts what to it: the table behind the tests of forms.

A route that is neither here nor answers 405 to a POST fails the build (test_mass_assignment).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from tests import make
from tests.access.scene import Scene
from tests.patients.told import ask_form

Data = dict[str, Any]


def nothing(_scene: Scene) -> Data:
    return {}


@dataclass(frozen=True)
class Post:
    """Who posts what, and to which of the scene's things."""

    who: str
    data: Callable[[Scene], Data] = nothing
    at: Callable[[Scene], Data] = nothing
    # Some change nothing in the database: signing out, a mail that is sent.
    writes: bool = True
    way: str = ""


def of_case(scene: Scene) -> Data:
    return {"ref": scene.case.ref}


def meant(scene: Scene, **said: Any) -> Data:
    return {"patient": str(scene.world.alice.pk), **said}


def read(scene: Scene, **said: Any) -> Data:
    return meant(scene, seen=scene.seen, **said)


def order(scene: Scene) -> Data:
    return meant(
        scene, medicine="folic acid", dose="5", dose_unit="mg", form="tablet", route="oral", times_a_day="1",
        days="28", indication="anaemia", as_needed="", note="", override_reason="agreed with the patient",
    )  # fmt: skip


def a_result(scene: Scene) -> Data:
    return meant(
        scene, kind="laboratory", title="Thyroid panel", performed_on="2026-01-12",
        performer="Sample laboratory", impression="", is_sample="",
        **{
            "observations-TOTAL_FORMS": "1", "observations-INITIAL_FORMS": "0", "observations-0-loinc": "3016-3",
            "observations-0-value": "4.6", "observations-0-unit": "mIU/L",
            "observations-0-low": "", "observations-0-high": "",
        },
    )  # fmt: skip


def a_reply(scene: Scene) -> Data:
    outcomes = {f"outcomes-{question.pk}": "answered" for question in scene.case.questions.open()}
    return read(scene, body="This is what we think.", safety_net="Call if weaker.", **outcomes)


# The desk: each posted to its page and, as JSON, to the API.
DESK: dict[str, Post] = {
    "triage": Post(
        "tessa",
        lambda s: meant(s, seen=s.seen_new, urgency="3", department=str(s.world.neurology.pk), owner=""),
        lambda s: {"ref": s.new_case.ref},
    ),
    "assign": Post("nadia", lambda s: read(s, owner=""), of_case),
    "reply": Post("nadia", a_reply, of_case),
    "close": Post("nadia", lambda s: meant(s, seen=s.seen_new), lambda s: {"ref": s.new_case.ref}),
    "record": Post("nadia", a_result, of_case),
    "release": Post("nadia", lambda s: meant(s, comment="All is well.", next_step=""), lambda s: {"pk": s.result.pk}),
    "prescribe": Post("nadia", order, of_case),
    "stop": Post("nadia", lambda s: meant(s, reason="no longer needed"), lambda s: {"pk": s.medicine.pk}),
    "hold": Post("nadia", meant, lambda s: {"pk": s.medicine.pk}),
    "resume": Post("nadia", meant, lambda s: {"pk": s.held.pk}),
    "plan": Post("cora", lambda s: meant(s, period="3m", kind="call", reason="Hear how it is"), of_case),
    "close-followup": Post("cora", lambda s: meant(s, evidence="attended", note=""), lambda s: {"pk": s.followup.pk}),
    "suggest": Post(
        "nadia",
        lambda s: meant(s, title="Is it safe?", body="Somebody noticed it.", answer="Often it is."),
        of_case,
    ),
    "ask-again": Post("nadia", meant, lambda s: {"pk": s.stale.pk}),
}

PATIENT: dict[str, Post] = {
    "patients:details": Post(
        "newcomer",
        lambda s: {"born_on_0": "14", "born_on_1": "3", "born_on_2": "1996", "born_on_day": "14", "born_on_month": "3",
                   "born_on_year": "1996", "sex": "female", "phone": "", "time_zone": "UTC"},
    ),
    "patients:ask": Post("alice", lambda s: ask_form(**{"medicine-0-medicine": "Aspirin"})),
    "patients:say": Post("alice", lambda s: {"body": "It is better."}, of_case),
    "patients:report_medicine": Post("alice", lambda s: {"medicine": "ibuprofen"}),
    "patients:confirm_followup": Post("alice", at=lambda s: {"pk": s.followup.pk}),
    "patients:change_followup": Post("alice", lambda s: {"note": "Friday"}, lambda s: {"pk": s.followup.pk}),
    "patients:answer_consent": Post(
        "alice", lambda s: {"answer": "yes", "shown": s.consent.digest}, lambda s: {"pk": s.consent.pk}
    ),
    "patients:withdraw_consent": Post("alice", at=lambda s: {"pk": s.agreed.pk}),
    "patients:open_notification": Post("alice", at=lambda s: {"pk": s.notification.pk}),
    "patients:settings": Post(
        "alice", lambda s: {"name": "Alice A. Ash", "phone": "", "time_zone": "UTC", "allergies_known": "none"}
    ),
}  # fmt: skip


def a_question(scene: Scene) -> Data:
    row = scene.draft
    return {"title": "Harmless twitching", "body": row.body, "answer": row.answer, "version": str(row.version)}


def step(what: str, key: str, move: str, **data: Any) -> Post:
    return Post("curt", lambda s: data, lambda s: {"key": getattr(s, key).pk, "move": move}, way=move)


LIBRARY: dict[str, list[Post]] = {
    "faq:new_topic": [
        Post("curt", lambda s: {"name": "Tremor", "department": str(s.world.neurology.pk), "synonyms": "shaking"})
    ],
    "faq:draft": [Post("curt", a_question, lambda s: {"key": s.draft.pk})],
    "faq:draft_let_stand": [
        Post("curt", lambda s: {"finding": "name:dr. ann example"}, lambda s: {"key": s.draft.pk})
    ],
    "faq:draft_step": [
        step("question", "clean", "submit"),
        Post("curt", lambda s: {"version": str(s.submitted.version)},
             lambda s: {"key": s.submitted.pk, "move": "publish"}, way="publish"),
        step("question", "submitted", "send-back"),
        step("question", "published", "withdraw"),
    ],
    "faq:new_article": [
        Post("curt", lambda s: {"title": "Tremor", "body": "Shaking.", "department": str(s.world.neurology.pk)})
    ],
    "faq:manuscript": [
        Post("curt", lambda s: {"title": "Tremor", "body": "More of it.", "version": "1"},
             lambda s: {"key": s.article.pk})
    ],
    "faq:manuscript_let_stand": [
        Post("curt", lambda s: {"finding": "case_talk:as you mentioned"}, lambda s: {"key": s.article.pk})
    ],
    "faq:manuscript_step": [
        step("article", "article", "submit"),
        step("article", "reviewed", "approve", version="1"),
        step("article", "reviewed", "send-back"),
        step("article", "reviewed", "withdraw"),
    ],
    "faq:helped": [Post("visitor", lambda s: {"has_helped": "yes"}, lambda s: {"number": s.published.number})],
}  # fmt: skip


def reset_key(scene: Scene) -> Data:
    user = scene.newcomer
    return {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}


def confirm_key(scene: Scene) -> Data:
    return {"key": EmailConfirmationHMAC(scene.second_address).key}


NEW = "another-long-password"
ACCOUNT: dict[str, Post] = {
    "account_login": Post("visitor", lambda s: {"login": s.newcomer.email, "password": make.PASSWORD}, writes=False),
    "account_logout": Post("alice", writes=False),
    "account_signup": Post("visitor", lambda s: {"name": "Una Usher", "email": "una@example.org", "password1": NEW}),
    "account_reauthenticate": Post("newcomer", lambda s: {"password": make.PASSWORD}, writes=False),
    "account_email": Post("newcomer", lambda s: {"email": "third@example.org", "action_add": ""}),
    "account_change_password": Post(
        "newcomer", lambda s: {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW}
    ),
    "account_set_password": Post("without_password", lambda s: {"password1": NEW, "password2": NEW}),
    "account_reset_password": Post("visitor", lambda s: {"email": s.newcomer.email}, writes=False),
    "account_reset_password_from_key": Post(
        "visitor", lambda s: {"password1": NEW, "password2": NEW}, reset_key
    ),
    "account_confirm_email": Post("visitor", at=confirm_key),
}  # fmt: skip

POSTS: dict[str, list[Post]] = {
    **{f"clinicians:{mount}{name}": [post] for name, post in DESK.items() for mount in ("", "api-")},
    **{name: [post] for name, post in (PATIENT | ACCOUNT).items()},
    **LIBRARY,
}


def is_json(route: str) -> bool:
    return route.startswith("clinicians:api-")


def send(client: Client, route: str, post: Post, scene: Scene, extra: Data | None = None, **about: Any) -> Any:
    """Post it, with fields beside it that no form has, in the body and in the address."""
    data = {**(extra or {}), **post.data(scene)}
    path = reverse(route, kwargs=post.at(scene))
    if route == "account_reset_password_from_key":
        # The key is taken out of the address first.
        path = client.get(path)["Location"]
    if extra:
        about["QUERY_STRING"] = "&".join(f"{name}={value}" for name, value in extra.items())
    if is_json(route):
        return client.post(path, data, "application/json", **about)
    return client.post(path, data, HTTP_ACCEPT="text/html", **about)
