"""What the clock asks of the desk. Hints without arguments; the rows say what is due."""

from __future__ import annotations

from clinicians.models import work
from portal.acting import ActingTask
from portal.celery import app


@app.task(base=ActingTask)
def tend() -> int:
    """Turn what its time has turned on the work list, and add its counts up."""
    return work.tend()
