from django.db import migrations


class Migration(migrations.Migration):
    """The human case number: F-1001, F-1002, …"""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE patients_case_number AS bigint START 1001 MINVALUE 1",
            "DROP SEQUENCE patients_case_number",
        )
    ]
