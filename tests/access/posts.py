"""Every address that takes a POST, with who posts what to it: the table behind the tests of forms.

A route that is neither here nor answers 405 to a POST fails the build (test_mass_assignment).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import answer_links
from patients.models.answer_links import Answer, Link
from portal.channels import stopping
from tests import make
from tests.access.scene import Scene
from tests.patients.told import ask_form, screen

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
    return read(scene, body="This is what we think.", safety_net="Call if weaker.", draft="0", **outcomes)


def a_draft(scene: Scene) -> Data:
    return read(scene, body="This is what", safety_net="", draft="0")


def somebody(scene: Scene) -> Data:
    return {
        "department": scene.world.neurology.slug, "full_name": "Wim Wood", "born_on": "1962-05-06", "sex": "male",
        "record_number": "", "time_zone": "UTC", "email": "", "is_another": "",
    }  # fmt: skip


def an_emergency(scene: Scene) -> Data:
    bob = scene.world.bob
    return {"record_number": bob.record_number, "born_on": str(bob.born_on), "reason": "Unconscious on arrival"}


def a_duty(scene: Scene) -> Data:
    begins, ends = (f"{timezone.localtime() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (1, 2))
    nadia, place = scene.world.nadia, scene.world.neurology
    return {"department": place.slug, "clinician": str(nadia.pk), "starts_at": begins, "ends_at": ends}


def an_answer(scene: Scene) -> Data:
    """The link of a mail with which its reader confirms."""
    followup = scene.followup
    assert followup.patient.user
    path = answer_links.address(Link(followup.pk, followup.patient.user.pk, followup.sequence), Answer.CONFIRM)
    return {"kind": "confirm", "token": path.split("/")[3]}


def hours(scene: Scene) -> Data:
    return {
        "department": scene.world.neurology.slug, "clinician": str(scene.world.nadia.pk), "weekday": "5",
        "opens": "09:00", "closes": "12:00", "slot_minutes": "30", "capacity": "2", "place": "Room 2",
        "starts_on": until(0), "ends_on": "",
    }  # fmt: skip


def days_away(scene: Scene) -> Data:
    return {"clinician": str(scene.world.nadia.pk), "starts_on": until(90), "ends_on": until(95)}


# The desk: each posted to its page and, as JSON, to the API.
DESK: dict[str, Post] = {
    "triage": Post(
        "tessa",
        lambda s: meant(s, seen=s.seen_new, urgency="3", department=str(s.world.neurology.pk), owner=""),
        lambda s: {"ref": s.new_case.ref},
    ),
    "assign": Post("nadia", lambda s: read(s, owner=""), of_case),
    "reply": Post("nadia", a_reply, of_case),
    "claim": Post("nadia", meant, of_case),
    "let-go": Post("nadia", meant, lambda s: {"ref": s.answering.ref}),
    "take-over": Post("nadia", lambda s: meant(s, holder=str(s.otto.pk)), lambda s: {"ref": s.resting.ref}),
    "hand-over": Post("nadia", lambda s: read(s, owner=str(s.otto.pk), reason="On leave from Friday"), of_case),
    "refer": Post("nadia", lambda s: read(s, department=str(s.world.cardiology.pk), reason="It is the heart"), of_case),
    "snooze": Post("nadia", lambda s: read(s, period="week", on="", reason="Waits for the MRI"), of_case),
    "wake": Post("nadia", meant, lambda s: {"ref": s.resting.ref}),
    "link": Post("nadia", lambda s: meant(s, other=s.new_case.ref, reason="Both are about the calves"), of_case),
    "unlink": Post("nadia", lambda s: meant(s, other=s.new_case.ref), lambda s: {"ref": s.resting.ref}),
    "merge": Post("nadia", lambda s: meant(s, seen=s.seen_new, into=s.case.ref), lambda s: {"ref": s.new_case.ref}),
    "save-draft": Post("nadia", a_draft, of_case),
    # Nothing is drafted there: it is let go of all the same.
    "discard-draft": Post("nadia", meant, of_case, writes=False),
    "compose": Post("nadia", lambda s: a_draft(s) | {"do": "insert", "insert": str(s.saved.pk)}, of_case, writes=False),
    "preview": Post("nadia", a_draft, of_case, writes=False),
    "undo-reply": Post("nadia", meant, lambda s: {"ref": s.just_answered.ref}),
    "saved-replies": Post(
        "nadia",
        lambda s: {"department": s.world.neurology.slug, "called": "Hello", "body": "Dear you,", "is_shared": ""},
    ),
    "saved-reply": Post(
        "nadia", lambda s: {"called": "Hello", "body": "Dear you,", "base": "1"}, lambda s: {"pk": s.saved.pk}
    ),
    "share-saved-reply": Post("nadia", at=lambda s: {"pk": s.saved.pk}),
    "unshare-saved-reply": Post("nadia", at=lambda s: {"pk": s.shared.pk}),
    "retire-saved-reply": Post("nadia", at=lambda s: {"pk": s.shared.pk}),
    "close": Post("nadia", lambda s: meant(s, seen=s.seen_new), lambda s: {"ref": s.new_case.ref}),
    "record": Post("nadia", a_result, of_case),
    "release": Post("nadia", lambda s: meant(s, comment="All is well.", next_step=""), lambda s: {"pk": s.result.pk}),
    "prescribe": Post("nadia", order, of_case),
    "stop": Post("nadia", lambda s: meant(s, reason="no longer needed"), lambda s: {"pk": s.medicine.pk}),
    "hold": Post("nadia", meant, lambda s: {"pk": s.medicine.pk}),
    "resume": Post("nadia", meant, lambda s: {"pk": s.held.pk}),
    "plan": Post("cora", lambda s: meant(s, period="3m", kind="call", reason="Hear how it is"), of_case),
    "close-followup": Post("cora", lambda s: meant(s, evidence="attended", note=""), lambda s: {"pk": s.followup.pk}),
    "move-followup": Post("cora", lambda s: meant(s, period="2w"), lambda s: {"pk": s.followup.pk}),
    "miss-followup": Post("cora", meant, lambda s: {"pk": s.missed.pk}),
    "record-call": Post("cora", lambda s: {"outcome": "no_answer", "note": ""}, lambda s: {"pk": s.missed.pk}),
    "clinic-times": Post("cora", hours),
    "end-clinic-times": Post("cora", at=lambda s: {"pk": s.world.hours().pk}),
    "clinic-leave": Post("cora", days_away),
    "withdraw-leave": Post("cora", at=lambda s: {"pk": s.leave.pk}),
    "came": Post("cora", at=lambda s: {"pk": s.today.pk}),
    "did-not-come": Post("cora", at=lambda s: {"pk": s.today.pk}),
    "followup-times": Post("cora", lambda s: meant(s, time=s.free_time, any_day=""), lambda s: {"pk": s.bookable.pk}),
    "call-off": Post("cora", meant, lambda s: {"pk": s.booked.pk}),
    "views": Post("nadia", lambda s: {"name": "Late", "queue": "all", "query": "?due=late"}),
    "let-go-view": Post("nadia", at=lambda s: {"pk": s.view.pk}),
    "suggest": Post(
        "nadia",
        lambda s: meant(s, title="Is it safe?", body="Somebody noticed it.", answer="Often it is."),
        of_case,
    ),
    "ask-again": Post("nadia", meant, lambda s: {"pk": s.stale.pk}),
    "emergency": Post("nadia", an_emergency),
    "review-red-flag": Post("nadia", lambda s: meant(s, note="Called her."), lambda s: {"pk": s.flag.pk}),
    "on-call": Post("cora", a_duty),
    "end-on-call": Post("cora", at=lambda s: {"pk": s.duty.pk}),
    "enrol": Post("cora", somebody),
    "invite-patient": Post("cora", lambda s: {"email": "ella@example.org"}, lambda s: {"pk": s.enrolled.pk}),
    "resend-invitation": Post("cora", at=lambda s: {"pk": s.patient_invitation.pk}),
    "revoke-invitation": Post("cora", at=lambda s: {"pk": s.patient_invitation.pk}),
}


def until(days: int) -> str:
    return str(timezone.localdate() + timedelta(days=days))


def date_of(name: str, day: str, month: str, year: str) -> Data:
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


PATIENT: dict[str, Post] = {
    "patients:details": Post(
        "newcomer",
        lambda s: {"born_on_0": "14", "born_on_1": "3", "born_on_2": "1996", "born_on_day": "14", "born_on_month": "3",
                   "born_on_year": "1996", "sex": "female", "phone": "", "time_zone": "UTC"},
    ),
    "patients:ask": Post("alice", lambda s: ask_form(**{"medicine-0-medicine": "Aspirin"})),
    # What was answered is kept beside the sign-in until the question is sent.
    "patients:ask_about": Post("alice", lambda s: {"complaint": "twitching"}, writes=False),
    "patients:ask_safety": Post("alice", lambda s: screen("twitching"), writes=False),
    "patients:diary_day": Post(
        "alice",
        lambda s: {"case": s.case.ref, "symptom": "2", "worry": "1", "sleep": "0", "note": "Worse in the evening"},
        lambda s: {"day": str(timezone.localdate())},
    ),
    "patients:say": Post("alice", lambda s: {"body": "It is better."}, of_case),
    "patients:report_medicine": Post("alice", lambda s: {"medicine": "ibuprofen"}),
    "patients:confirm_followup": Post("alice", at=lambda s: {"pk": s.followup.pk}),
    "patients:change_followup": Post("alice", lambda s: {"note": "Friday"}, lambda s: {"pk": s.followup.pk}),
    "patients:book_time": Post(
        "alice", lambda s: {"time": s.other_time}, lambda s: {"pk": s.second_bookable.pk}
    ),
    "patients:give_back_time": Post("alice", at=lambda s: {"pk": s.booked.pk}),
    "patients:wait": Post("alice", at=lambda s: {"pk": s.booked.pk}),
    # Nobody waits in the scene: as when it is pressed twice.
    "patients:stop_waiting": Post("alice", at=lambda s: {"pk": s.booked.pk}, writes=False),
    "patients:make_calendar": Post("bob"),
    "patients:end_calendar": Post("alice", at=lambda s: {"pk": s.calendar.pk}),
    "patients:answer_consent": Post(
        "alice", lambda s: {"answer": "yes", "shown": s.consent.digest}, lambda s: {"pk": s.consent.pk}
    ),
    "patients:withdraw_consent": Post("alice", at=lambda s: {"pk": s.agreed.pk}),
    "patients:decline_followup": Post("alice", lambda s: {"meant": "1"}, lambda s: {"pk": s.followup.pk}),
    "patients:answer": Post("visitor", at=an_answer),
    "patients:open_notification": Post("alice", at=lambda s: {"pk": s.notification.pk}),
    "patients:settings": Post(
        "alice", lambda s: {"name": "Alice A. Ash", "phone": "", "time_zone": "UTC", "allergies_known": "none"}
    ),
    "patients:contact": Post(
        "alice", lambda s: {"first": "email", "second": "", "wants_same_day": "on", "quiet_from": "20:00",
                            "quiet_until": "09:00"},
    ),
    "patients:add_number": Post("alice", lambda s: {"number": "+49 151 87654321"}),
    "patients:confirm_number": Post(
        "alice", lambda s: {"code": s.code}, lambda s: {"pk": s.number.pk}
    ),
    # Of the same moment: where the clock stands still, it is the same code again.
    "patients:send_code": Post("alice", at=lambda s: {"pk": s.number.pk}, writes=False),
    "patients:add_browser": Post(
        "alice", lambda s: {"address": "https://push.example.org/v1/a", "p256dh": "B" * 87, "auth": "a" * 22}
    ),
    "patients:remove_contact": Post("alice", at=lambda s: {"pk": s.number.pk}),
    "patients:lift_stop": Post("alice", at=lambda s: {"pk": s.stopped.pk}),
    "portal:stop": Post("visitor", at=lambda s: {"token": stopping.address(s.world.person("bob").pk).split("/")[2]}),
    "patients:invitation": Post(
        "nadia", lambda s: date_of("born_on", "3", "2", "1971"), lambda s: {"key": s.key_to(s.patient_invitation)}
    ),
    "patients:register-invited": Post(
        "visitor", at=lambda s: {"key": s.key_to(s.patient_to_stranger)}, writes=False
    ),
    "patients:access_ask": Post("alice", lambda s: {"text": "Who was that?"}, lambda s: s.visit),
    "patients:give_trust": Post(
        "alice",
        lambda s: {"name": "Tilda Teal", "email": "tilda@example.org", "relationship": "my aunt", "scopes": ["cases"],
                   "until": until(30)},
    ),
    "patients:change_trust": Post(
        "alice", lambda s: {"scopes": ["results"], "until": until(60)}, lambda s: {"pk": s.trusted.pk}
    ),
    "patients:end_trust": Post("alice", at=lambda s: {"pk": s.trusted.pk}),
    "patients:accept_trust": Post("rita", at=lambda s: {"pk": s.offered.pk}),
    "patients:step_back": Post("theo", at=lambda s: {"pk": s.trusted.pk}),
    # Whose record is shown stands in the session.
    "patients:look_at": Post("theo", at=lambda s: {"pk": s.trusted.pk}, writes=False),
    "patients:look_back": Post("theo", writes=False),
}  # fmt: skip

# Who runs the clinic, and who watches over it.
OFFICE: dict[str, Post] = {
    "portal:invite": Post(
        "ada",
        lambda s: {"name": "Ivo Inn", "email": "ivo@example.org", "role": "clinician",
                   "department": str(s.world.neurology.pk)},
    ),
    "portal:resend-invitation": Post("ada", at=lambda s: {"pk": s.invitation.pk}),
    "portal:revoke-invitation": Post("ada", at=lambda s: {"pk": s.invitation.pk}),
    "portal:accept-invitation": Post("alice", at=lambda s: {"key": s.key_to(s.invitation)}),
    "portal:register-invited": Post("visitor", at=lambda s: {"key": s.key_to(s.to_stranger)}, writes=False),
    "portal:appoint": Post(
        "ada", lambda s: {"role": "triage", "department": ""}, lambda s: {"pk": s.world.eddie.pk}
    ),
    "portal:disable": Post("ada", at=lambda s: {"pk": s.world.eddie.pk}),
    "portal:enable": Post("ada", at=lambda s: {"pk": s.closed.pk}),
    "portal:reset_second_factor": Post("ada", at=lambda s: {"pk": s.with_app.pk}),
    "portal:dismiss": Post("ada", at=lambda s: {"pk": s.world.eddie.memberships.get().pk}),
    "portal:hold-deliveries": Post("ada", lambda s: {"because": "a look at it"}),
    "portal:release-deliveries": Post("ada"),
    "portal:send-delivery-again": Post("ada", at=lambda s: {"pk": s.dead.pk}),
    "portal:call-delivery-sent": Post("ada", at=lambda s: {"pk": s.dead.pk}),
    "portal:let-delivery-go": Post("ada", at=lambda s: {"pk": s.dead.pk}),
    "clinicians:add-webhook": Post(
        "ada", lambda s: {"name": "Ward", "url": make.HOOK, "department": "", "kinds": ["case.opened"]}
    ),
    "clinicians:pause-webhook": Post("ada", at=lambda s: {"pk": s.webhook.pk}),
    "clinicians:resume-webhook": Post("ada", at=lambda s: {"pk": s.webhook.pk}, writes=False),
    "clinicians:renew-webhook-secret": Post("ada", at=lambda s: {"pk": s.webhook.pk}),
    "clinicians:redeliver-webhook": Post("ada", at=lambda s: {"pk": s.told.pk}),
    "clinicians:emergency-review": Post(
        "percy", lambda s: {"note": "Asked Karl; it was needed."}, lambda s: {"pk": s.glass.pk}
    ),
    "patients:answer_access_question": Post(
        "percy", lambda s: {"text": "The clinic's own system."}, lambda s: {"pk": s.question.pk}
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

SIGN_IN: dict[str, Post] = {
    "account_request_login_code": Post("visitor", lambda s: {"email": s.newcomer.email}, writes=False),
    "mfa_deactivate_totp": Post("with_app"),
    "mfa_generate_recovery_codes": Post("with_app"),
    "mfa_edit_webauthn": Post("with_passkey", lambda s: {"name": "Another key"}, lambda s: {"pk": s.passkey.pk}),
    "mfa_remove_webauthn": Post("with_passkey", at=lambda s: {"pk": s.passkey.pk}),
    "portal:end_session": Post("newcomer", at=lambda s: {"id": s.elsewhere.pk}),
    "portal:end_other_sessions": Post("newcomer"),
    "portal:api_tokens": Post("nadia", lambda s: {"name": "Ward screen", "scope": "write", "days": "30"}),
    "portal:revoke_api_token": Post("nadia", at=lambda s: {"pk": s.token.pk}),
    "portal:discard_draft": Post("alice", at=lambda s: {"id": s.kept.pk}),
}

# Each is posted, and turned away: what would be taken can't be made by a table. tests/portal/test_second_factor.py and
# tests/portal/test_sign_in.py go on from there with a code, tests/browser with a passkey.
WRONG_CODE = "a code is good once, and counts with the clock"
NO_DEVICE = "what counts is signed by a device over the challenge of this very page"
TURNED_AWAY: dict[str, tuple[str, Post]] = {
    "account_confirm_login_code": (
        "the code stands in the session of who asked for it",
        Post("visitor", lambda s: {"code": "000000"}, writes=False),
    ),
    "mfa_authenticate": (
        "the password comes first, in the same session",
        Post("visitor", lambda s: {"code": "000000"}, writes=False),
    ),
    "mfa_activate_totp": (WRONG_CODE, Post("newcomer", lambda s: {"code": "000000"}, writes=False)),
    "mfa_reauthenticate": (WRONG_CODE, Post("with_app", lambda s: {"code": "000000"}, writes=False)),
    "mfa_login_webauthn": (NO_DEVICE, Post("visitor", lambda s: {"credential": "{}"}, writes=False)),
    "mfa_reauthenticate_webauthn": (NO_DEVICE, Post("with_app", lambda s: {"credential": "{}"}, writes=False)),
    "mfa_add_webauthn": (NO_DEVICE, Post("newcomer", lambda s: {"credential": "{}", "name": ""}, writes=False)),
}

POSTS: dict[str, list[Post]] = {
    **{f"clinicians:{mount}{name}": [post] for name, post in DESK.items() for mount in ("", "api-")},
    **{name: [post] for name, post in (PATIENT | ACCOUNT | OFFICE | SIGN_IN).items()},
    **{name: [post] for name, (_why, post) in TURNED_AWAY.items()},
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
