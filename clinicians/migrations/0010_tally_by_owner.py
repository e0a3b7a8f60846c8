import django.contrib.postgres.fields
from django.db import migrations, models

# List and numbers are made anew from the record when these functions are laid, at the end of all migrations.
EMPTY = "TRUNCATE clinicians_worktally"


class Migration(migrations.Migration):

    dependencies = [
        ('clinicians', '0009_queues_of_views'),
    ]

    operations = [
        migrations.RunSQL(EMPTY, EMPTY),
        migrations.RemoveIndex(
            model_name='worktally',
            name='work_tally',
        ),
        migrations.RemoveField(
            model_name='worktally',
            name='lane',
        ),
        migrations.RemoveField(
            model_name='worktally',
            name='above',
        ),
        migrations.RemoveField(
            model_name='worktally',
            name='n',
        ),
        migrations.AddField(
            model_name='worktally',
            name='lanes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='worktally',
            name='aboves',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), default=list, size=None),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='worktally',
            name='ns',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='worktally',
            index=models.Index(fields=['owner', 'department'], name='work_tally'),
        ),
    ]
