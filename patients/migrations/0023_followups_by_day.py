import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# The department of a row is a column of the second wall (0009) and no field, so its index is made by hand.
OF_DEPARTMENT = "CREATE INDEX followup_of_department ON patients_followup (department_id, due_on, id);"


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0022_leave_of_clinicians'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='followup',
            name='owner',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['due_on', 'id'], name='followup_by_day'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(condition=models.Q(('status', 'closed'), _negated=True), fields=['due_on', 'id'], name='followup_open_by_day'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(condition=models.Q(('is_high_risk', True)), fields=['due_on', 'id'], name='followup_must_be_kept'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['owner', 'due_on', 'id'], name='followup_of_owner'),
        ),
        migrations.RunSQL(OF_DEPARTMENT, "DROP INDEX followup_of_department;"),
    ]
