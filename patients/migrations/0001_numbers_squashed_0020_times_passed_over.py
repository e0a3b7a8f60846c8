import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import patients.models.attachments
import pgtrigger.compiler
import pgtrigger.migrations
import portal.models.record
import uuid_utils.compat
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from portal.together import Together

# Each row of a case carries its patient too, and both together must name one case: a message, a result or
# a medicine can't hang on one person's case and count as another's.
OF_PATIENT = ["attachment", "casequestion", "consent", "followup", "message", "prescription", "reminder", "result"]
OF_RESULT = ["eegreport", "nervemeasurement", "observation"]


def tie(child: str, parent: str, name: str = "", by: str = "") -> migrations.RunSQL:
    name = name or f"{child}_{parent}_of_patient"
    return migrations.RunSQL(
        f"ALTER TABLE patients_{child} ADD CONSTRAINT {name} FOREIGN KEY ({by or parent}_id, patient_id)"
        f" REFERENCES patients_{parent} (id, patient_id) DEFERRABLE INITIALLY DEFERRED",
        migrations.RunSQL.noop,
    )


# It carries the case's department as well, for the second wall alone: asked of the row itself, it costs nothing; looked
# up in the case for every row, it made a work list three times as dear. Django doesn't know the column. A trigger fills
# it, whatever an INSERT says; a foreign key holds it equal and moves it with the case.
OF_CASE = [
    "attachment", "casequestion", "consent", "followup", "message", "prescription", "result",
    "diaryentry", "redflag", "screening", "messagearticle",
]
# What hangs on a follow-up takes the department from it, and not from the case: so the clock, which reads dates of
# follow-ups and nothing of cases, can add a reminder.
OF_FOLLOWUP = ["reminder", "telling", "callattempt", "appointment", "waitinglistentry"]
UNIQUE = "ALTER TABLE patients_case ADD CONSTRAINT case_of_patient_in_department UNIQUE (id, patient_id, department_id)"


def fill(parent: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
CREATE FUNCTION patients_department_of_{parent}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT department_id INTO NEW.department_id FROM patients_{parent} WHERE id = NEW.{parent}_id;
    IF NEW.department_id IS NULL THEN
        RAISE EXCEPTION 'row-level security: its case is out of reach' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
""",
        f"DROP FUNCTION patients_department_of_{parent}()",
    )


def carry(child: str, parent: str) -> migrations.RunSQL:
    table = f"patients_{child}"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ADD COLUMN department_id uuid NOT NULL;
        ALTER TABLE {table} ADD CONSTRAINT {child}_in_department FOREIGN KEY (case_id, patient_id, department_id)
            REFERENCES patients_case (id, patient_id, department_id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
        CREATE TRIGGER carry_department BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION patients_department_of_{parent}();
        """,
        migrations.RunSQL.noop,
    )


# The words of open cases and of what was said on them, for the desk's search (clinicians/work_keeping.py, FIND).
WORDS = """
CREATE INDEX case_words ON patients_case USING gin (to_tsvector('simple', title || ' ' || story))
 WHERE status <> 'closed';
CREATE INDEX message_words ON patients_message USING gin (to_tsvector('simple', body));
"""


