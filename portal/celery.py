"""The Celery app. Messages are hints without arguments: "look what is due"; the rows say what."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("fascicle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
