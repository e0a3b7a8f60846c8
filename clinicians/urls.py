"""Every endpoint of the desk, mounted twice: its page, and the same under /api/v1/ for programs."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinicians.api import (
    cases,
    emergencies,
    enrolment,
    figures,
    followups,
    patients,
    prescriptions,
    publishing,
    queue,
    results,
    root,
)
from clinicians.api.desk import JSON_FIRST, Desk
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
    ("clinic/figures/", figures.FiguresPage, "figures"),
    ("clinic/<slug:queue>/", queue.QueuePage, "queue"),
    ("patients/", patients.Search, "search"),
    ("cases/<str:ref>/", cases.CasePage, "case"),
    ("cases/<str:ref>/triage/", cases.Triage, "triage"),
    ("cases/<str:ref>/assign/", cases.Assign, "assign"),
    ("cases/<str:ref>/reply/", cases.Reply, "reply"),
    ("cases/<str:ref>/close/", cases.Close, "close"),
    ("cases/<str:ref>/results/record/", results.Record, "record"),
    ("results/<uuid:pk>/release/", results.Release, "release"),
    ("cases/<str:ref>/medicines/prescribe/", prescriptions.Prescribe, "prescribe"),
    ("medicines/<uuid:pk>/stop/", prescriptions.Stop, "stop"),
    ("medicines/<uuid:pk>/hold/", prescriptions.Hold, "hold"),
    ("medicines/<uuid:pk>/resume/", prescriptions.Resume, "resume"),
    ("cases/<str:ref>/follow-ups/plan/", followups.Plan, "plan"),
    ("follow-ups/<uuid:pk>/close/", followups.CloseFollowUp, "close-followup"),
    ("cases/<str:ref>/publish/", publishing.PublishPage, "publish"),
    ("cases/<str:ref>/publish/suggest/", publishing.Suggest, "suggest"),
    ("consents/<uuid:pk>/ask-again/", publishing.AskAgain, "ask-again"),
)


def both(address: str, endpoint: type[Desk], name: str) -> list[URLPattern]:
    return [
        path(address, endpoint.as_view(), name=name),
        path(f"api/v1/{address}", endpoint.as_view(renderer_classes=JSON_FIRST), name=f"api-{name}"),
    ]


urlpatterns: list[URLPattern] = [
    path("api/v1/", root.Root.as_view(renderer_classes=JSON_FIRST), name="api-root"),
    path("clinic/figures.csv", figures_table.download, name="figures-csv"),
    path("manage/emergencies/", watch.list_emergencies, name="emergencies"),
    path("manage/emergencies/<uuid:pk>/", watch.emergency, name="emergency-review"),
    *(mounted for endpoint in ENDPOINTS for mounted in both(*endpoint)),
]
