"""Every address, by strings only: the ground does not import what stands on it."""

from allauth.account import views as account
from django.urls import include, path, re_path

from portal.views import (
    audit,
    audit_download,
    health,
    home,
    invitations,
    inviting,
    mailbox,
    people,
    security_txt,
    styleguide,
)

accounts = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("register/", account.signup, name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/sign-in-again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/email/", account.email, name="account_email"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("register/confirm/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^register/confirm/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("recover/", account.password_reset, name="account_reset_password"),
    path("recover/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^recover/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("recover/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]

ground = [
    path("health/", health.health, name="health"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path("start/", home.landing, name="landing"),
    path("manage/mailbox/", mailbox.letters, name="mailbox"),
    path("manage/mailbox/<str:id>/", mailbox.letter, name="mail"),
    path("manage/audit/", audit.events, name="audit"),
    path("manage/people/", people.accounts, name="people"),
    path("manage/people/invite/", inviting.invite, name="invite"),
    path("manage/people/<uuid:pk>/", people.account, name="person"),
    path("manage/people/<uuid:pk>/appoint/", people.appoint, name="appoint"),
    path("manage/people/<uuid:pk>/disable/", people.disable, name="disable"),
    path("manage/people/<uuid:pk>/enable/", people.enable, name="enable"),
    path("manage/roles/<uuid:pk>/end/", people.dismiss, name="dismiss"),
    path("manage/invitations/<uuid:pk>/resend/", inviting.resend, name="resend-invitation"),
    path("manage/invitations/<uuid:pk>/revoke/", inviting.revoke, name="revoke-invitation"),
    path("invite/<str:key>/", invitations.invitation, name="invitation"),
    path("invite/<str:key>/register/", invitations.register, name="register-invited"),
    path("invite/<str:key>/accept/", invitations.accept, name="accept-invitation"),
    path("manage/audit/download/", audit_download.download, name="audit_download"),
    path("manage/audit/<uuid:pk>/", audit.event, name="audit_event"),
    path("styleguide/", styleguide.page, name="styleguide"),
]

urlpatterns = [
    path("", include((ground, "portal"))),
    *accounts,
    path("", include("patients.urls")),
    path("", include("clinicians.urls")),
    path("", include("faq.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.broken"
