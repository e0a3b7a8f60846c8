"""What the second wall costs: two pages with row-level security and without, over a large clinic, interleaved.

50,000 cases in one department, 1,000,000 messages on them. `make bench-walls` prints the times of a clinician's work
list and of a patient's home, as the application and as an owner whom no policy holds, and fails beyond the bar.
"""

from __future__ import annotations

import os
import sys
import time
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.conf import settings  # noqa: E402 the settings come first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from patients.models import Patient  # noqa: E402
from portal.access import Role  # noqa: E402
from portal.models import User  # noqa: E402
from tests import make  # noqa: E402

CASES = int(os.environ.get("BENCH_CASES", "50000"))
MESSAGES_A_CASE = 20
RUNS = int(os.environ.get("BENCH_RUNS", "25"))
BAR = 1.3
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# One in five waits, three in ten are answered, half are closed; one medicine in a hundred is stopped, one result in
# ten is not released, one follow-up in ten has slipped. Two cases a patient.
FILL = """
INSERT INTO portal_user (id, created_at, password, email, name, title, is_active, time_zone)
SELECT uuidv7(), now(), '!', 'patient' || n || '@example.org', 'Patient ' || n, '', true, 'UTC'
  FROM generate_series(1, %(cases)s / 2) n;
INSERT INTO patients_patient (id, created_at, user_id, record_number, name, born_on, sex, phone, time_zone, is_sample)
SELECT uuidv7(), now(), id, 'B' || substr(email, 8, 10), name, '1980-01-01', 'female', '', 'UTC', true
  FROM portal_user WHERE email LIKE 'patient%%';
INSERT INTO patients_case (id, created_at, patient_id, department_id, title, story, since, status, urgency, owner_id,
                           waiting_since, answer_due_at, closed_at, closed_by_id)
SELECT uuidv7(), now() - n * interval '1 minute', p.id, '%(department)s', 'Case ' || n, repeat('It twitches. ', 20), '',
       CASE WHEN n %% 10 < 2 THEN 'waiting' WHEN n %% 10 < 5 THEN 'answered' ELSE 'closed' END, 1 + n %% 4,
       CASE WHEN n %% 10 < 2 AND n %% 3 = 0 THEN '%(clinician)s'::uuid END,
       now() - n * interval '1 minute', now() + (n %% 500 - 250) * interval '1 hour',
       CASE WHEN n %% 10 >= 5 THEN now() END, CASE WHEN n %% 10 >= 5 THEN '%(clinician)s'::uuid END
  FROM (SELECT id, row_number() OVER () AS k FROM patients_patient WHERE record_number LIKE 'B%%') p,
       LATERAL (SELECT p.k * 2 - 1 AS n UNION ALL SELECT p.k * 2) AS each;
INSERT INTO patients_message (id, created_at, patient_id, case_id, author_id, voice, body, safety_net,
                              department_id)
SELECT uuidv7(), now(), c.patient_id, c.id, '%(clinician)s', CASE WHEN n %% 2 = 0 THEN 'clinic' ELSE 'patient' END,
       'Message ' || n, '', c.department_id
  FROM patients_case c, generate_series(1, %(messages)s) n;
INSERT INTO patients_result (id, created_at, patient_id, case_id, kind, title, performed_on, performer, impression,
                             comment, next_step, status, is_sample, recorded_by_id, released_at, released_by_id,
                             department_id)
SELECT uuidv7(), now(), patient_id, id, 'laboratory', 'Panel', '2026-01-01', '', '', '', '',
       CASE WHEN number %% 10 = 0 THEN 'preliminary' ELSE 'final' END, true, '%(clinician)s',
       CASE WHEN number %% 10 = 0 THEN NULL ELSE now() END,
       CASE WHEN number %% 10 = 0 THEN NULL ELSE '%(clinician)s'::uuid END, department_id FROM patients_case;
INSERT INTO patients_prescription (id, created_at, patient_id, case_id, origin, status, medicine, atc, dose_unit,
       form, route, as_needed, indication, note, findings, has_hard_stop, override_reason, recorded_by_id, ended_reason,
       department_id)
SELECT uuidv7(), now(), patient_id, id, 'reported', 'active', 'ibuprofen', '', '', '', '', false, '', '', '[]',
       number %% 100 = 0, '', '%(clinician)s', '', department_id FROM patients_case;
INSERT INTO patients_followup (id, created_at, patient_id, case_id, kind, reason, earliest_on, due_on, latest_on,
                               owner_id, status, patient_note, evidence, closing_note, department_id)
SELECT uuidv7(), now(), patient_id, id, 'visit', 'See how it goes', d, d, d, '%(clinician)s', 'planned', '', '', '',
       department_id
  FROM (SELECT *, current_date + CASE WHEN number %% 10 = 0 THEN -5 ELSE 30 END AS d FROM patients_case) c;
"""


def fill() -> tuple[User, User]:
    """The clinic; a clinician of it, and one of its patients."""
    call_command("migrate", verbosity=0)
    department = make.make_department("Neurology")
    clinician = make.make_user("Nadia North", role=Role.CLINICIAN, department=department)
    about = {"cases": CASES, "messages": MESSAGES_A_CASE, "department": department.pk, "clinician": clinician.pk}
    with connection.cursor() as cursor:
        tables = ["patients_patient", "patients_case", "patients_result", "patients_prescription", "patients_followup"]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(FILL % about)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE")
    patient = Patient.objects.filter(record_number__startswith="B").select_related("user")[CASES // 4].user
    assert patient
    return clinician, patient


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    make.make_second_factor_shown(client, user)
    return client


def once(client: Client, path: str, role: str) -> float:
    """Milliseconds for one page, with its policies (role) or without ("")."""
    settings.APPLICATION_ROLE = role
    began = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return took


def measure(client: Client, path: str) -> dict[str, list[float]]:
    role = settings.APPLICATION_ROLE
    times: dict[str, list[float]] = {"with": [], "without": []}
    for run in range(RUNS + 3):
        for name, as_role in (("without", ""), ("with", role)):
            took = once(client, path, as_role)
            if run >= 3:
                times[name].append(took)
    settings.APPLICATION_ROLE = role
    return times


def main() -> int:
    setup_test_environment(debug=False)
    began = time.perf_counter()
    clinician, patient = fill()
    sys.stdout.write(f"{CASES:,} cases, {CASES * MESSAGES_A_CASE:,} messages in {time.perf_counter() - began:.0f} s\n")
    pages: list[tuple[str, Client, str]] = [
        ("a clinician's work list", signed_in(clinician), "/clinic/"),
        ("a patient's home", signed_in(patient), "/my/"),
    ]
    worst = 0.0
    for name, client, path in pages:
        times: Any = measure(client, path)
        ratio = median(times["with"]) / median(times["without"])
        worst = max(worst, ratio)
        for how in ("without", "with"):
            low, mid, high = min(times[how]), median(times[how]), max(times[how])
            sys.stdout.write(f"{name:24} {how:8} the wall: {low:7.1f} {mid:7.1f} {high:7.1f} ms (min, median, max)\n")
        sys.stdout.write(f"{name:24} {ratio:.2f}× (bar {BAR}×)\n")
    return int(worst > BAR)


if __name__ == "__main__":
    raise SystemExit(main())
