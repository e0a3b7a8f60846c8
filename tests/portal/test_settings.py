"""A wrong setting refuses to start with one sentence that names the variable."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

WRONG = [
    ("SECRET_KEY", "", "SECRET_KEY is not set"),
    ("SECRET_KEY", "short", "SECRET_KEY has a wrong value"),
    ("SITE_URL", "portal.example.org", "SITE_URL has a wrong value"),
    ("DATABASE_URL", "", "DATABASE_URL is not set"),
    ("DATABASE_URL", "sqlite:///x.db", "DATABASE_URL has a wrong value"),
    ("DATABASE_URL", "nonsense", "DATABASE_URL has"),
    ("REDIS_URL", "http://localhost", "REDIS_URL has a wrong value"),
    ("REDIS_URL", "", "REDIS_URL is not set"),
    ("EMAIL_URL", "", "EMAIL_URL is not set"),
    ("EMAIL_URL", "carrier-pigeon://x", "EMAIL_URL has"),
    ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE has a wrong value"),
    ("DEBUG", "perhaps", "DEBUG has a wrong value"),
    ("LOG_LEVEL", "loud", "LOG_LEVEL has a wrong value"),
    ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES has a wrong value"),
    ("UPLOAD_MAX_BYTES", "0", "UPLOAD_MAX_BYTES has a wrong value"),
    ("PATIENT_QUOTA_FILES", "many", "PATIENT_QUOTA_FILES has a wrong value"),
    ("VIRUS_SCANNER", "127.0.0.1:3310", "VIRUS_SCANNER has a wrong value"),
    ("VIRUS_SCANNER", "tcp://scanner", "VIRUS_SCANNER has a wrong value"),
    ("VIRUS_SCANNER", "unix://", "VIRUS_SCANNER has a wrong value"),
    ("SWEEP_SECONDS", "0", "SWEEP_SECONDS has a wrong value"),
    ("EARLIER_KEYS", "short,shorter", "EARLIER_KEYS has a wrong value"),
    ("SECURITY_CONTACT", "security@example.org", "SECURITY_CONTACT has a wrong value"),
    ("BREACHED_PASSWORDS", "/nowhere/hashes.txt", "BREACHED_PASSWORDS has a wrong value"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_setting_refuses_to_start(name: str, value: str, sentence: str) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
