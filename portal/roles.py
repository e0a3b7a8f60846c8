"""Who may do what. Permission is decided here and nowhere else: read `ROLES` first.

A permission says *what*; a membership says *where* (one department, or the whole clinic). `portal.access`
joins the two for Python, `portal.walls` for the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """NOUN_VERB. `*_READ` is what `visible_to` asks for when nothing else is named."""

    PATIENT_READ = "patient.read"
    PATIENT_REGISTER = "patient.register"
    PATIENT_AMEND = "patient.amend"
    PATIENT_ENROL = "patient.enrol"
    ENROLMENT_READ = "enrolment.read"
    CASE_READ = "case.read"
    CASE_OPEN = "case.open"
    CASE_TRIAGE = "case.triage"
    CASE_ASSIGN = "case.assign"
    CASE_REPLY = "case.reply"
    CASE_CLOSE = "case.close"
    # What staff keep among themselves about a case: who answers it, whose it was, until when it rests.
    DESK_READ = "desk.read"
    CASE_ESCALATE = "case.escalate"
    FIGURES_READ = "figures.read"
    MESSAGE_SEND = "message.send"
    ATTACHMENT_ADD = "attachment.add"
    ATTACHMENT_SCAN = "attachment.scan"
    ATTACHMENT_SWEEP = "attachment.sweep"
    RESULT_READ = "result.read"
    RESULT_RECORD = "result.record"
    RESULT_RELEASE = "result.release"
    PRESCRIPTION_READ = "prescription.read"
    PRESCRIPTION_REPORT = "prescription.report"
    PRESCRIPTION_PRESCRIBE = "prescription.prescribe"
    PRESCRIPTION_STOP = "prescription.stop"
    FOLLOWUP_READ = "followup.read"
    FOLLOWUP_PLAN = "followup.plan"
    FOLLOWUP_CONFIRM = "followup.confirm"
    FOLLOWUP_DECLINE = "followup.decline"
    FOLLOWUP_CLOSE = "followup.close"
    FOLLOWUP_LAPSE = "followup.lapse"
    FOLLOWUP_CALL = "followup.call"
    SCHEDULE_KEEP = "schedule.keep"
    APPOINTMENT_BOOK = "appointment.book"
    APPOINTMENT_OFFER = "appointment.offer"
    REMINDER_CHECK = "reminder.check"
    CONSENT_READ = "consent.read"
    CONSENT_ASK = "consent.ask"
    CONSENT_ANSWER = "consent.answer"
    NOTIFICATION_READ = "notification.read"
    DELIVERY_SEND = "delivery.send"
    DELIVERY_READ = "delivery.read"
    DELIVERY_RESOLVE = "delivery.resolve"
    OUTBOX_HOLD = "outbox.hold"
    CONTACT_READ = "contact.read"
    CONTACT_KEEP = "contact.keep"
    CONTACT_SUPPRESS = "contact.suppress"
    FEED_READ = "feed.read"
    FEED_KEEP = "feed.keep"
    LIBRARY_READ = "library.read"
    LIBRARY_RATE = "library.rate"
    LIBRARY_SUGGEST = "library.suggest"
    LIBRARY_EDIT = "library.edit"
    LIBRARY_APPROVE = "library.approve"
    LIBRARY_PUBLISH = "library.publish"
    LIBRARY_IMPORT = "library.import"
    DEPARTMENT_READ = "department.read"
    DEPARTMENT_MANAGE = "department.manage"
    ACCOUNT_OPEN = "account.open"
    ACCOUNT_DISABLE = "account.disable"
    ACCOUNT_SIGN_IN = "account.sign_in"
    AUTHENTICATOR_GIVE = "authenticator.give"
    AUTHENTICATOR_RESET = "authenticator.reset"
    DRAFT_KEEP = "draft.keep"
    DRAFT_DISCARD = "draft.discard"
    DRAFT_EXPIRE = "draft.expire"
    ANSWER_KEEP = "answer.keep"
    ANSWER_EXPIRE = "answer.expire"
    SESSION_END = "session.end"
    VIEW_KEEP = "view.keep"
    TOKEN_READ = "token.read"
    TOKEN_MAKE = "token.make"
    TOKEN_REVOKE = "token.revoke"
    INVITATION_READ = "invitation.read"
    INVITATION_SEND = "invitation.send"
    INVITATION_ACCEPT = "invitation.accept"
    MEMBERSHIP_GRANT = "membership.grant"
    MEMBERSHIP_END = "membership.end"
    AUDIT_READ = "audit.read"
    ACCESS_QUESTION_READ = "access_question.read"
    ACCESS_QUESTION_ASK = "access_question.ask"
    ACCESS_QUESTION_ANSWER = "access_question.answer"
    MAILBOX_READ = "mailbox.read"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_MANAGE = "webhook.manage"
    WEBHOOK_SEND = "webhook.send"
    TRUST_READ = "trust.read"
    TRUST_GIVE = "trust.give"
    TRUST_ANSWER = "trust.answer"
    GLASS_READ = "glass.read"
    GLASS_BREAK = "glass.break"
    GLASS_REVIEW = "glass.review"
    DIARY_WRITE = "diary.write"
    REDFLAG_REVIEW = "red_flag.review"
    ONCALL_READ = "on_call.read"
    ONCALL_SET = "on_call.set"


P = Permission


class Role(StrEnum):
    """What a membership makes of a person. PATIENT needs no membership: all who sign in have it."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    TRIAGE = "triage"
    COORDINATOR = "coordinator"
    CURATOR = "curator"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return str(ROLE_LABELS[self])