class Migration(migrations.Migration):
    """What the migrations it replaces make of an empty database, in one step. They stay for databases that began earlier."""

    initial = True
    replaces = [
        ('patients', '0001_numbers'),
        ('patients', '0002_tables'),
        ('patients', '0003_children_are_of_their_patient'),
        ('patients', '0004_enrolment'),
        ('patients', '0005_access_questions'),
        ('patients', '0006_trust_and_glass'),
        ('patients', '0007_attachments_are_examined'),
        ('patients', '0008_voices_and_reviews'),
        ('patients', '0009_rows_carry_their_department'),
        ('patients', '0010_words'),
        ('patients', '0011_cases_merge'),
        ('patients', '0012_red_flags_and_diary'),
        ('patients', '0013_replies_are_held'),
        ('patients', '0014_promise_pauses'),
        ('patients', '0015_history_of_cases'),
        ('patients', '0016_followups_are_promises'),
        ('patients', '0017_followups_are_told_anew'),
        ('patients', '0018_rows_of_a_followup'),
        ('patients', '0019_indexes_nobody_reads'),
        ('patients', '0020_times_passed_over'),
    ]
    dependencies = [
        ('faq', '0002_tables'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('portal', '0014_purposes_of_reminders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(
            # The human case number: F-1001, F-1002, …
            "CREATE SEQUENCE patients_case_number AS bigint START 1001 MINVALUE 1",
            "DROP SEQUENCE patients_case_number",
        ),
        fill("case"),
        fill("followup"),
        Together([
            migrations.CreateModel(
                name='Patient',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('record_number', models.CharField(max_length=30, unique=True, verbose_name='record number')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('born_on', models.DateField(verbose_name='date of birth')),
                    ('sex', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Not said')], default='unknown', max_length=10, verbose_name='sex')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                    ('time_zone', models.CharField(max_length=60, verbose_name='time zone')),
                    ('allergies', models.TextField(blank=True, null=True, verbose_name='allergies')),
                    ('is_sample', models.BooleanField(default=False, verbose_name='sample data')),
                    ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='patient', to=settings.AUTH_USER_MODEL)),
                    ('enrolled_by_department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                ],
                options={
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['name'], name='patient_name_trgm', opclasses=('gin_trgm_ops',)), models.Index(fields=['born_on'], name='patient_born_on')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('born_on__gte', datetime.date(1880, 1, 1))), name='patient_born_after_1880')],
                },
            ),
            migrations.CreateModel(
                name='CalendarFeed',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('key_digest', models.CharField(max_length=64, unique=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('user',), name='calendar_feed_one')],
                },
            ),
            migrations.CreateModel(
                name='ReminderCheck',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('ended_at', models.DateTimeField()),
                    ('expected', models.PositiveIntegerField()),
                    ('found', models.PositiveIntegerField()),
                    ('differing', models.PositiveIntegerField()),
                    ('differences', models.JSONField(default=list)),
                ],
                options={
                    'ordering': ('-created_at',),
                    'indexes': [models.Index(fields=['-created_at'], name='reminder_check_newest')],
                },
            ),
            migrations.CreateModel(
                name='Schedule',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday, 0 is Monday')),
                    ('opens', models.TimeField(verbose_name='from')),
                    ('closes', models.TimeField(verbose_name='until')),
                    ('slot_minutes', models.PositiveSmallIntegerField(default=30, verbose_name='minutes for each')),
                    ('capacity', models.PositiveSmallIntegerField(default=1, verbose_name='people at once')),
                    ('place', models.CharField(blank=True, max_length=120, verbose_name='place')),
                    ('starts_on', models.DateField(verbose_name='from the day')),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='to the day')),
                    ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to=settings.AUTH_USER_MODEL)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedules', to='portal.department')),
                ],
                options={
                    'ordering': ('weekday', 'opens'),
                    'indexes': [models.Index(fields=['department', 'clinician'], name='schedule_of')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='schedule_weekday'), models.CheckConstraint(condition=models.Q(('opens__lt', models.F('closes'))), name='schedule_opens_before_it_closes'), models.CheckConstraint(condition=models.Q(('capacity__gte', 1), ('capacity__lte', 50), ('slot_minutes__gte', 5), ('slot_minutes__lte', 480)), name='schedule_slots'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='schedule_starts_before_it_ends')],
                },
            ),
            migrations.CreateModel(
                name='Case',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.BigIntegerField(db_default=models.Func(models.Value('patients_case_number'), function='nextval'), editable=False, unique=True)),
                    ('title', models.CharField(max_length=120, verbose_name='what it is about')),
                    ('story', models.TextField(verbose_name="what happened, in the patient's words")),
                    ('since', models.CharField(blank=True, max_length=80, verbose_name='since when')),
                    ('status', models.CharField(choices=[('new', 'Sent, being read by triage'), ('waiting', 'Waiting for the clinic'), ('answered', 'Answered'), ('closed', 'Closed')], default='new', max_length=10)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'Emergency'), (2, 'Same day'), (3, 'Soon'), (4, 'Routine')], default=4)),
                    ('waiting_since', models.DateTimeField(default=django.utils.timezone.now)),
                    ('answer_due_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('form_key', models.UUIDField(editable=False, null=True)),
                    ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='portal.department')),
                    ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_cases', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='patients.patient')),
                    ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='patients.case')),
                    ('held_until', models.DateTimeField(blank=True, null=True)),
                    ('answer_left', models.DurationField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('status__in', ('new', 'waiting'))), fields=['department', 'urgency', 'answer_due_at'], name='case_worklist'), models.Index(fields=['patient', '-created_at'], name='case_patient'), django.contrib.postgres.indexes.GinIndex(fields=['title'], name='case_title_trgm', opclasses=('gin_trgm_ops',)), models.Index(condition=models.Q(('status', 'closed'), _negated=True), fields=['department', 'owner'], include=('patient',), name='case_load'), models.Index(fields=['department', 'created_at'], include=('patient',), name='case_opened'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['department', 'closed_at'], include=('patient',), name='case_closed')],
                    'constraints': [models.UniqueConstraint(fields=('id', 'patient'), name='case_of_patient'), models.UniqueConstraint(fields=('patient', 'form_key'), name='case_once_a_form'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('status', 'closed')), models.Q(models.Q(('status', 'closed'), _negated=True), ('closed_at__isnull', True), ('closed_by__isnull', True)), _connector='OR'), name='case_closed_at_by'), models.CheckConstraint(condition=models.Q(('status__in', ['new', 'waiting', 'answered', 'closed'])), name='case_status'), models.CheckConstraint(condition=models.Q(('merged_into', None), ('status', 'closed'), _connector='OR'), name='case_merged_is_closed'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='case_merged_into_another'), models.CheckConstraint(condition=models.Q(('answer_left', None), models.Q(('answer_left__gte', datetime.timedelta(0)), ('status', 'answered')), _connector='OR'), name='case_paused_while_answered')],
                },
            ),
            migrations.CreateModel(
                name='PatientEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('record_number', models.CharField(max_length=30, verbose_name='record number')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('born_on', models.DateField(verbose_name='date of birth')),
                    ('sex', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Not said')], default='unknown', max_length=10, verbose_name='sex')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                    ('time_zone', models.CharField(max_length=60, verbose_name='time zone')),
                    ('allergies', models.TextField(blank=True, null=True, verbose_name='allergies')),
                    ('is_sample', models.BooleanField(default=False, verbose_name='sample data')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.patient')),
                    ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('enrolled_by_department', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.department')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='PatientInvitation',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('email', models.EmailField(max_length=254)),
                    ('expires_at', models.DateTimeField()),
                    ('times_sent', models.PositiveSmallIntegerField(default=0)),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('wrong_dates', models.PositiveSmallIntegerField(default=0)),
                    ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='patients.patient')),
                    ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='patientinvitation_accepted_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='patientinvitation_revoked_at_by'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('revoked_at__isnull', True), _connector='OR'), name='patientinvitation_answered_once'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='patientinvitation_email_is_lower'), models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None)), fields=('patient',), name='patientinvitation_once_at_a_time'), models.CheckConstraint(condition=models.Q(('wrong_dates__lt', 5), models.Q(('revoked_at__isnull', False), ('wrong_dates', 5)), _connector='OR'), name='patientinvitation_tries')],
                },
            ),
            migrations.CreateModel(
                name='AccessQuestion',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('record_number', models.CharField(max_length=30)),
                    ('first_event', models.UUIDField()),
                    ('last_event', models.UUIDField()),
                    ('actor_id', models.UUIDField(null=True)),
                    ('began_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField()),
                    ('text', models.TextField()),
                    ('answer', models.TextField(blank=True)),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_questions', to='patients.patient')),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['id'], name='access_question_open')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='access_question_answered'), models.CheckConstraint(condition=models.Q(('began_at__lte', models.F('ended_at'))), name='access_question_when'), models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('patient', 'first_event'), name='access_question_once')],
                },
            ),
            migrations.CreateModel(
                name='RelatedPerson',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('relationship', models.CharField(blank=True, max_length=60, verbose_name='who they are to you')),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('cases', 'My cases: questions, messages, files'), ('results', 'My results, once they are released'), ('medicines', 'My medicines'), ('followups', 'My follow-ups, and to confirm or move them for me'), ('writing', 'To write to the clinic for me')], max_length=10), size=None)),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('expires_at', models.DateTimeField(verbose_name='until')),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trusted_by', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='related_people', to='patients.patient')),
                    ('given_at', models.DateTimeField(default=portal.models.record.now)),
                    ('patient_name', models.CharField(max_length=120)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('revoked_at', None)), fields=['account'], name='related_person_account')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('patient', 'email'), name='related_person_once'), models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('account__isnull', True)), models.Q(('accepted_at__isnull', False), ('account__isnull', False)), _connector='OR'), name='related_person_accepted'), models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0)), name='related_person_may_something'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='related_person_email_is_lower'), models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('given_at'), '+', models.Value(datetime.timedelta(days=367))))), name='related_person_expires')],
                },
            ),
            migrations.CreateModel(
                name='BrokenGlass',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('reason', models.CharField(max_length=500, verbose_name='reason')),
                    ('expires_at', models.DateTimeField()),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='broken_glasses', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='broken_glasses', to='patients.patient')),
                    ('record_number', models.CharField(max_length=30)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(fields=['account', 'expires_at'], name='broken_glass_account'), models.Index(fields=['patient', '-id'], name='broken_glass_patient')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='broken_glass_reason'), models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(seconds=3660))))), name='broken_glass_one_hour')],
                },
            ),
            migrations.CreateModel(
                name='Consent',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('text', models.TextField()),
                    ('status', models.CharField(choices=[('proposed', 'Waiting for your answer'), ('active', 'You agreed'), ('rejected', 'You said no'), ('inactive', 'You withdrew it')], default='proposed', max_length=8)),
                    ('answered_at', models.DateTimeField(blank=True, null=True)),
                    ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='patients.case')),
                    ('question', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='faq.question')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='patients.patient')),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('status', 'proposed')), models.Q(models.Q(('status', 'proposed'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='consent_answered_at')],
                },
            ),
            migrations.CreateModel(
                name='Message',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('body', models.TextField(verbose_name='message')),
                    ('safety_net', models.TextField(blank=True, verbose_name='when to get help sooner')),
                    ('form_key', models.UUIDField(editable=False, null=True)),
                    ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('voice', models.CharField(choices=[('patient', 'The patient'), ('trusted', 'Somebody the patient trusts, for them'), ('clinic', 'The clinic')], max_length=8)),
                    ('undone_at', models.DateTimeField(editable=False, null=True)),
                    ('undone_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('visible_at', models.DateTimeField(editable=False, null=True)),
                ],
                options={
                    'ordering': ('id',),
                    'indexes': [models.Index(fields=['patient', '-id'], name='message_patient')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='message_says_something'), models.UniqueConstraint(fields=('case', 'form_key'), name='message_once_a_form'), models.CheckConstraint(condition=models.Q(('voice__in', ['patient', 'trusted', 'clinic'])), name='message_voice'), models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_at__lt', models.F('visible_at')), ('undone_by__isnull', False)), _connector='OR'), name='message_undone_before_it_was_seen')],
                },
            ),
            migrations.CreateModel(
                name='CaseEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.BigIntegerField(db_default=models.Func(models.Value('patients_case_number'), function='nextval'), editable=False)),
                    ('title', models.CharField(max_length=120, verbose_name='what it is about')),
                    ('story', models.TextField(verbose_name="what happened, in the patient's words")),
                    ('since', models.CharField(blank=True, max_length=80, verbose_name='since when')),
                    ('status', models.CharField(choices=[('new', 'Sent, being read by triage'), ('waiting', 'Waiting for the clinic'), ('answered', 'Answered'), ('closed', 'Closed')], default='new', max_length=10)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'Emergency'), (2, 'Same day'), (3, 'Soon'), (4, 'Routine')], default=4)),
                    ('waiting_since', models.DateTimeField(default=django.utils.timezone.now)),
                    ('answer_due_at', models.DateTimeField()),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('form_key', models.UUIDField(editable=False, null=True)),
                    ('closed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('department', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.department')),
                    ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.case')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('merged_into', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('held_until', models.DateTimeField(blank=True, null=True)),
                    ('answer_left', models.DurationField(blank=True, null=True)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Prescription',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('origin', models.CharField(choices=[('prescribed', 'Prescribed here'), ('reported', 'Reported by the patient')], max_length=10)),
                    ('status', models.CharField(choices=[('active', 'Taking'), ('on_hold', "On hold: don't take"), ('stopped', 'Stopped')], default='active', max_length=8)),
                    ('medicine', models.CharField(max_length=120, verbose_name='medicine')),
                    ('atc', models.CharField(blank=True, max_length=7, verbose_name='ATC code')),
                    ('dose', models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True, verbose_name='dose')),
                    ('dose_unit', models.CharField(blank=True, max_length=10, verbose_name='unit')),
                    ('form', models.CharField(blank=True, max_length=40, verbose_name='form')),
                    ('route', models.CharField(blank=True, max_length=20, verbose_name='route')),
                    ('times_a_day', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='times a day')),
                    ('as_needed', models.BooleanField(default=False, verbose_name='only when needed')),
                    ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='for how many days')),
                    ('indication', models.CharField(blank=True, max_length=120, verbose_name='what for')),
                    ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('findings', models.JSONField(blank=True, default=list)),
                    ('has_hard_stop', models.BooleanField(default=False)),
                    ('override_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for prescribing all the same')),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for stopping')),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prescriptions', to='patients.case')),
                    ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prescriptions', to='patients.patient')),
                    ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-has_hard_stop', 'id'),
                    'indexes': [models.Index(condition=models.Q(('has_hard_stop', True), ('status', 'active')), fields=['patient'], name='prescription_hard_stop'), models.Index(fields=['patient', 'status'], name='prescription_patient')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('status', 'stopped')), models.Q(models.Q(('status', 'stopped'), _negated=True), ('ended_at__isnull', True), ('ended_by__isnull', True)), _connector='OR'), name='prescription_ended_at_by'), models.CheckConstraint(condition=models.Q(('has_hard_stop', False), ('origin', 'reported'), _connector='OR'), name='prescription_never_hard_stopped'), models.CheckConstraint(condition=models.Q(('dose__isnull', True), ('dose__gt', 0), _connector='OR'), name='prescription_dose')],
                },
            ),
            migrations.CreateModel(
                name='Result',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('nerve_conduction', 'Nerve conduction study'), ('eeg', 'EEG'), ('laboratory', 'Laboratory panel'), ('other', 'Other report')], max_length=20)),
                    ('title', models.CharField(max_length=120, verbose_name='name of the test')),
                    ('performed_on', models.DateField(verbose_name='date of the test')),
                    ('performer', models.CharField(blank=True, max_length=120, verbose_name='laboratory or department')),
                    ('impression', models.TextField(blank=True, verbose_name='impression, for clinicians')),
                    ('comment', models.TextField(blank=True, verbose_name='in plain words, for the patient')),
                    ('next_step', models.CharField(blank=True, max_length=300, verbose_name='what happens next')),
                    ('status', models.CharField(choices=[('preliminary', 'Recorded, not released'), ('final', 'Released to the patient')], default='preliminary', max_length=12)),
                    ('is_sample', models.BooleanField(default=False, verbose_name='sample data')),
                    ('released_at', models.DateTimeField(blank=True, null=True)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='patients.patient')),
                    ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-performed_on', '-id'),
                    'indexes': [models.Index(fields=['patient', '-performed_on', '-id'], name='result_patient'), models.Index(condition=models.Q(('status', 'preliminary')), fields=['case'], name='result_unreleased')],
                    'constraints': [models.UniqueConstraint(fields=('id', 'patient'), name='result_of_patient'), models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', False), ('released_by__isnull', False), ('status', 'final')), models.Q(('released_at__isnull', True), ('released_by__isnull', True), ('status', 'preliminary')), _connector='OR'), name='result_released_at_by')],
                },
            ),
            migrations.CreateModel(
                name='RelatedPersonEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('relationship', models.CharField(blank=True, max_length=60, verbose_name='who they are to you')),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('cases', 'My cases: questions, messages, files'), ('results', 'My results, once they are released'), ('medicines', 'My medicines'), ('followups', 'My follow-ups, and to confirm or move them for me'), ('writing', 'To write to the clinic for me')], max_length=10), size=None)),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('expires_at', models.DateTimeField(verbose_name='until')),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('account', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.relatedperson')),
                    ('given_at', models.DateTimeField(default=portal.models.record.now)),
                    ('patient_name', models.CharField(max_length=120)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='GlassReview',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('note', models.CharField(max_length=1000, verbose_name='what you found')),
                    ('glass', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='patients.brokenglass')),
                    ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='glass_review_note')],
                },
            ),
            migrations.CreateModel(
                name='DiaryEntry',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('on', models.DateField()),
                    ('symptom', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('worry', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('sleep', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('note', models.CharField(blank=True, max_length=300)),
                    ('rule_ids', models.JSONField(default=list)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='diary', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('-on',),
                    'constraints': [models.UniqueConstraint(fields=('case', 'on'), name='diary_once_a_day'), models.CheckConstraint(condition=models.Q(('sleep__lte', 4), ('symptom__lte', 4), ('worry__lte', 4)), name='diary_levels')],
                },
            ),
            migrations.CreateModel(
                name='RedFlag',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'Emergency'), (2, 'Same day'), (3, 'Soon'), (4, 'Routine')])),
                    ('source', models.CharField(choices=[('screening', 'Answered before asking'), ('message', 'Ticked with a message'), ('diary', 'Ticked in the diary')], max_length=9)),
                    ('title', models.CharField(max_length=120)),
                    ('rule_ids', models.JSONField(default=list)),
                    ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                    ('review_note', models.CharField(blank=True, max_length=1000, verbose_name='what was done')),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='red_flags', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('urgency', 'id'),
                    'indexes': [models.Index(condition=models.Q(('reviewed_at', None)), fields=['case', 'urgency'], name='red_flag_waiting'), models.Index(fields=['patient', '-id'], name='red_flag_patient')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('review_note', ''), ('reviewed_at__isnull', True), ('reviewed_by__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewed_by__isnull', False), models.Q(('review_note', ''), _negated=True)), _connector='OR'), name='red_flag_reviewed_at_by'), models.CheckConstraint(condition=models.Q(('urgency__in', [1, 2])), name='red_flag_urgency'), models.CheckConstraint(condition=models.Q(('source__in', ['screening', 'message', 'diary'])), name='red_flag_source')],
                },
            ),
            migrations.CreateModel(
                name='Screening',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('complaint', models.CharField(max_length=30)),
                    ('rules_version', models.CharField(max_length=12)),
                    ('answers', models.JSONField()),
                    ('outcome', models.CharField(choices=[('emergency_now', 'Emergency now'), ('same_day', 'Same day'), ('routine', 'Routine'), ('self_care', 'Self-care')], max_length=14)),
                    ('rule_ids', models.JSONField(default=list)),
                    ('answered_at', models.DateTimeField()),
                    ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='screening', to='patients.case')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['emergency_now', 'same_day', 'routine', 'self_care'])), name='screening_outcome')],
                },
            ),
            migrations.CreateModel(
                name='FollowUp',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('visit', 'Visit'), ('call', 'Telephone call'), ('test_repeat', 'Repeat of a test'), ('diary_check', 'Look at the diary'), ('message', 'Message')], max_length=12, verbose_name='kind')),
                    ('reason', models.CharField(max_length=200, verbose_name='what for')),
                    ('earliest_on', models.DateField(verbose_name='not before')),
                    ('due_on', models.DateField(verbose_name='due')),
                    ('latest_on', models.DateField(verbose_name='at the latest')),
                    ('status', models.CharField(choices=[('planned', 'Planned'), ('confirmed', 'Confirmed by the patient'), ('change_asked', 'Patient asks for another day'), ('closed', 'Closed')], default='planned', max_length=12)),
                    ('patient_note', models.CharField(blank=True, max_length=300, verbose_name='what the patient asks')),
                    ('evidence', models.CharField(blank=True, choices=[('attended', 'The patient came, or was spoken to'), ('result_reviewed', 'The repeated test was reviewed'), ('declined', 'The patient declined'), ('released', 'A clinician released it, with a reason')], max_length=16)),
                    ('closing_note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='patients.case')),
                    ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='patients.patient')),
                    ('undone_at', models.DateTimeField(blank=True, null=True)),
                    ('visible_at', models.DateTimeField(blank=True, null=True)),
                    ('call_at', models.DateTimeField(blank=True, null=True)),
                    ('call_reason', models.CharField(blank=True, choices=[('high_risk', 'Missed, and it is one that must not be missed'), ('missed_again', 'Missed a second time'), ('silence', 'Missed, and no answer since'), ('unreachable', 'No message reaches them')], max_length=12)),
                    ('desk_at', models.DateTimeField(blank=True, null=True)),
                    ('is_high_risk', models.BooleanField(default=False, verbose_name='must not be missed')),
                    ('missed_at', models.DateTimeField(blank=True, null=True)),
                    ('misses', models.PositiveSmallIntegerField(default=0)),
                    ('prescription', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='patients.prescription')),
                    ('result', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='patients.result')),
                    ('sequence', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'ordering': ('due_on', 'id'),
                    'indexes': [models.Index(condition=models.Q(('status', 'closed'), _negated=True), fields=['latest_on'], name='followup_open'), models.Index(fields=['patient', 'due_on'], name='followup_patient'), models.Index(fields=['latest_on'], name='followup_latest'), models.Index(condition=models.Q(models.Q(('status', 'closed'), _negated=True), ('call_at__isnull', False)), fields=['call_at'], name='followup_to_call')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('due_on__lte', models.F('latest_on')), ('earliest_on__lte', models.F('due_on'))), name='followup_window'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('status', 'closed'), models.Q(('evidence', ''), _negated=True)), models.Q(models.Q(('status', 'closed'), _negated=True), ('closed_at__isnull', True), ('closed_by__isnull', True), ('evidence', '')), _connector='OR'), name='followup_closed_by_evidence'), models.CheckConstraint(condition=models.Q(models.Q(('evidence', 'released'), _negated=True), models.Q(('closing_note', ''), _negated=True), _connector='OR'), name='followup_released_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('call_at', None), ('call_reason', '')), models.Q(('call_at__isnull', False), models.Q(('call_reason', ''), _negated=True)), _connector='OR'), name='followup_called_for_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='Attachment',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('file', models.FileField(max_length=200, upload_to=patients.models.attachments.stored_name)),
                    ('name', models.CharField(max_length=150, verbose_name='file name')),
                    ('content_type', models.CharField(max_length=60)),
                    ('size', models.PositiveIntegerField(verbose_name='bytes')),
                    ('sha256', models.CharField(max_length=64)),
                    ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='patients.case')),
                    ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='patients.message')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('is_cleaned', models.BooleanField(default=False)),
                    ('is_readable', models.BooleanField(default=True)),
                    ('scan', models.CharField(choices=[('not_scanned', 'Not scanned'), ('clean', 'No virus found'), ('infected', 'Virus found'), ('failed', 'Waits for its scan')], default='not_scanned', max_length=12)),
                    ('scan_note', models.CharField(blank=True, default='', max_length=120)),
                    ('scanned_at', models.DateTimeField(blank=True, null=True)),
                    ('sent_sha256', models.CharField(blank=True, default='', max_length=64)),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='attachment_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('scan', 'not_scanned'), ('scanned_at', None)), models.Q(models.Q(('scan', 'not_scanned'), _negated=True), ('scanned_at__isnull', False)), _connector='OR'), name='attachment_scan_has_its_time')],
                },
            ),
            migrations.CreateModel(
                name='ConsentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('text', models.TextField()),
                    ('status', models.CharField(choices=[('proposed', 'Waiting for your answer'), ('active', 'You agreed'), ('rejected', 'You said no'), ('inactive', 'You withdrew it')], default='proposed', max_length=8)),
                    ('answered_at', models.DateTimeField(blank=True, null=True)),
                    ('asked_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.consent')),
                    ('question', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='faq.question')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='CaseQuestion',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('text', models.CharField(max_length=500)),
                    ('outcome', models.CharField(choices=[('open', 'Not answered yet'), ('answered', 'Answered'), ('deferred', 'To be answered later'), ('needs_visit', 'Needs a visit')], default='open', max_length=12)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='patients.case')),
                    ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settles', to='patients.message')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('position',),
                    'constraints': [models.UniqueConstraint(fields=('case', 'position'), name='case_question_position'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'open'), ('settled_by__isnull', True)), models.Q(models.Q(('outcome', 'open'), _negated=True), ('settled_by__isnull', False)), _connector='OR'), name='case_question_settled')],
                },
            ),
            migrations.CreateModel(
                name='PrescriptionEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('origin', models.CharField(choices=[('prescribed', 'Prescribed here'), ('reported', 'Reported by the patient')], max_length=10)),
                    ('status', models.CharField(choices=[('active', 'Taking'), ('on_hold', "On hold: don't take"), ('stopped', 'Stopped')], default='active', max_length=8)),
                    ('medicine', models.CharField(max_length=120, verbose_name='medicine')),
                    ('atc', models.CharField(blank=True, max_length=7, verbose_name='ATC code')),
                    ('dose', models.DecimalField(blank=True, decimal_places=4, max_digits=10, null=True, verbose_name='dose')),
                    ('dose_unit', models.CharField(blank=True, max_length=10, verbose_name='unit')),
                    ('form', models.CharField(blank=True, max_length=40, verbose_name='form')),
                    ('route', models.CharField(blank=True, max_length=20, verbose_name='route')),
                    ('times_a_day', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='times a day')),
                    ('as_needed', models.BooleanField(default=False, verbose_name='only when needed')),
                    ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='for how many days')),
                    ('indication', models.CharField(blank=True, max_length=120, verbose_name='what for')),
                    ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('findings', models.JSONField(blank=True, default=list)),
                    ('has_hard_stop', models.BooleanField(default=False)),
                    ('override_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for prescribing all the same')),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('ended_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for stopping')),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('ended_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.prescription')),
                    ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Observation',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('loinc', models.CharField(max_length=10, verbose_name='LOINC code')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('value', models.DecimalField(decimal_places=4, max_digits=12, verbose_name='value')),
                    ('unit', models.CharField(max_length=20, verbose_name='unit (UCUM)')),
                    ('low', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name="sender's lower limit")),
                    ('high', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name="sender's upper limit")),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('result', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='patients.result')),
                ],
                options={
                    'ordering': ('position',),
                    'indexes': [models.Index(fields=['patient', 'loinc'], name='observation_trend')],
                    'constraints': [models.UniqueConstraint(fields=('result', 'position'), name='observation_position'), models.CheckConstraint(condition=models.Q(('low__isnull', True), ('high__isnull', True), ('low__lte', models.F('high')), _connector='OR'), name='observation_low_high')],
                },
            ),
            migrations.CreateModel(
                name='NerveMeasurement',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('study_type', models.CharField(choices=[('motor', 'Motor'), ('sensory', 'Sensory'), ('f_wave', 'F-wave')], max_length=10, verbose_name='study')),
                    ('nerve', models.CharField(max_length=40, verbose_name='nerve')),
                    ('side', models.CharField(choices=[('left', 'Left'), ('right', 'Right')], max_length=5, verbose_name='side')),
                    ('stimulation_site', models.CharField(max_length=60, verbose_name='stimulation site')),
                    ('recording_site', models.CharField(max_length=60, verbose_name='recording site')),
                    ('no_response', models.BooleanField(default=False, verbose_name='no response')),
                    ('latency_ms', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='latency, ms')),
                    ('amplitude', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, verbose_name='amplitude')),
                    ('amplitude_unit', models.CharField(choices=[('mV', 'mV'), ('uV', 'µV')], default='mV', max_length=2, verbose_name='amplitude unit')),
                    ('distance_mm', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True, verbose_name='distance, mm')),
                    ('velocity_m_s', models.DecimalField(blank=True, decimal_places=1, max_digits=4, null=True, verbose_name='velocity, m/s')),
                    ('f_latency_ms', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='F-wave, ms')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('result', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measurements', to='patients.result')),
                ],
                options={
                    'ordering': ('position',),
                    'constraints': [models.UniqueConstraint(fields=('result', 'position'), name='nerve_measurement_position'), models.CheckConstraint(condition=models.Q(('no_response', False), models.Q(('amplitude__isnull', True), ('latency_ms__isnull', True), ('velocity_m_s__isnull', True)), _connector='OR'), name='nerve_no_response_has_no_numbers')],
                },
            ),
            migrations.CreateModel(
                name='EegReport',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('duration_min', models.PositiveSmallIntegerField(verbose_name='length, minutes')),
                    ('channels', models.PositiveSmallIntegerField(verbose_name='channels')),
                    ('conditions', models.CharField(blank=True, max_length=200, verbose_name='recording conditions')),
                    ('background', models.TextField(verbose_name='background activity')),
                    ('sleep', models.TextField(blank=True, verbose_name='drowsiness and sleep')),
                    ('interictal', models.TextField(blank=True, verbose_name='interictal findings')),
                    ('episodes', models.TextField(blank=True, verbose_name='episodes')),
                    ('significance', models.CharField(choices=[('normal', 'Normal recording'), ('no_definite', 'No definite abnormality'), ('abnormal', 'Abnormal recording')], max_length=12, verbose_name='diagnostic significance')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('result', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='eeg', to='patients.result')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('channels__gt', 0), ('duration_min__gt', 0)), name='eeg_has_length')],
                },
            ),
            migrations.CreateModel(
                name='ResultEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('nerve_conduction', 'Nerve conduction study'), ('eeg', 'EEG'), ('laboratory', 'Laboratory panel'), ('other', 'Other report')], max_length=20)),
                    ('title', models.CharField(max_length=120, verbose_name='name of the test')),
                    ('performed_on', models.DateField(verbose_name='date of the test')),
                    ('performer', models.CharField(blank=True, max_length=120, verbose_name='laboratory or department')),
                    ('impression', models.TextField(blank=True, verbose_name='impression, for clinicians')),
                    ('comment', models.TextField(blank=True, verbose_name='in plain words, for the patient')),
                    ('next_step', models.CharField(blank=True, max_length=300, verbose_name='what happens next')),
                    ('status', models.CharField(choices=[('preliminary', 'Recorded, not released'), ('final', 'Released to the patient')], default='preliminary', max_length=12)),
                    ('is_sample', models.BooleanField(default=False, verbose_name='sample data')),
                    ('released_at', models.DateTimeField(blank=True, null=True)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.result')),
                    ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('released_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='DiaryEntryEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('on', models.DateField()),
                    ('symptom', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('worry', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('sleep', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Mild'), (2, 'Moderate'), (3, 'Strong'), (4, 'Very strong')])),
                    ('note', models.CharField(blank=True, max_length=300)),
                    ('rule_ids', models.JSONField(default=list)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.diaryentry')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='RedFlagEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'Emergency'), (2, 'Same day'), (3, 'Soon'), (4, 'Routine')])),
                    ('source', models.CharField(choices=[('screening', 'Answered before asking'), ('message', 'Ticked with a message'), ('diary', 'Ticked in the diary')], max_length=9)),
                    ('title', models.CharField(max_length=120)),
                    ('rule_ids', models.JSONField(default=list)),
                    ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                    ('review_note', models.CharField(blank=True, max_length=1000, verbose_name='what was done')),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.redflag')),
                    ('reviewed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='MessageArticle',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='faq.article')),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='patients.message')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('question', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='faq.question')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('article__isnull', True), ('question__isnull', True), _connector='XOR'), name='message_article_is_one'), models.UniqueConstraint(fields=('message', 'article'), name='message_article_once'), models.UniqueConstraint(fields=('message', 'question'), name='message_question_once')],
                },
            ),
            migrations.CreateModel(
                name='FollowUpEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('visit', 'Visit'), ('call', 'Telephone call'), ('test_repeat', 'Repeat of a test'), ('diary_check', 'Look at the diary'), ('message', 'Message')], max_length=12, verbose_name='kind')),
                    ('reason', models.CharField(max_length=200, verbose_name='what for')),
                    ('earliest_on', models.DateField(verbose_name='not before')),
                    ('due_on', models.DateField(verbose_name='due')),
                    ('latest_on', models.DateField(verbose_name='at the latest')),
                    ('status', models.CharField(choices=[('planned', 'Planned'), ('confirmed', 'Confirmed by the patient'), ('change_asked', 'Patient asks for another day'), ('closed', 'Closed')], default='planned', max_length=12)),
                    ('patient_note', models.CharField(blank=True, max_length=300, verbose_name='what the patient asks')),
                    ('evidence', models.CharField(blank=True, choices=[('attended', 'The patient came, or was spoken to'), ('result_reviewed', 'The repeated test was reviewed'), ('declined', 'The patient declined'), ('released', 'A clinician released it, with a reason')], max_length=16)),
                    ('closing_note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('closed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.followup')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('undone_at', models.DateTimeField(blank=True, null=True)),
                    ('visible_at', models.DateTimeField(blank=True, null=True)),
                    ('call_at', models.DateTimeField(blank=True, null=True)),
                    ('call_reason', models.CharField(blank=True, choices=[('high_risk', 'Missed, and it is one that must not be missed'), ('missed_again', 'Missed a second time'), ('silence', 'Missed, and no answer since'), ('unreachable', 'No message reaches them')], max_length=12)),
                    ('desk_at', models.DateTimeField(blank=True, null=True)),
                    ('is_high_risk', models.BooleanField(default=False, verbose_name='must not be missed')),
                    ('missed_at', models.DateTimeField(blank=True, null=True)),
                    ('misses', models.PositiveSmallIntegerField(default=0)),
                    ('prescription', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.prescription')),
                    ('result', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.result')),
                    ('sequence', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='AttachmentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('file', models.FileField(max_length=200, upload_to=patients.models.attachments.stored_name)),
                    ('name', models.CharField(max_length=150, verbose_name='file name')),
                    ('content_type', models.CharField(max_length=60)),
                    ('size', models.PositiveIntegerField(verbose_name='bytes')),
                    ('sha256', models.CharField(max_length=64)),
                    ('added_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.attachment')),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('message', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.message')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('is_cleaned', models.BooleanField(default=False)),
                    ('is_readable', models.BooleanField(default=True)),
                    ('scan', models.CharField(choices=[('not_scanned', 'Not scanned'), ('clean', 'No virus found'), ('infected', 'Virus found'), ('failed', 'Waits for its scan')], default='not_scanned', max_length=12)),
                    ('scan_note', models.CharField(blank=True, default='', max_length=120)),
                    ('scanned_at', models.DateTimeField(blank=True, null=True)),
                    ('sent_sha256', models.CharField(blank=True, default='', max_length=64)),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Reminder',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('slot', models.CharField(choices=[('booked', 'When it was planned'), ('week_before', 'A week before'), ('second_way', 'Another way, as there was no answer'), ('day_before', 'The day before'), ('same_day', 'The morning itself'), ('missed', 'When it was missed')], max_length=12)),
                    ('local_date', models.DateField()),
                    ('wall_time', models.TimeField()),
                    ('time_zone', models.CharField(max_length=60)),
                    ('due_at', models.DateTimeField()),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='patients.followup')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('due_at',),
                    'constraints': [models.UniqueConstraint(fields=('followup', 'local_date', 'slot'), name='reminder_once_a_day')],
                },
            ),
            migrations.CreateModel(
                name='Appointment',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('span', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                    ('seat', models.PositiveSmallIntegerField(default=1)),
                    ('place', models.CharField(blank=True, max_length=120)),
                    ('status', models.CharField(choices=[('booked', 'Booked'), ('fulfilled', 'The patient came'), ('noshow', 'The patient did not come'), ('cancelled', 'Called off')], default='booked', max_length=10)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='patients.case')),
                    ('clinician', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='patients.followup')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='patients.patient')),
                ],
                options={
                    'ordering': ('span',),
                    'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status', 'booked')), expressions=(('clinician', '='), ('seat', '='), ('span', '&&')), name='appointment_no_seat_twice'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('status', 'booked')), expressions=(('patient', '='), ('span', '&&')), name='appointment_nobody_in_two_places'), models.UniqueConstraint(condition=models.Q(('status', 'booked')), fields=('followup',), name='appointment_one_of_a_followup'), models.CheckConstraint(condition=models.Q(('span__isempty', False)), name='appointment_lasts')],
                },
            ),
            migrations.CreateModel(
                name='CallAttempt',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('outcome', models.CharField(choices=[('reached', 'Spoke with them'), ('no_answer', 'No answer'), ('voicemail', 'Left word to call back'), ('wrong_number', 'The number is wrong')], max_length=12, verbose_name='what happened')),
                    ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                    ('called_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='patients.followup')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ],
                options={
                    'ordering': ('created_at', 'id'),
                },
            ),
            migrations.CreateModel(
                name='WaitingListEntry',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('offered', django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                    ('offered_until', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('clinician', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_list_entries', to='patients.followup')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('passed_over', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, size=None)),
                ],
                options={
                    'ordering': ('created_at', 'id'),
                    'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['created_at'], name='waiting_open')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('followup',), name='waiting_once'), models.CheckConstraint(condition=models.Q(models.Q(('offered', None), ('offered_until', None)), models.Q(('offered__isnull', False), ('offered_until__isnull', False)), _connector='OR'), name='waiting_offered_until')],
                },
            ),
            migrations.CreateModel(
                name='Missed',
                fields=[
                ],
                options={
                    'proxy': True,
                },
                bases=('patients.followup',),
            ),
            migrations.CreateModel(
                name='AppointmentEvent',
                fields=[
                    ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                    ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                    ('pgh_label', models.TextField(help_text='The event label.')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('span', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                    ('seat', models.PositiveSmallIntegerField(default=1)),
                    ('place', models.CharField(blank=True, max_length=120)),
                    ('status', models.CharField(choices=[('booked', 'Booked'), ('fulfilled', 'The patient came'), ('noshow', 'The patient did not come'), ('cancelled', 'Called off')], default='booked', max_length=10)),
                    ('case', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.case')),
                    ('clinician', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ('followup', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.followup')),
                    ('patient', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='patients.patient')),
                    ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                    ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='patients.appointment')),
                ],
                options={
                    'abstract': False,
                },
            ),
            migrations.CreateModel(
                name='Telling',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('push', 'Notice on a device'), ('in_app', 'In the portal')], max_length=6)),
                    ('escalation', models.PositiveSmallIntegerField(default=0)),
                    ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.case')),
                    ('delivery', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='telling', to='portal.delivery')),
                    ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='patients.followup')),
                    ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                    ('reminder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='patients.reminder')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.UniqueConstraint(fields=('reminder', 'channel', 'escalation'), name='telling_once')],
                },
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='patient',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_patientevent" ("allergies", "born_on", "created_at", "enrolled_by_department_id", "id", "is_sample", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "record_number", "sex", "time_zone", "user_id") VALUES (NEW."allergies", NEW."born_on", NEW."created_at", NEW."enrolled_by_department_id", NEW."id", NEW."is_sample", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."record_number", NEW."sex", NEW."time_zone", NEW."user_id"); RETURN NULL;', hash='2d5a15ca6688e33710de6e0c53a779272edaedac', operation='INSERT', pgid='pgtrigger_insert_insert_62165', table='patients_patient', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='patient',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_patientevent" ("allergies", "born_on", "created_at", "enrolled_by_department_id", "id", "is_sample", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "record_number", "sex", "time_zone", "user_id") VALUES (NEW."allergies", NEW."born_on", NEW."created_at", NEW."enrolled_by_department_id", NEW."id", NEW."is_sample", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."record_number", NEW."sex", NEW."time_zone", NEW."user_id"); RETURN NULL;', hash='050b4519dd7ba560784edb8fa21403dc64d2685b', operation='UPDATE', pgid='pgtrigger_update_update_546ce', table='patients_patient', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='case',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_caseevent" ("answer_due_at", "answer_left", "closed_at", "closed_by_id", "created_at", "department_id", "form_key", "held_until", "id", "merged_into_id", "number", "owner_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "status", "story", "title", "urgency", "waiting_since") VALUES (NEW."answer_due_at", NEW."answer_left", NEW."closed_at", NEW."closed_by_id", NEW."created_at", NEW."department_id", NEW."form_key", NEW."held_until", NEW."id", NEW."merged_into_id", NEW."number", NEW."owner_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."since", NEW."status", NEW."story", NEW."title", NEW."urgency", NEW."waiting_since"); RETURN NULL;', hash='67c5001bc91cedaef9e53913532a8209fda53a00', operation='INSERT', pgid='pgtrigger_insert_insert_5e90b', table='patients_case', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='case',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_caseevent" ("answer_due_at", "answer_left", "closed_at", "closed_by_id", "created_at", "department_id", "form_key", "held_until", "id", "merged_into_id", "number", "owner_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "status", "story", "title", "urgency", "waiting_since") VALUES (NEW."answer_due_at", NEW."answer_left", NEW."closed_at", NEW."closed_by_id", NEW."created_at", NEW."department_id", NEW."form_key", NEW."held_until", NEW."id", NEW."merged_into_id", NEW."number", NEW."owner_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."since", NEW."status", NEW."story", NEW."title", NEW."urgency", NEW."waiting_since"); RETURN NULL;', hash='615e164ea33bc0b4e5199bc1f7bfa6e6b46a6b75', operation='UPDATE', pgid='pgtrigger_update_update_9086c', table='patients_case', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='relatedperson',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_relatedpersonevent" ("accepted_at", "account_id", "created_at", "email", "expires_at", "given_at", "id", "name", "patient_id", "patient_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship", "revoked_at", "scopes") VALUES (NEW."accepted_at", NEW."account_id", NEW."created_at", NEW."email", NEW."expires_at", NEW."given_at", NEW."id", NEW."name", NEW."patient_id", NEW."patient_name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relationship", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='8f50ed51e9f54000b0178e8dcc03f8d73104ece3', operation='INSERT', pgid='pgtrigger_insert_insert_27dca', table='patients_relatedperson', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='relatedperson',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_relatedpersonevent" ("accepted_at", "account_id", "created_at", "email", "expires_at", "given_at", "id", "name", "patient_id", "patient_name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship", "revoked_at", "scopes") VALUES (NEW."accepted_at", NEW."account_id", NEW."created_at", NEW."email", NEW."expires_at", NEW."given_at", NEW."id", NEW."name", NEW."patient_id", NEW."patient_name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relationship", NEW."revoked_at", NEW."scopes"); RETURN NULL;', hash='e50ff28e472ec9c20a3c4044f2f16be5ef5d636f', operation='UPDATE', pgid='pgtrigger_update_update_5ea6e', table='patients_relatedperson', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='consent',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_consentevent" ("answered_at", "asked_by_id", "case_id", "created_at", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "status", "text") VALUES (NEW."answered_at", NEW."asked_by_id", NEW."case_id", NEW."created_at", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."question_id", NEW."status", NEW."text"); RETURN NULL;', hash='b7b3b099a69631377e39bc0270d00af1e878cb65', operation='INSERT', pgid='pgtrigger_insert_insert_f3c10', table='patients_consent', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='consent',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_consentevent" ("answered_at", "asked_by_id", "case_id", "created_at", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "status", "text") VALUES (NEW."answered_at", NEW."asked_by_id", NEW."case_id", NEW."created_at", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."question_id", NEW."status", NEW."text"); RETURN NULL;', hash='da66da5e1a4dac6867426c07dbfe46edab2ec65f', operation='UPDATE', pgid='pgtrigger_update_update_06fdd', table='patients_consent', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='prescription',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_prescriptionevent" ("as_needed", "atc", "case_id", "created_at", "days", "dose", "dose_unit", "ended_at", "ended_by_id", "ended_reason", "findings", "form", "has_hard_stop", "id", "indication", "medicine", "note", "origin", "override_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "route", "status", "times_a_day") VALUES (NEW."as_needed", NEW."atc", NEW."case_id", NEW."created_at", NEW."days", NEW."dose", NEW."dose_unit", NEW."ended_at", NEW."ended_by_id", NEW."ended_reason", NEW."findings", NEW."form", NEW."has_hard_stop", NEW."id", NEW."indication", NEW."medicine", NEW."note", NEW."origin", NEW."override_reason", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_by_id", NEW."route", NEW."status", NEW."times_a_day"); RETURN NULL;', hash='f6ddace9285e9a84dba8a8945c39303357df0fe9', operation='INSERT', pgid='pgtrigger_insert_insert_be7a6', table='patients_prescription', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='prescription',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_prescriptionevent" ("as_needed", "atc", "case_id", "created_at", "days", "dose", "dose_unit", "ended_at", "ended_by_id", "ended_reason", "findings", "form", "has_hard_stop", "id", "indication", "medicine", "note", "origin", "override_reason", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "route", "status", "times_a_day") VALUES (NEW."as_needed", NEW."atc", NEW."case_id", NEW."created_at", NEW."days", NEW."dose", NEW."dose_unit", NEW."ended_at", NEW."ended_by_id", NEW."ended_reason", NEW."findings", NEW."form", NEW."has_hard_stop", NEW."id", NEW."indication", NEW."medicine", NEW."note", NEW."origin", NEW."override_reason", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_by_id", NEW."route", NEW."status", NEW."times_a_day"); RETURN NULL;', hash='a509139003cad6accb4c36f6fd495ccd894ffa42', operation='UPDATE', pgid='pgtrigger_update_update_7e6cf', table='patients_prescription', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='result',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_resultevent" ("case_id", "comment", "created_at", "id", "impression", "is_sample", "kind", "next_step", "patient_id", "performed_on", "performer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "released_at", "released_by_id", "status", "title") VALUES (NEW."case_id", NEW."comment", NEW."created_at", NEW."id", NEW."impression", NEW."is_sample", NEW."kind", NEW."next_step", NEW."patient_id", NEW."performed_on", NEW."performer", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_by_id", NEW."released_at", NEW."released_by_id", NEW."status", NEW."title"); RETURN NULL;', hash='6e53680d1e87b45ca2f4faa55ea9ad8abc4ca7ee', operation='INSERT', pgid='pgtrigger_insert_insert_58dee', table='patients_result', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='result',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_resultevent" ("case_id", "comment", "created_at", "id", "impression", "is_sample", "kind", "next_step", "patient_id", "performed_on", "performer", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "released_at", "released_by_id", "status", "title") VALUES (NEW."case_id", NEW."comment", NEW."created_at", NEW."id", NEW."impression", NEW."is_sample", NEW."kind", NEW."next_step", NEW."patient_id", NEW."performed_on", NEW."performer", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_by_id", NEW."released_at", NEW."released_by_id", NEW."status", NEW."title"); RETURN NULL;', hash='36d75d219bb81c7b3b55d472b4b390ecaea76112', operation='UPDATE', pgid='pgtrigger_update_update_d6dda', table='patients_result', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='diaryentry',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_diaryentryevent" ("case_id", "created_at", "id", "note", "on", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule_ids", "sleep", "symptom", "worry") VALUES (NEW."case_id", NEW."created_at", NEW."id", NEW."note", NEW."on", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rule_ids", NEW."sleep", NEW."symptom", NEW."worry"); RETURN NULL;', hash='21c78f7750da16be3ecf6d3d633be44076dcf7b8', operation='INSERT', pgid='pgtrigger_insert_insert_06a04', table='patients_diaryentry', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='diaryentry',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_diaryentryevent" ("case_id", "created_at", "id", "note", "on", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rule_ids", "sleep", "symptom", "worry") VALUES (NEW."case_id", NEW."created_at", NEW."id", NEW."note", NEW."on", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rule_ids", NEW."sleep", NEW."symptom", NEW."worry"); RETURN NULL;', hash='c43eb8f35aa903b87f95eea3bfc64c282a961dd9', operation='UPDATE', pgid='pgtrigger_update_update_dde6d', table='patients_diaryentry', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='redflag',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_redflagevent" ("case_id", "created_at", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_note", "reviewed_at", "reviewed_by_id", "rule_ids", "source", "title", "urgency") VALUES (NEW."case_id", NEW."created_at", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."review_note", NEW."reviewed_at", NEW."reviewed_by_id", NEW."rule_ids", NEW."source", NEW."title", NEW."urgency"); RETURN NULL;', hash='492392065a2e52c6fcb5f626c07adac224819a94', operation='INSERT', pgid='pgtrigger_insert_insert_652fc', table='patients_redflag', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='redflag',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_redflagevent" ("case_id", "created_at", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "review_note", "reviewed_at", "reviewed_by_id", "rule_ids", "source", "title", "urgency") VALUES (NEW."case_id", NEW."created_at", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."review_note", NEW."reviewed_at", NEW."reviewed_by_id", NEW."rule_ids", NEW."source", NEW."title", NEW."urgency"); RETURN NULL;', hash='d6c825e43afd591780b2a25706df42fac744fffc', operation='UPDATE', pgid='pgtrigger_update_update_769cb', table='patients_redflag', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_followupevent" ("call_at", "call_reason", "case_id", "closed_at", "closed_by_id", "closing_note", "created_at", "desk_at", "due_on", "earliest_on", "evidence", "id", "is_high_risk", "kind", "latest_on", "missed_at", "misses", "owner_id", "patient_id", "patient_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prescription_id", "reason", "result_id", "sequence", "status", "undone_at", "visible_at") VALUES (NEW."call_at", NEW."call_reason", NEW."case_id", NEW."closed_at", NEW."closed_by_id", NEW."closing_note", NEW."created_at", NEW."desk_at", NEW."due_on", NEW."earliest_on", NEW."evidence", NEW."id", NEW."is_high_risk", NEW."kind", NEW."latest_on", NEW."missed_at", NEW."misses", NEW."owner_id", NEW."patient_id", NEW."patient_note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."prescription_id", NEW."reason", NEW."result_id", NEW."sequence", NEW."status", NEW."undone_at", NEW."visible_at"); RETURN NULL;', hash='bf914eb1d32c84e873adf9b229e2085646f1e105', operation='INSERT', pgid='pgtrigger_insert_insert_fe323', table='patients_followup', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_followupevent" ("call_at", "call_reason", "case_id", "closed_at", "closed_by_id", "closing_note", "created_at", "desk_at", "due_on", "earliest_on", "evidence", "id", "is_high_risk", "kind", "latest_on", "missed_at", "misses", "owner_id", "patient_id", "patient_note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prescription_id", "reason", "result_id", "sequence", "status", "undone_at", "visible_at") VALUES (NEW."call_at", NEW."call_reason", NEW."case_id", NEW."closed_at", NEW."closed_by_id", NEW."closing_note", NEW."created_at", NEW."desk_at", NEW."due_on", NEW."earliest_on", NEW."evidence", NEW."id", NEW."is_high_risk", NEW."kind", NEW."latest_on", NEW."missed_at", NEW."misses", NEW."owner_id", NEW."patient_id", NEW."patient_note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prescription_id", NEW."reason", NEW."result_id", NEW."sequence", NEW."status", NEW."undone_at", NEW."visible_at"); RETURN NULL;', hash='699f4954d36d48d486ce68bcdbe84a86df57d7a5', operation='UPDATE', pgid='pgtrigger_update_update_a2013', table='patients_followup', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_attachmentevent" ("added_by_id", "case_id", "content_type", "created_at", "file", "id", "is_cleaned", "is_readable", "message_id", "name", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scan", "scan_note", "scanned_at", "sent_sha256", "sha256", "size") VALUES (NEW."added_by_id", NEW."case_id", NEW."content_type", NEW."created_at", NEW."file", NEW."id", NEW."is_cleaned", NEW."is_readable", NEW."message_id", NEW."name", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."scan", NEW."scan_note", NEW."scanned_at", NEW."sent_sha256", NEW."sha256", NEW."size"); RETURN NULL;', hash='eeed30ffa54c0db0434d4b47f37ca5c2da9b1148', operation='INSERT', pgid='pgtrigger_insert_insert_5d602', table='patients_attachment', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_attachmentevent" ("added_by_id", "case_id", "content_type", "created_at", "file", "id", "is_cleaned", "is_readable", "message_id", "name", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scan", "scan_note", "scanned_at", "sent_sha256", "sha256", "size") VALUES (NEW."added_by_id", NEW."case_id", NEW."content_type", NEW."created_at", NEW."file", NEW."id", NEW."is_cleaned", NEW."is_readable", NEW."message_id", NEW."name", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."scan", NEW."scan_note", NEW."scanned_at", NEW."sent_sha256", NEW."sha256", NEW."size"); RETURN NULL;', hash='291b18477184ae207c3a79a4d3ab20dc1e1693ad', operation='UPDATE', pgid='pgtrigger_update_update_233aa', table='patients_attachment', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='appointment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "patients_appointmentevent" ("case_id", "clinician_id", "created_at", "followup_id", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "seat", "span", "status") VALUES (NEW."case_id", NEW."clinician_id", NEW."created_at", NEW."followup_id", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place", NEW."seat", NEW."span", NEW."status"); RETURN NULL;', hash='bc7263c3e7d2b1785ac92cf04f47fee719623f76', operation='INSERT', pgid='pgtrigger_insert_insert_2ff11', table='patients_appointment', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='appointment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "patients_appointmentevent" ("case_id", "clinician_id", "created_at", "followup_id", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "seat", "span", "status") VALUES (NEW."case_id", NEW."clinician_id", NEW."created_at", NEW."followup_id", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place", NEW."seat", NEW."span", NEW."status"); RETURN NULL;', hash='a79a7220a7ea4e4187c6e4712c056f67d7646e34', operation='UPDATE', pgid='pgtrigger_update_update_ed69c', table='patients_appointment', when='AFTER')),
            ),
        ]),
        *(tie(child, "case") for child in OF_PATIENT),
        *(tie(child, "result") for child in OF_RESULT),
        # Of the same patient: what is asked on one person's case can't go on in another's.
        tie("case", "case", "case_merged_into_of_patient", by="merged_into"),
        migrations.RunSQL(UNIQUE, migrations.RunSQL.noop),
        *(carry(child, "case") for child in OF_CASE),
        *(carry(child, "followup") for child in OF_FOLLOWUP),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
    ]
