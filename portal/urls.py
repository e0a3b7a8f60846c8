"""Every address, by strings only: the ground does not import what stands on it."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes.views import generate_recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from portal.entrance import AddPasskey, RecoveryCodes, RemovePasskey, SetUpApp, counted, fresh
from portal.views import (
    api_tokens,
    audit,
    audit_download,
    deliveries,
    drafts,
    health,
    home,
    hooks,
    invitations,
    inviting,
    mailbox,
    notices,
    people,
    security_txt,
    sessions,
    stopping,
    styleguide,
)

# Of allauth's routes only those in use, in words of ours. `counted`: closed while attempts can't be counted.
sign_in = [
    path("sign-in/", counted(account.login), name="account_login"),
    path("sign-in/code/", counted(account.request_login_code), name="account_request_login_code"),
    path("sign-in/code/enter/", counted(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/passkey/", counted(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/second-step/", counted(mfa.authenticate), name="mfa_authenticate"),
    path("account/sign-in-again/", counted(account.reauthenticate), name="account_reauthenticate"),
    path("account/sign-in-again/code/", counted(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/sign-in-again/passkey/",
        counted(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/second-step/", mfa.index, name="mfa_index"),
    path("account/second-step/app/", fresh(counted(SetUpApp.as_view())), name="mfa_activate_totp"),
    path("account/second-step/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/second-step/codes/", RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/second-step/codes/new/", generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/passkeys/", require_safe(RedirectView.as_view(pattern_name="mfa_index")), name="mfa_list_webauthn"),
    path("account/passkeys/add/", fresh(counted(AddPasskey.as_view())), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]

accounts = [
    path("sign-out/", account.logout, name="account_logout"),
    path("register/", counted(account.signup), name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/email/", account.email, name="account_email"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("register/confirm/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^register/confirm/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("recover/", counted(account.password_reset), name="account_reset_password"),
    path("recover/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^recover/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        counted(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("recover/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]

ground = [
    path("health/", health.health, name="health"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path("notices.js", notices.worker, name="notices"),
    path("stop/<str:token>/", stopping.stop, name="stop"),
    path("hooks/mail/", hooks.mail, name="hook-mail"),
    path("hooks/mail/<str:provider>/", hooks.mail_provider, name="hook-mail-provider"),
    path("hooks/sms/", hooks.sms, name="hook-sms"),
    path("hooks/sms/bulksms/", hooks.bulksms, name="hook-bulksms"),
    path("start/", home.landing, name="landing"),
    path("account/sessions/", sessions.listed, name="sessions"),
    path("account/sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("account/sessions/<int:id>/end/", sessions.end, name="end_session"),
    path("account/tokens/", fresh(api_tokens.listed), name="api_tokens"),
    path("account/tokens/<uuid:pk>/revoke/", api_tokens.revoke, name="revoke_api_token"),
    path("account/kept/", drafts.waiting, name="drafts"),
    path("account/kept/<uuid:id>/discard/", drafts.discard, name="discard_draft"),
    path("manage/mailbox/", mailbox.letters, name="mailbox"),
    path("manage/mailbox/<str:id>/", mailbox.letter, name="mail"),
    path("manage/deliveries/", deliveries.listed, name="deliveries"),
    path("manage/deliveries/hold/", deliveries.hold, name="hold-deliveries"),
    path("manage/deliveries/release/", deliveries.release, name="release-deliveries"),
    path("manage/deliveries/<uuid:pk>/again/", deliveries.send_again, name="send-delivery-again"),
    path("manage/deliveries/<uuid:pk>/sent/", deliveries.call_sent, name="call-delivery-sent"),
    path("manage/deliveries/<uuid:pk>/let-go/", deliveries.let_go, name="let-delivery-go"),
    path("manage/audit/", audit.events, name="audit"),
    path("manage/people/", people.accounts, name="people"),
    path("manage/people/invite/", inviting.invite, name="invite"),
    path("manage/people/<uuid:pk>/", people.account, name="person"),
    path("manage/people/<uuid:pk>/appoint/", people.appoint, name="appoint"),
    path("manage/people/<uuid:pk>/disable/", people.disable, name="disable"),
    path("manage/people/<uuid:pk>/second-step/reset/", people.reset_second_factor, name="reset_second_factor"),
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
    *sign_in,
    *accounts,
    path("", include("patients.urls")),
    path("", include("clinicians.urls")),
    path("", include("faq.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.broken"
