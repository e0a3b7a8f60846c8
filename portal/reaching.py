"""The part of the settings that says how people are told, besides the mail server: read from the environment too."""

from __future__ import annotations

from typing import Any

from portal.setting_readers import (
    MAIL_PROVIDERS,
    MISSING,
    a_positive,
    a_region,
    a_secret,
    a_url,
    a_vapid_key,
    a_word,
    env,
    setting,
)

# Named in reminders: the cost of one missed visit, in words ("about 120 euros"). A sum works, a general line does not.
MISSED_VISIT_COST = setting("MISSED_VISIT_COST", env.str, "what a missed visit costs, in words", default="")
# Where it is asked whether a mail went: the log of the mail server, or an address that knows (200 or 404).
MAIL_LOOKUP = setting("MAIL_LOOKUP", env.str, "a mail log file, or an address with {message_id} in it", default="")
# Each sender has so many connections to the mail server open at once, when it has as many mails to send.
MAIL_LINES = setting("MAIL_LINES", a_positive, "connections of one sender to the mail server", default=4)
# Something due for so long, or no sweep for so long: /health/ says that deliveries do not go.
DELIVERY_LATE_MINUTES = setting("DELIVERY_LATE_MINUTES", a_positive, "minutes a delivery may be late", default=10)
# Called (GET) each minute while deliveries go: who watches from outside raises the alarm when the calls stop.
DEAD_MAN_URL = setting("DEAD_MAN_URL", a_url("http", "https"), "the address of a monitor outside", default="")
# A provider of mail by the name that django-anymail has for it, in the place of SMTP; its keys are the variables whose
# names begin with ANYMAIL_, like ANYMAIL_MAILGUN_API_KEY.
MAIL_PROVIDER = setting("MAIL_PROVIDER", a_word(*MAIL_PROVIDERS), "one of " + ", ".join(MAIL_PROVIDERS), default="")
ANYMAIL: dict[str, Any] = {
    name.removeprefix("ANYMAIL_"): env.str(name)
    for name in env.ENVIRON
    if name.startswith("ANYMAIL_") and env.str(name)
}
# Text messages: "bulksms", or "webhook" for a program of the clinic's own. Empty: none are sent.
SMS_PROVIDER = setting("SMS_PROVIDER", a_word("bulksms", "webhook"), "bulksms or webhook", default="")
SMS_URL: str = setting(
    "SMS_URL", a_url("http", "https"), "the gateway's address", default=MISSING if SMS_PROVIDER == "webhook" else ""
)
SMS_USER = setting("SMS_USER", env.str, "the name of the token at the gateway", default="")
SMS_SECRET = setting("SMS_SECRET", env.str, "the secret of the gateway", default=MISSING if SMS_PROVIDER else "")
SMS_FROM = setting("SMS_FROM", env.str, "the number that text messages come from", default="")
# Numbers without a country's prefix are read as of here.
SMS_REGION = setting("SMS_REGION", a_region, "a country of ISO 3166, like DE", default="")
# Notices on a device: the key that signs them (`vapid --gen`, base64url). None: they are not offered.
VAPID_PRIVATE_KEY = setting("VAPID_PRIVATE_KEY", a_vapid_key, "a P-256 private key in base64url", default="")
# Who reports bounces, complaints and STOP to us signs with this. None: nobody can.
HOOK_SECRET = setting("HOOK_SECRET", a_secret, "a random string of at least 32 characters", default="")
