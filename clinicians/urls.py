"""Every endpoint of the desk, mounted twice: its page, and the same under /api/v1/ for programs."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from rest_framework.renderers import JSONRenderer

from clinicians.api import (
    appointments,
    calls,
    cases,
    claims,
    emergencies,
    enrolment,
    figures,
    followups,
    handovers,
    links,
    on_call,
    patients,
    peek,
    prescriptions,
    publishing,
    queue,
    red_flags,
    replies,
    results,
    root,
    saved_replies,
    saved_views,
    schedules,
    schema_file,
    snoozes,
)
from clinicians.api.desk import JSON_FIRST, Desk
from clinicians.views import api_docs, webhooks
from clinicians.views import emergencies as watch
from clinicians.views import figures as figures_table

app_name = "clinicians"

ENDPOINTS: tuple[tuple[str, type[Desk], str], ...] = (
    ("clinic/", queue.QueuePage, "worklist"),
    ("clinic/emergency/", emergencies.Emergency, "emergency"),
    ("clinic/enrol/", enrolment.Enrol, "enrol"),
    ("clinic/enrol/<uuid:pk>/", enrolment.Enrolled, "enrolled"),
    ("clinic/enrol/<uuid:pk>/invite/", enrolment.InvitePatient, "invite-patient"),
    ("clinic/invitations/<uuid:pk>/resend/", enrolment.ResendInvitation, "resend-invitation"),
    ("clinic/invitations/<uuid:pk>/revoke/", enrolment.RevokeInvitation, "revoke-invitation"),
    ("clinic/views/", saved_views.SavedViews, "views"),
    ("clinic/views/<uuid:pk>/let-go/", saved_views.LetGo, "let-go-view"),
    ("clinic/on-call/", on_call.OnCallPage, "on-call"),
    ("clinic/on-call/<uuid:pk>/end/", on_call.EndOnCall, "end-on-call"),
    ("clinic/calls/", calls.CallsPage, "calls"),
    ("clinic/calls/<uuid:pk>/record/", calls.RecordCall, "record-call"),
    ("clinic/times/", schedules.ClinicTimes, "clinic-times"),
    ("clinic/times/<uuid:pk>/end/", schedules.EndTimes, "end-clinic-times"),
    ("clinic/times/leave/", schedules.ClinicLeave, "clinic-leave"),
    ("clinic/times/leave/<uuid:pk>/withdraw/", schedules.WithdrawLeave, "withdraw-leave"),
    ("clinic/today/", appointments.Today, "today"),
    ("clinic/today/<uuid:pk>/came/", appointments.Came, "came"),
    ("clinic/today/<uuid:pk>/did-not-come/", appointments.DidNotCome, "did-not-come"),
    ("clinic/saved-replies/", saved_replies.SavedReplies, "saved-replies"),
    ("clinic/saved-replies/<uuid:pk>/", saved_replies.SavedReplyPage, "saved-reply"),
    ("clinic/saved-replies/<uuid:pk>/share/", saved_replies.ShareSavedReply, "share-saved-reply"),
    ("clinic/saved-replies/<uuid:pk>/unshare/", saved_replies.UnshareSavedReply, "unshare-saved-reply"),
    ("clinic/saved-replies/<uuid:pk>/retire/", saved_replies.RetireSavedReply, "retire-saved-reply"),
    ("clinic/figures/", figures.FiguresPage, "figures"),
    ("clinic/<slug:queue>/", queue.QueuePage, "queue"),
    ("patients/", patients.Search, "search"),
    ("cases/<str:ref>/", cases.CasePage, "case"),
    ("cases/<str:ref>/peek/", peek.Peek, "peek"),
    ("cases/<str:ref>/triage/", cases.Triage, "triage"),
    ("cases/<str:ref>/assign/", cases.Assign, "assign"),
    ("cases/<str:ref>/reply/", replies.Reply, "reply"),
    ("cases/<str:ref>/reply/draft/", replies.SaveDraft, "save-draft"),
    ("cases/<str:ref>/reply/draft/discard/", replies.DiscardDraft, "discard-draft"),
    ("cases/<str:ref>/reply/compose/", replies.Compose, "compose"),
    ("cases/<str:ref>/reply/preview/", replies.Preview, "preview"),
    ("cases/<str:ref>/reply/undo/", replies.UndoReply, "undo-reply"),
    ("cases/<str:ref>/close/", cases.Close, "close"),
    ("cases/<str:ref>/claim/", claims.ClaimCase, "claim"),
    ("cases/<str:ref>/let-go/", claims.LetGo, "let-go"),
    ("cases/<str:ref>/take-over/", claims.TakeOver, "take-over"),
    ("cases/<str:ref>/hand-over/", handovers.HandOver, "hand-over"),
    ("cases/<str:ref>/refer/", handovers.Refer, "refer"),
    ("cases/<str:ref>/snooze/", snoozes.SnoozeCase, "snooze"),
    ("cases/<str:ref>/wake/", snoozes.Wake, "wake"),
    ("cases/<str:ref>/link/", links.Link, "link"),
    ("cases/<str:ref>/unlink/", links.Unlink, "unlink"),
    ("cases/<str:ref>/merge/", links.Merge, "merge"),
    ("cases/<str:ref>/results/record/", results.Record, "record"),
    ("red-flags/<uuid:pk>/review/", red_flags.ReviewRedFlag, "review-red-flag"),
    ("results/<uuid:pk>/release/", results.Release, "release"),
    ("cases/<str:ref>/medicines/prescribe/", prescriptions.Prescribe, "prescribe"),
    ("medicines/<uuid:pk>/stop/", prescriptions.Stop, "stop"),
    ("medicines/<uuid:pk>/hold/", prescriptions.Hold, "hold"),
    ("medicines/<uuid:pk>/resume/", prescriptions.Resume, "resume"),
    ("cases/<str:ref>/follow-ups/plan/", followups.Plan, "plan"),
    ("follow-ups/<uuid:pk>/move/", followups.MoveFollowUp, "move-followup"),
    ("follow-ups/<uuid:pk>/miss/", followups.MissFollowUp, "miss-followup"),
    ("follow-ups/<uuid:pk>/times/", appointments.FollowUpTimes, "followup-times"),
    ("follow-ups/<uuid:pk>/times/call-off/", appointments.CallOff, "call-off"),
    ("follow-ups/<uuid:pk>/close/", followups.CloseFollowUp, "close-followup"),
    ("cases/<str:ref>/publish/", publishing.PublishPage, "publish"),
    ("cases/<str:ref>/publish/suggest/", publishing.Suggest, "suggest"),
    ("consents/<uuid:pk>/ask-again/", publishing.AskAgain, "ask-again"),
)
# Under /api/v1/ alone: the pages of follow-ups are those of their cases, and the work list.
FOR_PROGRAMS: tuple[tuple[str, type[Desk], str], ...] = (
    ("follow-ups/", followups.FollowUps, "followups"),
    ("follow-ups/<uuid:pk>/", followups.OneFollowUp, "followup"),
)


def for_programs(endpoint: type[Desk]) -> Any:
    return endpoint.as_view(renderer_classes=JSON_FIRST, http_method_names=list(endpoint.api_methods))


def alone(address: str, endpoint: type[Desk], name: str) -> URLPattern:
    view = endpoint.as_view(renderer_classes=(JSONRenderer,), http_method_names=["get", "head"])
    return path(f"api/v1/{address}", require_safe(view), name=f"api-{name}")


def both(address: str, endpoint: type[Desk], name: str) -> list[URLPattern]:
    return [
        path(address, endpoint.as_view(), name=name),
        path(f"api/v1/{address}", for_programs(endpoint), name=f"api-{name}"),
    ]


urlpatterns: list[URLPattern] = [
    path("api/v1/", for_programs(root.Root), name="api-root"),
    path("api/v1/schema/", require_safe(schema_file.SchemaFile.as_view()), name="openapi"),
    path("api/v1/docs/", api_docs.described, name="programs"),
    path("api/v1/docs/problems/", api_docs.explained, name="problems"),
    path("clinic/figures.csv", figures_table.download, name="figures-csv"),
    path("manage/webhooks/", webhooks.listed, name="webhooks"),
    path("manage/webhooks/add/", webhooks.add, name="add-webhook"),
    path("manage/webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("manage/webhooks/<uuid:pk>/pause/", webhooks.pause, name="pause-webhook"),
    path("manage/webhooks/<uuid:pk>/resume/", webhooks.resume, name="resume-webhook"),
    path("manage/webhooks/<uuid:pk>/secret/", webhooks.renew_secret, name="renew-webhook-secret"),
    path("manage/webhooks/deliveries/<uuid:pk>/again/", webhooks.redeliver, name="redeliver-webhook"),
    path("manage/emergencies/", watch.list_emergencies, name="emergencies"),
    path("manage/emergencies/<uuid:pk>/", watch.emergency, name="emergency-review"),
    *(mounted for endpoint in ENDPOINTS for mounted in both(*endpoint)),
    *(alone(*endpoint) for endpoint in FOR_PROGRAMS),
]
