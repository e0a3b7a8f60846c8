"""The Celery app. Messages are hints without arguments: "look what is due"; the rows say what."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("fascicle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Hints without arguments: each says "look what is due"; the rows say what.
app.conf.beat_schedule = {
    "deliver what is due": {"task": "portal.tasks.deliver", "schedule": settings.SWEEP_SECONDS},
    "seal the audit trail": {"task": "portal.tasks.seal", "schedule": settings.SWEEP_SECONDS},
    "tend the work list": {"task": "clinicians.tasks.tend", "schedule": settings.SWEEP_SECONDS},
    "tell webhooks what happened": {"task": "clinicians.tasks.send_webhooks", "schedule": settings.SWEEP_SECONDS},
    "let go what webhooks were told": {"task": "clinicians.tasks.let_go", "schedule": 3600},
    "let promises climb": {"task": "clinicians.tasks.climb", "schedule": 60},
    "let follow-ups climb": {"task": "patients.tasks.climb", "schedule": 60},
    "offer free times": {"task": "patients.tasks.offer_times", "schedule": 60},
    "compare reminders with promises": {
        "task": "patients.tasks.check_reminders",
        "schedule": crontab(hour="3", minute="17"),
    },
    "scan files that wait for it": {"task": "patients.tasks.scan_files", "schedule": 60},
    "remove files of no row": {"task": "patients.tasks.sweep_files", "schedule": 6 * 60 * 60},
    "let go what was kept long enough": {"task": "portal.tasks.let_go", "schedule": 3600},
}
