from django.urls import path

from patients.views import (
    access_log,
    asking,
    attachments,
    cases,
    consents,
    followups,
    messages,
    notifications,
    patients,
    prescriptions,
    results,
)

app_name = "patients"
urlpatterns = [
    path("register/details/", patients.details, name="details"),
    path("ask/", asking.ask, name="ask"),
    path("ask/sent/<str:ref>/", asking.sent, name="sent"),
    path("my/", cases.home, name="home"),
    path("my/cases/<str:ref>/", cases.case, name="case"),
    path("my/cases/<str:ref>/say", cases.say, name="say"),
    path("my/messages/", messages.list_messages, name="messages"),
    path("my/results/", results.list_results, name="results"),
    path("my/results/<uuid:pk>/", results.result, name="result"),
    path("my/medicines/", prescriptions.medicines, name="medicines"),
    path("my/medicines/report/", prescriptions.report_medicine, name="report_medicine"),
    path("my/follow-ups/", followups.list_followups, name="followups"),
    path("my/follow-ups/<uuid:pk>/", followups.followup, name="followup"),
    path("my/follow-ups/<uuid:pk>/confirm/", followups.confirm, name="confirm_followup"),
    path("my/follow-ups/<uuid:pk>/change/", followups.change, name="change_followup"),
    path("my/consents/", consents.list_consents, name="consents"),
    path("my/consents/<uuid:pk>/", consents.consent, name="consent"),
    path("my/consents/<uuid:pk>/answer/", consents.answer, name="answer_consent"),
    path("my/consents/<uuid:pk>/withdraw/", consents.withdraw, name="withdraw_consent"),
    path("my/notifications/<uuid:pk>/", notifications.notification, name="notification"),
    path("my/notifications/<uuid:pk>/open", notifications.open_notification, name="open_notification"),
    path("my/files/<uuid:pk>/", attachments.file, name="file"),
    path("my/access-log/", access_log.access_log, name="access_log"),
    path("my/settings/", patients.my_settings, name="settings"),
]
