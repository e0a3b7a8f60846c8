from django.db import migrations

# The words of open cases and of what was said on them, for the desk's search (clinicians/work_keeping.py, FIND).
MAKE = """
CREATE INDEX case_words ON patients_case USING gin (to_tsvector('simple', title || ' ' || story))
 WHERE status <> 'closed';
CREATE INDEX message_words ON patients_message USING gin (to_tsvector('simple', body));
"""
DROP = "DROP INDEX case_words; DROP INDEX message_words;"


class Migration(migrations.Migration):
    dependencies = [("patients", "0009_rows_carry_their_department")]
    operations = [migrations.RunSQL(MAKE, DROP)]