ROLE_LABELS = {
    Role.PATIENT: _("Patient"),
    Role.CLINICIAN: _("Clinician"),
    Role.TRIAGE: _("Triage"),
    Role.COORDINATOR: _("Coordinator"),
    Role.CURATOR: _("Curator"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
    Role.ADMINISTRATOR: _("Administrator"),
}

# What anyone may, signed in or not.
PUBLIC = frozenset({P.LIBRARY_READ, P.LIBRARY_RATE, P.DEPARTMENT_READ})

# Who works at the desk may let a program work for them there.
TOKENS = frozenset({P.TOKEN_READ, P.TOKEN_MAKE, P.TOKEN_REVOKE})

ROLES: dict[Role, frozenset[Permission]] = {
    # A patient reaches one record: their own.
    Role.PATIENT: frozenset(
        {
            P.PATIENT_READ,
            P.PATIENT_REGISTER,
            P.PATIENT_AMEND,
            P.CASE_READ,
            P.CASE_OPEN,
            P.MESSAGE_SEND,
            P.ATTACHMENT_ADD,
            P.RESULT_READ,
            P.PRESCRIPTION_READ,
            P.PRESCRIPTION_REPORT,
            P.FOLLOWUP_READ,
            P.FOLLOWUP_CONFIRM,
            P.FOLLOWUP_DECLINE,
            P.APPOINTMENT_BOOK,
            P.CONSENT_READ,
            P.CONSENT_ANSWER,
            P.NOTIFICATION_READ,
            P.CONTACT_READ,
            P.CONTACT_KEEP,
            P.FEED_READ,
            P.FEED_KEEP,
            P.INVITATION_ACCEPT,
            P.ACCOUNT_SIGN_IN,
            P.SESSION_END,
            P.DRAFT_KEEP,
            P.DRAFT_DISCARD,
            P.VIEW_KEEP,
            P.ANSWER_KEEP,
            P.ACCESS_QUESTION_READ,
            P.ACCESS_QUESTION_ASK,
            P.TRUST_READ,
            P.TRUST_GIVE,
            P.TRUST_ANSWER,
            P.GLASS_READ,
            P.DIARY_WRITE,
        }
    ),
    # A clinician reaches the cases of their departments, and the patients in them.
    Role.CLINICIAN: TOKENS
    | frozenset(
        {
            P.PATIENT_READ,
            P.PATIENT_ENROL,
            P.ENROLMENT_READ,
            P.CASE_READ,
            P.DESK_READ,
            P.CASE_TRIAGE,
            P.CASE_ASSIGN,
            P.CASE_REPLY,
            P.CASE_CLOSE,
            P.FIGURES_READ,
            P.ATTACHMENT_ADD,
            P.RESULT_READ,
            P.RESULT_RECORD,
            P.RESULT_RELEASE,
            P.PRESCRIPTION_READ,
            P.PRESCRIPTION_PRESCRIBE,
            P.PRESCRIPTION_STOP,
            P.FOLLOWUP_READ,
            P.FOLLOWUP_PLAN,
            P.FOLLOWUP_CLOSE,
            P.FOLLOWUP_CALL,
            P.APPOINTMENT_BOOK,
            P.SCHEDULE_KEEP,
            P.CONSENT_READ,
            P.CONSENT_ASK,
            P.LIBRARY_SUGGEST,
            P.LIBRARY_APPROVE,
            P.GLASS_BREAK,
            P.REDFLAG_REVIEW,
            P.ONCALL_READ,
            P.ONCALL_SET,
        }
    ),
    # Triage reads a new case, sets its urgency and department, and hands it to somebody.
    Role.TRIAGE: TOKENS
    | frozenset(
        {
            P.PATIENT_READ,
            P.PATIENT_ENROL,
            P.ENROLMENT_READ,
            P.CASE_READ,
            P.DESK_READ,
            P.CASE_TRIAGE,
            P.CASE_ASSIGN,
            P.PRESCRIPTION_READ,
            P.GLASS_BREAK,
        }
    ),
    # A coordinator keeps follow-ups: who is late, who was reached, a new date. No results, no medicines.
    Role.COORDINATOR: TOKENS
    | frozenset(
        {
            P.PATIENT_READ,
            P.PATIENT_ENROL,
            P.ENROLMENT_READ,
            P.CASE_READ,
            P.DESK_READ,
            P.FIGURES_READ,
            P.FOLLOWUP_READ,
            P.FOLLOWUP_PLAN,
            P.FOLLOWUP_CLOSE,
            P.FOLLOWUP_CALL,
            P.APPOINTMENT_BOOK,
            P.SCHEDULE_KEEP,
            P.ONCALL_READ,
            P.ONCALL_SET,
        }
    ),
    # A curator writes the library. No clinical sight: what comes from a case comes de-identified.
    Role.CURATOR: frozenset({P.LIBRARY_EDIT, P.LIBRARY_APPROVE, P.LIBRARY_PUBLISH, P.LIBRARY_IMPORT}),
    # The privacy officer reads who looked at what, not what they saw.
    Role.PRIVACY_OFFICER: frozenset(
        {P.AUDIT_READ, P.GLASS_READ, P.GLASS_REVIEW, P.ACCESS_QUESTION_READ, P.ACCESS_QUESTION_ANSWER}
    ),
    # An administrator runs the clinic's accounts and settings. No clinical sight.
    Role.ADMINISTRATOR: frozenset(
        {
            P.ACCOUNT_OPEN,
            P.ACCOUNT_DISABLE,
            P.AUTHENTICATOR_RESET,
            P.MEMBERSHIP_GRANT,
            P.MEMBERSHIP_END,
            P.INVITATION_READ,
            P.INVITATION_SEND,
            P.DEPARTMENT_MANAGE,
            P.AUDIT_READ,
            P.MAILBOX_READ,
            P.DELIVERY_READ,
            P.DELIVERY_RESOLVE,
            P.OUTBOX_HOLD,
            P.WEBHOOK_READ,
            P.WEBHOOK_MANAGE,
        }
    ),
}


class Scope(StrEnum):
    """What a patient may let somebody they trust see or do, one by one."""

    CASES = "cases"
    RESULTS = "results"
    MEDICINES = "medicines"
    FOLLOWUPS = "followups"
    WRITING = "writing"


SCOPE_LABELS = {
    Scope.CASES: _("My cases: questions, messages, files"),
    Scope.RESULTS: _("My results, once they are released"),
    Scope.MEDICINES: _("My medicines"),
    Scope.FOLLOWUPS: _("My follow-ups, and to confirm or move them for me"),
    Scope.WRITING: _("To write to the clinic for me"),
}

# Whoever is trusted with anything sees whose record it is. Consents, settings and the trust itself stay the patient's.
TRUST: dict[Scope, frozenset[Permission]] = {
    Scope.CASES: frozenset({P.PATIENT_READ, P.CASE_READ}),
    Scope.RESULTS: frozenset({P.PATIENT_READ, P.RESULT_READ}),
    Scope.MEDICINES: frozenset({P.PATIENT_READ, P.PRESCRIPTION_READ}),
    Scope.FOLLOWUPS: frozenset({P.PATIENT_READ, P.FOLLOWUP_READ, P.FOLLOWUP_CONFIRM, P.APPOINTMENT_BOOK}),
    Scope.WRITING: frozenset({P.PATIENT_READ, P.CASE_READ, P.MESSAGE_SEND}),
}

# What breaking the glass opens, for its sixty minutes: reading, and nothing else.
EMERGENCY = frozenset({P.PATIENT_READ, P.CASE_READ, P.RESULT_READ, P.PRESCRIPTION_READ, P.FOLLOWUP_READ})


@dataclass(frozen=True, slots=True)
class Principal:
    """A named actor that is nobody's account, with a short permission list of its own."""

    name: str
    permissions: frozenset[Permission]
    reaches_everything: bool = False


# The clock and the feeds: sends what is due, imports what an operator gives it, sets the clinic up.
SYSTEM = Principal(
    "system",
    frozenset(
        {
            P.DELIVERY_SEND, P.DELIVERY_READ, P.OUTBOX_HOLD, P.CONTACT_READ, P.CONTACT_SUPPRESS, P.FEED_READ,
            P.LIBRARY_READ, P.LIBRARY_IMPORT,
            P.DEPARTMENT_READ, P.DEPARTMENT_MANAGE, P.ACCOUNT_OPEN, P.MEMBERSHIP_GRANT,
            # To open the row that the key in an invitation's link names, for whoever holds the key.
            P.INVITATION_READ, P.ENROLMENT_READ,
            P.ATTACHMENT_SCAN, P.ATTACHMENT_SWEEP, P.WEBHOOK_SEND,
            # To tell who must know of a promise that runs out.
            P.CASE_ESCALATE, P.FOLLOWUP_READ, P.FOLLOWUP_LAPSE, P.REMINDER_CHECK,
            # To tell who waits that a time is free.
            P.APPOINTMENT_OFFER,
            P.AUTHENTICATOR_GIVE, P.DRAFT_EXPIRE, P.ANSWER_EXPIRE,
            # To seal the trail.
            P.AUDIT_READ,
        }
    ),
    reaches_everything=True,
)  # fmt: skip
# Whoever is not signed in.
VISITOR = Principal("visitor", PUBLIC)
