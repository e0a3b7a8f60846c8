from django.db import migrations


class Migration(migrations.Migration):
    """The work list has rows of its own, with their own indexes."""

    dependencies = [
        ('patients', '0018_rows_of_a_followup'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_queue',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_owner_queue',
        ),
    ]
