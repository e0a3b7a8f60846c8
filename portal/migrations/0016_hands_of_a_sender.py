from django.db import migrations


class Migration(migrations.Migration):
    """The function of one mail gives way to that of a hand of them, which is laid at the end of migrate."""

    dependencies = [("portal", "0015_found_by_hash")]

    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS fascicle_sending_step", migrations.RunSQL.noop),
    ]
