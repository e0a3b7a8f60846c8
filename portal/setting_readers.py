"""How the settings read the environment: a wrong value refuses to start, and names the variable."""

from __future__ import annotations

import warnings
import zoneinfo
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from phonenumbers import SUPPORTED_REGIONS

T = TypeVar("T")
env = environ.Env()
MISSING: Any = object()
# The providers whose API and whose reports django-anymail knows.
MAIL_PROVIDERS = (
    "amazon_ses", "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark", "resend",
    "sendgrid", "sparkpost", "unisender_go",
)  # fmt: skip


def setting(name: str, read: Callable[..., T], meaning: str, default: T = MISSING) -> T:
    """The value of NAME, or a refusal to start that names the variable and what it should hold."""
    if name not in env.ENVIRON or not env.ENVIRON[name].strip():
        if default is MISSING:
            raise ImproperlyConfigured(f"{name} is not set. It should be {meaning}.")
        return default
    try:
        return read(name)
    except Exception as wrong:
        raise ImproperlyConfigured(f"{name} has a wrong value. It should be {meaning}.") from wrong


def a_bool(name: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
        env.str(name).strip().lower()
    ]


def a_database(name: str) -> dict[str, Any]:
    config: dict[str, Any] = a_known(environ.Env.db_url_config, env.str(name))
    if config.get("ENGINE") != "django.db.backends.postgresql" or not config.get("NAME"):
        raise ValueError(name)
    return config


def a_mail_server(name: str) -> dict[str, Any]:
    config: dict[str, Any] = a_known(environ.Env.email_url_config, env.str(name))
    if not config.get("EMAIL_HOST"):
        raise ValueError(name)
    return config


def a_known(read: Callable[[str], T], url: str) -> T:
    """What django-environ makes of an address; what it only warns about is wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read(url)


def a_positive(name: str) -> int:
    value = int(env.str(name))
    if value < 1:
        raise ValueError(name)
    return value


def a_count(name: str) -> int:
    value = int(env.str(name))
    if value < 0:
        raise ValueError(name)
    return value


def a_level(name: str) -> str:
    return {level: level for level in ("DEBUG", "INFO", "WARNING", "ERROR")}[env.str(name).strip().upper()]


def a_zone(name: str) -> str:
    return zoneinfo.ZoneInfo(env.str(name)).key


def a_url(*schemes: str) -> Callable[[str], str]:
    def read(name: str) -> str:
        parts = urlsplit(env.str(name))
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(name)
        return str(env.str(name)).rstrip("/")

    return read


def a_secret(name: str) -> str:
    value = str(env.str(name))
    if len(value) < 32:
        raise ValueError(name)
    return value


def some_secrets(name: str) -> list[str]:
    values = [value.strip() for value in env.str(name).split(",")]
    if any(len(value) < 32 for value in values):
        raise ValueError(name)
    return values


def a_file(name: str) -> Path:
    path = Path(env.str(name))
    if not path.is_file():
        raise ValueError(name)
    return path


def a_contact(name: str) -> str:
    value = str(env.str(name)).strip()
    if not value.startswith(("mailto:", "https://", "tel:")) or not value.isprintable():
        raise ValueError(name)
    return value


def a_scanner(name: str) -> str:
    """tcp://host:port or unix:///path, of a ClamAV daemon."""
    address = str(env.str(name)).strip()
    parts = urlsplit(address)
    is_tcp = parts.scheme == "tcp" and parts.hostname and parts.port
    if not is_tcp and not (parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1):
        raise ValueError(name)
    return address


def a_word(*words: str) -> Callable[[str], str]:
    def read(name: str) -> str:
        return {word: word for word in words}[str(env.str(name)).strip()]

    return read


def a_region(name: str) -> str:
    value = str(env.str(name)).strip().upper()
    if value not in SUPPORTED_REGIONS:
        raise ValueError(name)
    return value


def a_vapid_key(name: str) -> str:
    value = str(env.str(name)).strip()
    if len(b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)) != 32:
        raise ValueError(name)
    return value
