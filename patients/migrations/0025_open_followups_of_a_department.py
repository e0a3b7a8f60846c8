from django.db import migrations

# What is open in one's department, in the order of its days: read page by page, and never sorted. By hand, as 0023 says.
OPEN_OF_DEPARTMENT = """
CREATE INDEX followup_open_of_department ON patients_followup (department_id, due_on, id) WHERE NOT (status = 'closed');
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0024_appointments_start_at")]
    operations = [migrations.RunSQL(OPEN_OF_DEPARTMENT, "DROP INDEX followup_open_of_department;")]
