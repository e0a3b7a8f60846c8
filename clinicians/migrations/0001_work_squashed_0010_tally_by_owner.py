import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import portal.models.record
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from portal.together import Together

# Each row of a case carries its department, for the second wall, as the record's own do: a trigger fills it, a foreign
# key holds it and the patient equal to the case's, and moves it with the case.
OF_CASE = ["claim", "handover", "snooze", "sentreply", "replydraft"]
ENDS_OF_LINK = ["first", "second"]
# The department of an escalation is the case's, too, but the worker names it, who can't look it up. An answer stays
# with the department that gave it.
TIE = """
ALTER TABLE clinicians_escalation ADD CONSTRAINT escalation_in_department
    FOREIGN KEY (case_id, patient_id, department_id) REFERENCES patients_case (id, patient_id, department_id)
    ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE clinicians_answer ADD CONSTRAINT answer_of_patient
    FOREIGN KEY (case_id, patient_id) REFERENCES patients_case (id, patient_id) DEFERRABLE INITIALLY DEFERRED;
"""
# Whom the work is about, word by word, for the desk's search (clinicians/work_keeping.py, FIND).
NAMES = "CREATE INDEX work_names ON clinicians_workitem USING gin (to_tsvector('simple', name));"


def carry(child: str) -> migrations.RunSQL:
    table = f"clinicians_{child}"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ADD COLUMN department_id uuid NOT NULL;
        ALTER TABLE {table} ADD CONSTRAINT {child}_in_department FOREIGN KEY (case_id, patient_id, department_id)
            REFERENCES patients_case (id, patient_id, department_id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
        CREATE TRIGGER carry_department BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION patients_department_of_case();
        """,
        migrations.RunSQL.noop,
    )


def tie(end: str) -> migrations.RunSQL:
    """Both cases of a link are its patient's."""
    name = f"caselink_{end}_of_patient"
    return migrations.RunSQL(
        f"ALTER TABLE clinicians_caselink ADD CONSTRAINT {name} FOREIGN KEY ({end}_id, patient_id)"
        " REFERENCES patients_case (id, patient_id) DEFERRABLE INITIALLY DEFERRED",
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    """What the migrations it replaces make of an empty database, in one step. They stay for databases that began earlier."""

    initial = True
    replaces = [
        ('clinicians', '0001_work'),
        ('clinicians', '0002_saved_views'),
        ('clinicians', '0003_whose_case'),
        ('clinicians', '0004_on_call'),
        ('clinicians', '0005_replies'),
        ('clinicians', '0006_webhooks'),
        ('clinicians', '0007_promises'),
        ('clinicians', '0008_names'),
        ('clinicians', '0009_queues_of_views'),
        ('clinicians', '0010_tally_by_owner'),
    ]
    dependencies = [
        ('patients', '0020_times_passed_over'),
        ('portal', '0014_purposes_of_reminders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        Together([
            migrations.CreateModel(
                name='WorkItem',
                fields=[
                    ('pk', models.CompositePrimaryKey('case', 'lane', blank=True, editable=False, primary_key=True, serialize=False)),
                    ('lane', models.CharField(max_length=10)),
                    ('number', models.BigIntegerField()),
                    ('status', models.CharField(max_length=10)),
                    ('urgency', models.PositiveSmallIntegerField()),
                    ('name', models.CharField(max_length=120)),
                    ('sex', models.CharField(max_length=10)),
                    ('born_on', models.DateField()),
                    ('need', models.CharField(max_length=12)),
                    ('about', models.CharField(max_length=120)),
                    ('reason', models.CharField(max_length=400)),
                    ('stop', models.CharField(max_length=400)),
                    ('risk', models.SmallIntegerField()),
                    ('due_at', models.DateTimeField()),
                    ('since', models.DateTimeField()),
                    ('above', models.SmallIntegerField()),
                    ('is_asleep', models.BooleanField()),
                    ('turns_at', models.DateTimeField(null=True)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.case')),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.department')),
                    ('owner', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('urgency__gte', 0), ('is_asleep', False)), fields=['department', 'lane', 'risk', 'due_at', 'case'], name='work_department_risk'), models.Index(condition=models.Q(('urgency__gte', 0), ('is_asleep', False)), fields=['department', 'lane', 'due_at', 'case'], name='work_department_due'), models.Index(condition=models.Q(('urgency__gte', 0), ('is_asleep', False)), fields=['department', 'lane', 'since', 'case'], name='work_department_since'), models.Index(condition=models.Q(('number__gt', 0), ('is_asleep', False)), fields=['lane', 'risk', 'due_at', 'case'], name='work_clinic_risk'), models.Index(condition=models.Q(('number__gt', 0), ('is_asleep', False)), fields=['lane', 'due_at', 'case'], name='work_clinic_due'), models.Index(condition=models.Q(('number__gt', 0), ('is_asleep', False)), fields=['lane', 'since', 'case'], name='work_clinic_since'), models.Index(condition=models.Q(('above__gte', 0), ('is_asleep', False)), fields=['owner', 'lane', 'risk', 'due_at', 'case'], name='work_owner_risk'), models.Index(condition=models.Q(('above__gte', 0), ('is_asleep', False)), fields=['owner', 'lane', 'due_at', 'case'], name='work_owner_due'), models.Index(condition=models.Q(('above__gte', 0), ('is_asleep', False)), fields=['owner', 'lane', 'since', 'case'], name='work_owner_since'), models.Index(condition=models.Q(('need__gt', ''), ('is_asleep', False), ('owner', None)), fields=['department', 'lane', 'risk', 'due_at', 'case'], name='work_pool_risk'), models.Index(condition=models.Q(('need__gt', ''), ('is_asleep', False), ('owner', None)), fields=['department', 'lane', 'due_at', 'case'], name='work_pool_due'), models.Index(condition=models.Q(('need__gt', ''), ('is_asleep', False), ('owner', None)), fields=['department', 'lane', 'since', 'case'], name='work_pool_since'), models.Index(condition=models.Q(('status__gt', ''), ('is_asleep', False), ('owner', None)), fields=['lane', 'risk', 'due_at', 'case'], name='work_clinic_pool_risk'), models.Index(condition=models.Q(('status__gt', ''), ('is_asleep', False), ('owner', None)), fields=['lane', 'due_at', 'case'], name='work_clinic_pool_due'), models.Index(condition=models.Q(('status__gt', ''), ('is_asleep', False), ('owner', None)), fields=['lane', 'since', 'case'], name='work_clinic_pool_since'), models.Index(condition=models.Q(('turns_at__isnull', False)), fields=['turns_at'], name='work_turns'), models.Index(condition=models.Q(('lane__in', ['triage', 'reply', 'messages', 'follow-ups'])), fields=['department', 'lane', 'due_at'], name='work_runs_out')],
                },
            ),
            migrations.CreateModel(
                name='WorkTally',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.department')),
                    ('owner', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('lanes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None)),
                    ('aboves', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                    ('ns', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ],
                options={
                    'indexes': [models.Index(fields=['owner', 'department'], name='work_tally')],
                },
            ),
            migrations.CreateModel(
                name='SavedView',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=40)),
                    ('queue', models.CharField(choices=[('all', 'all'), ('mine', 'mine'), ('safety', 'safety'), ('red-flags', 'red-flags'), ('triage', 'triage'), ('reply', 'reply'), ('messages', 'messages'), ('results', 'results'), ('follow-ups', 'follow-ups'), ('pool', 'pool'), ('waiting', 'waiting'), ('snoozed', 'snoozed')], max_length=10)),
                    ('query', models.CharField(blank=True, max_length=400)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name',),
                    'constraints': [models.UniqueConstraint(fields=('account', 'name'), name='saved_view_once_a_name'), models.CheckConstraint(condition=models.Q(('queue__in', ['all', 'mine', 'safety', 'red-flags', 'triage', 'reply', 'messages', 'results', 'follow-ups', 'pool', 'waiting', 'snoozed'])), name='saved_view_queue')],
                },
            ),
            migrations.CreateModel(
                name='CaseLink',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('reason', models.CharField(max_length=300)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('first', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('second', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='link_smaller_first'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('first', 'second'), name='link_once_a_pair'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='link_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='link_ended_at_by')],
                },
            ),
            migrations.CreateModel(
                name='Claim',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('since', models.DateTimeField()),
                    ('until', models.DateTimeField()),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='claim_in_order')],
                },
            ),
            migrations.CreateModel(
                name='Handover',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('assigned', 'Given'), ('handed_over', 'Handed over'), ('referred', 'Referred'), ('taken', 'Taken'), ('given_back', 'Given back to the pool')], max_length=12)),
                    ('reason', models.CharField(blank=True, max_length=300)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('from_department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('from_owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('to_department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('to_owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(fields=['case', '-id'], name='handover_of_case')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['assigned', 'handed_over', 'referred', 'taken', 'given_back'])), name='handover_kind'), models.CheckConstraint(condition=models.Q(('kind', 'handed_over'), ('reason', ''), _negated=True), name='handover_has_reason')],
                },
            ),
            migrations.CreateModel(
                name='Snooze',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('until', models.DateTimeField()),
                    ('reason', models.CharField(max_length=200)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['until'], name='snooze_open')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('case',), name='snooze_once_a_case'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='snooze_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='snooze_ended_at_by')],
                },
            ),
            migrations.CreateModel(
                name='OnCall',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('starts_at', models.DateTimeField()),
                    ('ends_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='on_call', to='portal.department')),
                    ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['department', 'ends_at'], name='on_call_standing')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='on_call_begins_before_it_ends'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='on_call_ended_at_by'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('department', 'clinician', 'starts_at'), name='on_call_once')],
                },
            ),
            migrations.CreateModel(
                name='SavedReply',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('is_shared', models.BooleanField(default=False)),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('changed_at', models.DateTimeField(auto_now=True)),
                    ('retired_at', models.DateTimeField(null=True)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name', 'id'),
                    'indexes': [models.Index(condition=models.Q(('retired_at', None)), fields=['department', 'name', 'id'], name='saved_reply_shelf')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('owner', 'department', 'name'), name='saved_reply_name')],
                },
            ),
            migrations.CreateModel(
                name='SentReply',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('waiting_since', models.DateTimeField()),
                    ('answer_due_at', models.DateTimeField()),
                    ('outcomes', models.JSONField(default=dict)),
                    ('followup_words', models.JSONField(default=dict)),
                    ('suggest', models.BooleanField(default=False)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('delivery', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.delivery')),
                    ('followup', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.followup')),
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.message')),
                    ('notification', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.notification')),
                    ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='ReplyDraft',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('body', models.TextField(blank=True)),
                    ('safety_net', models.TextField(blank=True)),
                    ('outcomes', models.JSONField(default=dict)),
                    ('articles', models.JSONField(default=list)),
                    ('followup', models.JSONField(default=dict)),
                    ('suggest', models.BooleanField(default=False)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reply_drafts', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('case', 'account'), name='reply_draft_one')],
                },
            ),
            migrations.CreateModel(
                name='Occurrence',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(max_length=40)),
                    ('case_id', models.UUIDField()),
                    ('case_ref', models.CharField(max_length=20)),
                    ('department_slug', models.CharField(max_length=60)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.department')),
                ],
                options={
                    'ordering': ('id',),
                },
            ),
            migrations.CreateModel(
                name='Webhook',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=60, unique=True)),
                    ('url', models.URLField(max_length=500)),
                    ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                    ('secret', models.CharField(editable=False, max_length=80)),
                    ('paused_at', models.DateTimeField(blank=True, null=True)),
                    ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='portal.department')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('kinds', []), _negated=True), name='webhook_asks_for_something')],
                },
            ),
            migrations.CreateModel(
                name='Answer',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('asked_at', models.DateTimeField()),
                    ('promised_at', models.DateTimeField()),
                    ('answered_at', models.DateTimeField()),
                    ('working', models.DurationField()),
                    ('is_first', models.BooleanField()),
                    ('questions', models.PositiveSmallIntegerField()),
                    ('left_open', models.PositiveSmallIntegerField()),
                    ('taken_back_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.message')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'indexes': [models.Index(fields=['department', 'answered_at'], name='answer_given'), models.Index(fields=['department', 'promised_at'], name='answer_promised')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('left_open__lte', models.F('questions'))), name='answer_left_open'), models.CheckConstraint(condition=models.Q(('asked_at__lte', models.F('answered_at'))), name='answer_after_question')],
                },
            ),
            migrations.CreateModel(
                name='Escalation',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('rung', models.CharField(choices=[('nearly_due', 'Nearly due'), ('overdue', 'Overdue'), ('long_overdue', 'Overdue by a whole answer time'), ('missed', 'Follow-up missed')], max_length=12)),
                    ('promised_at', models.DateTimeField()),
                    ('at', models.DateTimeField()),
                    ('told', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('at', 'id'),
                    'constraints': [models.UniqueConstraint(fields=('case', 'promised_at', 'rung'), name='escalation_once_a_rung'), models.CheckConstraint(condition=models.Q(('rung__in', ['nearly_due', 'overdue', 'long_overdue', 'missed'])), name='escalation_rung')],
                },
            ),
            migrations.CreateModel(
                name='SavedReplyVersion',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.PositiveIntegerField()),
                    ('body', models.TextField(verbose_name='text')),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('saved_reply', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='clinicians.savedreply')),
                ],
                options={
                    'ordering': ('number',),
                    'constraints': [models.UniqueConstraint(fields=('saved_reply', 'number'), name='saved_reply_version')],
                },
            ),
            migrations.CreateModel(
                name='WebhookDelivery',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('event', models.UUIDField()),
                    ('kind', models.CharField(max_length=40)),
                    ('payload', models.JSONField()),
                    ('state', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('dead', 'Given up')], default='pending', max_length=10)),
                    ('tries', models.PositiveSmallIntegerField(default=0)),
                    ('due_at', models.DateTimeField()),
                    ('give_up_at', models.DateTimeField()),
                    ('tried_at', models.DateTimeField(null=True)),
                    ('outcome', models.CharField(blank=True, max_length=100)),
                    ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='clinicians.webhook')),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at'], name='webhook_due'), models.Index(fields=['webhook', '-id'], name='webhook_deliveries'), models.Index(fields=['created_at'], name='webhook_told_since')],
                    'constraints': [models.UniqueConstraint(fields=('webhook', 'event'), name='webhook_told_once')],
                },
            ),
        ]),
        *map(carry, OF_CASE),
        *map(tie, ENDS_OF_LINK),
        migrations.RunSQL(TIE, migrations.RunSQL.noop),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
    ]
