"""One file; every value from the environment; a wrong value refuses to start and names the variable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal.reaching import ANYMAIL as ANYMAIL
from portal.reaching import DEAD_MAN_URL as DEAD_MAN_URL
from portal.reaching import DELIVERY_LATE_MINUTES as DELIVERY_LATE_MINUTES
from portal.reaching import HOOK_SECRET as HOOK_SECRET
from portal.reaching import MAIL_LINES as MAIL_LINES
from portal.reaching import MAIL_LOOKUP as MAIL_LOOKUP
from portal.reaching import MAIL_PROVIDER as MAIL_PROVIDER
from portal.reaching import MISSED_VISIT_COST as MISSED_VISIT_COST
from portal.reaching import SMS_FROM as SMS_FROM
from portal.reaching import SMS_PROVIDER as SMS_PROVIDER
from portal.reaching import SMS_REGION as SMS_REGION
from portal.reaching import SMS_SECRET as SMS_SECRET
from portal.reaching import SMS_URL as SMS_URL
from portal.reaching import SMS_USER as SMS_USER
from portal.reaching import VAPID_PRIVATE_KEY as VAPID_PRIVATE_KEY
from portal.rest import REST_FRAMEWORK as REST_FRAMEWORK
from portal.rest import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from portal.setting_readers import (
    a_bool,
    a_contact,
    a_count,
    a_database,
    a_file,
    a_level,
    a_mail_server,
    a_positive,
    a_scanner,
    a_secret,
    a_url,
    a_zone,
    env,
    setting,
    some_secrets,
)

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = setting("DEBUG", a_bool, "1 or 0", default=False)
DEMO = setting("FASCICLE_DEMO", a_bool, "1 (a demonstration with sample data) or 0", default=False)
SECRET_KEY = setting("SECRET_KEY", a_secret, "a random string of at least 32 characters, kept secret")
# Sessions and links signed with an earlier key stay good until it is taken out: a key can be changed in daylight.
SECRET_KEY_FALLBACKS: list[str] = setting(
    "EARLIER_KEYS", some_secrets, "earlier secret keys, separated by commas", default=[]
)
SITE_URL = setting("SITE_URL", a_url("http", "https"), "the public address, like https://portal.example.org")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = setting("ALLOWED_HOSTS", env.list, "host names, separated by commas", default=[SITE_HOST])
CSRF_TRUSTED_ORIGINS = [SITE_URL]

CLINIC_NAME = setting("CLINIC_NAME", env.str, "the clinic's name", default="Fascicle")
CLINIC_PHONE = setting("CLINIC_PHONE", env.str, "the clinic's telephone number", default="")
SECURITY_CONTACT = setting(
    "SECURITY_CONTACT", a_contact, "where to report a hole, like mailto:security@example.org", default=""
)
EMERGENCY_NUMBER = setting("EMERGENCY_NUMBER", env.str, "the local emergency number", default="112")
TIME_ZONE = setting("TIME_ZONE", a_zone, "a time zone of the tz database, like Asia/Taipei", default="UTC")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "lucide",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "portal",
    "faq",
    "patients",
    "clinicians",
]

# The first four put headers on whatever those below them answer, also in the place of a page.
MIDDLEWARE = [
    "portal.headers.Headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.problems.Problems",
    "portal.middleware.Guard",
    "portal.uploads.Cap",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.tokens.Bearer",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.timeouts.TimeOut",
    "portal.middleware.Acting",
    "portal.timeouts.SentAgain",
    "portal.second_factor.Gate",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.clinic",
            ],
        },
    },
]

DATABASES = {
    "default": {
        **setting("DATABASE_URL", a_database, "a PostgreSQL address, like postgres://user:password@host:5432/name"),
        "ENGINE": "portal.database",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
# Who owns the tables: for `manage.py migrate` alone.
OWNER_DATABASE = setting("OWNER_DATABASE_URL", a_database, "the same for the role that owns the tables", default=None)
if OWNER_DATABASE:
    OWNER_DATABASE = {key: OWNER_DATABASE[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
# Where the role that signs in is a stronger one (the tests', who look behind the wall), work is done as this one.
APPLICATION_ROLE = setting("APPLICATION_ROLE", env.str, "the name of the application's database role", default="")

# One Redis server, two numbered databases: what may be forgotten (0) and what waits (1).
REDIS_URL = setting(
    "REDIS_URL", a_url("redis", "rediss"), "a Redis or Valkey address, like redis://:password@host:6379"
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL}/0",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}
CELERY_BROKER_URL = f"{REDIS_URL}/1"

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["email", "name"]},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
AUTH_PASSWORD_VALIDATORS += [{"NAME": "portal.passwords.OurWords", "OPTIONS": {}}]
BREACHED_PASSWORDS = setting(
    "BREACHED_PASSWORDS", a_file, "a file of SHA-1 hashes of stolen passwords, sorted, one a line", default=None
)
if BREACHED_PASSWORDS:
    AUTH_PASSWORD_VALIDATORS += [{"NAME": "portal.passwords.Stolen", "OPTIONS": {"path": BREACHED_PASSWORDS}}]
# A link to a new password is good for one hour and one use.
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:landing"
# How many proxies of ours stand before the web server: their word about a visitor's address is taken.
ALLAUTH_TRUSTED_PROXY_COUNT = setting(
    "TRUSTED_PROXIES", a_count, "the number of proxies before the web server", default=0
)
ACCOUNT_ADAPTER = "portal.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "portal.forms.SignUpForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_FORMS = {"request_login_code": "portal.entrance.AskForCodeForm"}
MFA_ADAPTER = "portal.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = CLINIC_NAME
# The step before and the one after count too: no clock is exact. None counts twice (portal.second_factor.spend).
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "portal.entrance.SecondStepForm",
    "reauthenticate": "portal.entrance.SecondStepAgainForm",
    "activate_totp": "portal.entrance.SetUpAppForm",
    "add_webauthn": "portal.entrance.AddPasskeyForm",
    "authenticate_webauthn": "portal.entrance.PasskeyForm",
    "login_webauthn": "portal.entrance.PasskeySignInForm",
    "reauthenticate_webauthn": "portal.entrance.PasskeyAgainForm",
}
# A session ends after so long without a request, and in any case after so many hours.
STAFF_IDLE_MINUTES = setting("STAFF_IDLE_MINUTES", a_positive, "minutes", default=30)
PATIENT_IDLE_MINUTES = setting("PATIENT_IDLE_MINUTES", a_positive, "minutes", default=60)
SESSION_HOURS = setting("SESSION_HOURS", a_positive, "hours", default=12)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = setting("STATIC_ROOT", env.path, "a folder", default=BASE_DIR / "staticfiles")
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(setting("FILES_DIR", env.path, "a folder", default=BASE_DIR / ".local" / "files"))},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

EMAIL_CONFIG = setting("EMAIL_URL", a_mail_server, "a mail server address, like smtp+tls://user:password@host:587")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = setting(
    "MAIL_FROM", env.str, "the sender of the clinic's mail", default=f"{CLINIC_NAME} <no-reply@{SITE_HOST}>"
)
LEASE_SECONDS = setting("LEASE_SECONDS", a_positive, "seconds for which a sender holds what it sends", default=60)
ANYMAIL["REQUESTS_TIMEOUT"] = EMAIL_TIMEOUT
VAPID_CONTACT = SECURITY_CONTACT or f"mailto:no-reply@{SITE_HOST}"
MAILBOX_DIR = Path(
    setting(
        "MAILBOX_DIR",
        env.str,
        "the folder of the demonstration's mailbox",
        default=str(BASE_DIR / ".local/mail"),
    )
)
# The newest seal of the audit trail, kept where the database's owner can't write: only this shows that its end was cut.
AUDIT_TIP_FILE = Path(
    setting("AUDIT_TIP_FILE", env.str, "a file outside the database", default=str(BASE_DIR / ".local/audit-tips.txt"))
)
# An event older than this and not sealed yet: /health/ says that sealing is not alive.
AUDIT_SEAL_MINUTES = setting("AUDIT_SEAL_MINUTES", a_positive, "minutes within which an event is sealed", default=10)

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = setting("SWEEP_SECONDS", a_positive, "seconds between two sweeps of what is due", default=10)
# What the clock asks for, and how often: portal/celery.py.

# What packages above know and those below only ask for: strings, since water runs one way.
MEDICINE_CHECK = "clinicians.actions.checks.check"
# (case) → the accounts that are told of a red flag now: who is on call is the desk's.
WHOM_TO_TELL = "clinicians.models.on_call.whom_to_tell"
# () → the newest nightly check of what should be told, as the operators' page shows it.
REMINDER_CHECK = "patients.models.reminder_checks.newest"
# (delivery) → the links with which its reader answers, by their names in the templates.
ANSWER_LINKS = "patients.models.answer_links.links_for"
# (user, by=user): the reminders of this account's follow-ups go by what it chose now.
REMINDERS_FOLLOW = "patients.actions.followups.follow_contact"
# (delivery) → the file that a calendar takes, or nothing. Empty: no mail has one.
INVITATION_FILE = "patients.models.invitation_files.invitation_for"
OCCURRENCES = "clinicians.models.webhooks.note"
# Addresses inside a network to which webhooks may be sent all the same: the tests' own. No clinic sets it.
OUTBOUND_TEST_ADDRESSES: frozenset[str] = frozenset()
# The ground keeps the trail; the record knows which person of it an account is.
PEOPLE_OF = "patients.models.people.people_of"
PERSON_OF_NUMBER = "patients.models.people.person_of_number"
# What each package adds to the second wall: functions and policies (portal/walls.py).
WALLS = ("portal.walls.ground", "patients.walls.record", "clinicians.walls.desk", "clinicians.work_keeping.work")
# How long a reply can be undone; as long its patient does not see it.
REPLY_UNDO_SECONDS = setting("REPLY_UNDO_SECONDS", a_count, "seconds, or 0", default=30)
# The reference set that the clinic's nerve laboratory chose; see patients/rules/data/ncs_reference.csv.
NCS_REFERENCE_SET = setting("NCS_REFERENCE_SET", env.str, "the name of a reference set", default="PRESTON_SHAPIRO")
# Who reads a new case when its asker does not know where it belongs: the department of this address.
TRIAGE_DEPARTMENT = setting(
    "TRIAGE_DEPARTMENT", env.str, "the address (slug) of a department", default="general-practice"
)
DEMO_SIGN_INS = "clinicians.seeding.people.sign_ins"
DEMO_PASSWORD = "clinicians.seeding.people.PASSWORD"
DEMO_SECOND_STEP = "clinicians.seeding.people.present_code"
MEDICINE_CANARY = "clinicians.rules.medicines_check.canary"

# default-src 'none', the rest 'self', nothing unsafe, no data:
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
# Believed only where a proxy of ours sets it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and ALLAUTH_TRUSTED_PROXY_COUNT else None
# A program is not led on but refused (portal/problems.py): a token must never go over HTTP first.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^api/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Under HTTPS the very name of a cookie keeps it from other hosts and paths, and from plain HTTP.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
# No script of ours reads either: forms carry the token.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# What a page says once is kept with the session, not in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# The row outlives the session (portal.timeouts), so that what is typed into an ended one can be kept for its account.
SESSION_COOKIE_AGE = 7 * 24 * 60 * 60
# Text of one request (portal/uploads.py), how much of a file is held in memory, and what a program may send.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
API_MAX_BYTES = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.Weighed",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_MAX_BYTES = setting("UPLOAD_MAX_BYTES", a_positive, "the bytes of one file, at most", default=25_000_000)
UPLOAD_MAX_FILES = setting("UPLOAD_MAX_FILES", a_positive, "the files sent at once, at most", default=5)
PATIENT_QUOTA_BYTES = setting(
    "PATIENT_QUOTA_BYTES", a_positive, "the bytes of all files of one patient, at most", default=500_000_000
)
PATIENT_QUOTA_FILES = setting("PATIENT_QUOTA_FILES", a_positive, "the files of one patient, at most", default=300)
VIRUS_SCANNER = setting(
    "VIRUS_SCANNER", a_scanner, "the address of a ClamAV daemon, tcp://host:port or unix:///path", default=""
)

LOG_LEVEL = setting("LOG_LEVEL", a_level, "DEBUG, INFO, WARNING or ERROR", default="INFO")
# A sweep every few seconds is not news.
QUIET = "INFO" if LOG_LEVEL == "DEBUG" else "WARNING"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "portal.middleware.RequestIdFilter"},
        "hide_keys": {"()": "portal.logs.HideKeys"},
    },
    "formatters": {
        "line": {"()": "portal.logs.Line", "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"}
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id", "hide_keys"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "celery.app.trace": {"level": QUIET},
        "celery.beat": {"level": QUIET},
        "celery.worker.strategy": {"level": QUIET},
        "mail.log": {"level": QUIET},
        # Statements hold what people wrote: never in a log, at any level.
        "django.db.backends": {"level": "INFO"},
    },
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
