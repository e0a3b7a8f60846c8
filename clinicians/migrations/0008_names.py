from django.db import migrations

# Whom the work is about, word by word, for the desk's search (clinicians/work_keeping.py, FIND).
MAKE = "CREATE INDEX work_names ON clinicians_workitem USING gin (to_tsvector('simple', name));"
DROP = "DROP INDEX work_names;"


class Migration(migrations.Migration):
    dependencies = [
        ('clinicians', '0007_promises'),
        ('patients', '0015_history_of_cases'),
    ]
    operations = [migrations.RunSQL(MAKE, DROP)]
