import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import portal.models.departments
import portal.models.record
import uuid_utils.compat
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

from portal.together import Together

# ENABLE ALWAYS: also when a session plays a replica, which switches ordinary triggers off.
REFUSE = """
CREATE FUNCTION portal_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""
# A trigger draws the number of an event, whatever an INSERT says.
DRAW = """
CREATE FUNCTION portal_audit_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.serial := nextval('portal_auditevent_serial');
    RETURN NEW;
END $$;
"""
NUMBER = """
CREATE SEQUENCE portal_auditevent_serial AS bigint MINVALUE 1 CACHE 1 OWNED BY portal_auditevent.serial;
CREATE TRIGGER number_rows BEFORE INSERT ON portal_auditevent
    FOR EACH ROW EXECUTE FUNCTION portal_audit_number();
ALTER TABLE portal_auditevent ENABLE ALWAYS TRIGGER number_rows;
"""


def append_only(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
        CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_rows;
        ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_table;
        """,
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    """What the migrations it replaces make of an empty database, in one step. They stay for databases that began earlier."""

    initial = True
    replaces = [
        ('portal', '0001_tables'),
        ('portal', '0002_audit_is_append_only'),
        ('portal', '0003_invitations'),
        ('portal', '0004_audit_is_sealed'),
        ('portal', '0005_purposes'),
        ('portal', '0006_kept_forms'),
        ('portal', '0007_purposes_and_accounts'),
        ('portal', '0008_trust_offered'),
        ('portal', '0009_notifications_are_held'),
        ('portal', '0010_api_tokens_and_kept_answers'),
        ('portal', '0011_purposes_of_the_desk'),
        ('portal', '0012_outbox_and_contacts'),
        ('portal', '0013_outbox_seen'),
        ('portal', '0014_purposes_of_reminders'),
    ]
    dependencies: list[tuple[str, str]] = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(REFUSE, "DROP FUNCTION portal_audit_refuse()"),
        migrations.RunSQL(DRAW, "DROP FUNCTION portal_audit_number()"),
        Together([
            migrations.CreateModel(
                name='User',
                fields=[
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('email', models.EmailField(max_length=254, unique=True, verbose_name='email address')),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('title', models.CharField(blank=True, max_length=120, verbose_name='title and post, as readers see it')),
                    ('is_active', models.BooleanField(default=True)),
                    ('time_zone', models.CharField(blank=True, max_length=60, verbose_name='time zone')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_per_email')],
                },
            ),
            migrations.CreateModel(
                name='AuditEvent',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('kind', models.CharField(choices=[('verb', 'Done'), ('read', 'Looked at'), ('refusal', 'Refused')], max_length=10)),
                    ('name', models.CharField(max_length=80)),
                    ('actor_id', models.UUIDField(null=True)),
                    ('actor_name', models.CharField(max_length=40)),
                    ('subject_type', models.CharField(blank=True, max_length=60)),
                    ('subject_id', models.UUIDField(null=True)),
                    ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                    ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                    ('outcome', models.CharField(blank=True, max_length=20)),
                    ('request_id', models.CharField(blank=True, max_length=64)),
                    ('serial', models.BigIntegerField(default=0, editable=False, unique=True)),
                ],
                options={
                    'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['people'], name='audit_people'), models.Index(fields=['-created_at'], name='audit_time'), models.Index(fields=['subject_id'], name='audit_subject'), models.Index(fields=['actor_id', '-id'], name='audit_actor'), models.Index(fields=['name', '-id'], name='audit_name'), models.Index(fields=['request_id'], name='audit_request'), models.Index(condition=models.Q(('kind', 'refusal')), fields=['-id'], name='audit_refusals')],
                },
            ),
            migrations.CreateModel(
                name='Clinic',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('only', models.BooleanField(default=True, editable=False, unique=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('only', True)), name='clinic_is_one')],
                },
            ),
            migrations.CreateModel(
                name='Department',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                    ('slug', models.SlugField(max_length=80, unique=True, validators=[portal.models.departments.not_reserved], verbose_name='address')),
                    ('description', models.CharField(blank=True, max_length=200, verbose_name="symptoms it sees, in readers' words")),
                    ('icon', models.CharField(default='stethoscope', max_length=40)),
                    ('time_zone', models.CharField(max_length=60, verbose_name='time zone')),
                    ('answer_hours', models.PositiveSmallIntegerField(default=16, validators=[django.core.validators.MinValueValidator(1)], verbose_name='answer time, in working hours')),
                    ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ],
                options={
                    'ordering': ('name',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('answer_hours__gte', 1)), name='department_answers')],
                },
            ),
            migrations.CreateModel(
                name='AuditMark',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('only', models.BooleanField(default=True, editable=False, unique=True)),
                    ('serial', models.BigIntegerField()),
                    ('writers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('only', True)), name='mark_is_one')],
                },
            ),
            migrations.CreateModel(
                name='AuditSeal',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('number', models.BigIntegerField(unique=True)),
                    ('version', models.PositiveSmallIntegerField()),
                    ('after', models.BigIntegerField(unique=True)),
                    ('through', models.BigIntegerField(unique=True)),
                    ('serials', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ('began_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField()),
                    ('previous', models.CharField(max_length=64, unique=True)),
                    ('hash', models.CharField(max_length=64, unique=True)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='seal_number'), models.CheckConstraint(condition=models.Q(('after__lt', models.F('through'))), name='seal_covers')],
                },
            ),
            migrations.CreateModel(
                name='Outbox',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('only', models.BooleanField(default=True, editable=False, unique=True)),
                    ('held_at', models.DateTimeField(null=True)),
                    ('held_because', models.CharField(blank=True, max_length=200)),
                    ('home', models.CharField(blank=True, max_length=80)),
                    ('swept_at', models.DateTimeField(null=True)),
                    ('alarmed_at', models.DateTimeField(null=True)),
                    ('called_at', models.DateTimeField(null=True)),
                    ('tip_known', models.PositiveBigIntegerField(default=0)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('only', True)), name='outbox_is_one'), models.CheckConstraint(condition=models.Q(models.Q(('held_at__isnull', True), ('held_because', '')), models.Q(('held_at__isnull', False), models.Q(('held_because', ''), _negated=True)), _connector='OR'), name='outbox_held_because')],
                },
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('purpose', models.CharField(choices=[('new_reply', 'A reply'), ('new_message', 'A message'), ('case_handed', 'A case was given to you, or taken over from you'), ('result_released', 'Something new to read'), ('consent_asked', 'A question for you'), ('followup_planned', 'A follow-up was planned'), ('followup_reminder', 'A reminder'), ('case_nearly_due', 'An answer is nearly due'), ('case_overdue', 'An answer is late'), ('case_long_overdue', 'An answer is very late'), ('followup_missed', 'A follow-up was missed'), ('followup_moved', 'A follow-up has another time'), ('followup_cancelled', 'A follow-up was called off'), ('missed_you', 'We missed you'), ('slot_free', 'An earlier time is free'), ('contact_code', 'A code that confirms a telephone number'), ('deliveries_alarm', 'Reminders need a person'), ('trust_offered', 'Somebody trusts you'), ('trust_accepted', 'Somebody accepted your trust'), ('glass_broken', 'Your record was opened in an emergency'), ('glass_broken_watch', 'A record was opened in an emergency'), ('staff_invited', 'An invitation to work here'), ('patient_invited', "An invitation to one's record"), ('invitation_accepted', 'An invitation was accepted'), ('invitation_stopped', 'An invitation was stopped'), ('audit_tip', 'The newest seal of the audit trail'), ('audit_alarm', 'The audit trail differs from its copy'), ('red_flag', "Something that can't wait"), ('access_question', 'A question about who looked'), ('access_answer', 'An answer about who looked'), ('new_device', 'A sign-in from a new device'), ('account_changed', 'A change of how you sign in')], max_length=30)),
                    ('words', models.JSONField(default=dict)),
                    ('dedupe_key', models.CharField(max_length=120, unique=True)),
                    ('due_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('pending', 'Waiting for its time'), ('leased', 'About to be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('uncertain', 'Perhaps sent'), ('dead', 'Could not be sent'), ('cancelled', 'Cancelled')], default='pending', max_length=10)),
                    ('message_id', models.CharField(max_length=120, unique=True)),
                    ('lease_token', models.UUIDField(null=True)),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('tries', models.PositiveSmallIntegerField(default=0)),
                    ('deaths', models.PositiveSmallIntegerField(default=0)),
                    ('possible_duplicate', models.BooleanField(default=False)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('trouble', models.CharField(blank=True, max_length=200)),
                    ('recipient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to=settings.AUTH_USER_MODEL)),
                    ('address', models.EmailField(blank=True, max_length=254)),
                    ('bounced_at', models.DateTimeField(null=True)),
                    ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('push', 'Notice on a device'), ('in_app', 'In the portal')], default='email', max_length=6)),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('provider_id', models.CharField(blank=True, max_length=120)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['due_at'], name='delivery_due'), models.Index(condition=models.Q(('state__in', ('leased', 'sending'))), fields=['lease_until'], name='delivery_lapsed'), models.Index(condition=models.Q(('state', 'sent')), fields=['recipient', 'channel', 'sent_at'], name='delivery_told'), models.Index(condition=models.Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='delivery_provider'), models.Index(condition=models.Q(('state__in', ('dead', 'uncertain'))), fields=['state', 'due_at'], name='delivery_trouble'), models.Index(condition=models.Q(('possible_duplicate', True)), fields=['due_at'], name='delivery_flagged'), models.Index(condition=models.Q(('bounced_at__isnull', False)), fields=['bounced_at'], name='delivery_bounced'), models.Index(condition=models.Q(('deaths__gt', 0), ('state', 'pending')), fields=['due_at'], name='delivery_due_again')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='delivery_sent_at'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('leased', 'sending')), _negated=True), models.Q(('lease_token__isnull', False), ('lease_until__isnull', False)), _connector='OR'), name='delivery_leased'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), ('recipient__isnull', False)), models.Q(('recipient__isnull', True), models.Q(('address', ''), _negated=True)), _connector='OR'), name='delivery_to_account_or_address')],
                },
            ),
            migrations.CreateModel(
                name='Holiday',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('on', models.DateField(verbose_name='date')),
                    ('name', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\S')], verbose_name='name')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='portal.department')),
                ],
                options={
                    'ordering': ('on',),
                    'constraints': [models.UniqueConstraint(fields=('department', 'on'), name='holiday_once')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('role', models.CharField(choices=[('patient', 'Patient'), ('clinician', 'Clinician'), ('triage', 'Triage'), ('coordinator', 'Coordinator'), ('curator', 'Curator'), ('privacy_officer', 'Privacy officer'), ('administrator', 'Administrator')], max_length=20)),
                    ('ends_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                    ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='portal.department')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'role', 'department'), name='membership_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('role__in', ['clinician', 'triage', 'coordinator', 'curator', 'privacy_officer', 'administrator'])), name='membership_of_staff')],
                },
            ),
            migrations.CreateModel(
                name='Notification',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('purpose', models.CharField(choices=[('new_reply', 'A reply'), ('new_message', 'A message'), ('case_handed', 'A case was given to you, or taken over from you'), ('result_released', 'Something new to read'), ('consent_asked', 'A question for you'), ('followup_planned', 'A follow-up was planned'), ('followup_reminder', 'A reminder'), ('case_nearly_due', 'An answer is nearly due'), ('case_overdue', 'An answer is late'), ('case_long_overdue', 'An answer is very late'), ('followup_missed', 'A follow-up was missed'), ('followup_moved', 'A follow-up has another time'), ('followup_cancelled', 'A follow-up was called off'), ('missed_you', 'We missed you'), ('slot_free', 'An earlier time is free'), ('contact_code', 'A code that confirms a telephone number'), ('deliveries_alarm', 'Reminders need a person'), ('trust_offered', 'Somebody trusts you'), ('trust_accepted', 'Somebody accepted your trust'), ('glass_broken', 'Your record was opened in an emergency'), ('glass_broken_watch', 'A record was opened in an emergency'), ('staff_invited', 'An invitation to work here'), ('patient_invited', "An invitation to one's record"), ('invitation_accepted', 'An invitation was accepted'), ('invitation_stopped', 'An invitation was stopped'), ('audit_tip', 'The newest seal of the audit trail'), ('audit_alarm', 'The audit trail differs from its copy'), ('red_flag', "Something that can't wait"), ('access_question', 'A question about who looked'), ('access_answer', 'An answer about who looked'), ('new_device', 'A sign-in from a new device'), ('account_changed', 'A change of how you sign in')], max_length=30)),
                    ('path', models.CharField(max_length=200)),
                    ('read_at', models.DateTimeField(null=True)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('visible_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notification_unread')],
                },
            ),
            migrations.CreateModel(
                name='OpeningHours',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday, 0 is Monday')),
                    ('opens', models.TimeField(verbose_name='opens')),
                    ('closes', models.TimeField(verbose_name='closes')),
                    ('department', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opening_hours', to='portal.department')),
                ],
                options={
                    'ordering': ('weekday', 'opens'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='opening_weekday'), models.CheckConstraint(condition=models.Q(('opens__lt', models.F('closes'))), name='opening_before_closing'), models.UniqueConstraint(fields=('department', 'weekday', 'opens'), name='opening_once')],
                },
            ),
            migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('email', models.EmailField(max_length=254)),
                    ('expires_at', models.DateTimeField()),
                    ('times_sent', models.PositiveSmallIntegerField(default=0)),
                    ('accepted_at', models.DateTimeField(blank=True, null=True)),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('role', models.CharField(choices=[('clinician', 'Clinician'), ('triage', 'Triage'), ('coordinator', 'Coordinator'), ('curator', 'Curator'), ('privacy_officer', 'Privacy officer'), ('administrator', 'Administrator')], max_length=20)),
                    ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.department')),
                    ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'abstract': False,
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='invitation_accepted_at_by'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='invitation_revoked_at_by'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('revoked_at__isnull', True), _connector='OR'), name='invitation_answered_once'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='invitation_email_is_lower'), models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('revoked_at', None)), fields=('email', 'role', 'department'), name='invitation_once_at_a_time', nulls_distinct=False)],
                },
            ),
            migrations.CreateModel(
                name='KeptForm',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('path', models.CharField(max_length=300)),
                    ('fields', models.JSONField()),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_forms', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                },
            ),
            migrations.CreateModel(
                name='ApiToken',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('name', models.CharField(max_length=60)),
                    ('scope', models.CharField(choices=[('read', 'Read only'), ('write', 'Read and write')], max_length=10)),
                    ('prefix', models.CharField(editable=False, max_length=10)),
                    ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('stands_on', models.CharField(editable=False, max_length=64)),
                    ('expires_at', models.DateTimeField()),
                    ('last_used_on', models.DateField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('account', 'name'), name='token_name_once'), models.CheckConstraint(condition=models.Q(('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('created_at'), '+', models.Value(datetime.timedelta(days=366))))), name='token_ends')],
                },
            ),
            migrations.CreateModel(
                name='KeptAnswer',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('key', models.CharField(max_length=255)),
                    ('asked', models.CharField(max_length=64)),
                    ('status', models.PositiveSmallIntegerField()),
                    ('body', models.TextField()),
                    ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_answers', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'indexes': [models.Index(fields=['created_at'], name='answer_kept_since')],
                    'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='answer_kept_once')],
                },
            ),
            migrations.CreateModel(
                name='ContactPoint',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('system', models.CharField(choices=[('sms', 'Text message'), ('push', 'Notice on a device')], max_length=6)),
                    ('value', models.CharField(max_length=500)),
                    ('keys', models.JSONField(default=dict)),
                    ('label', models.CharField(blank=True, max_length=80)),
                    ('confirmed_at', models.DateTimeField(null=True)),
                    ('removed_at', models.DateTimeField(null=True)),
                    ('code_digest', models.CharField(blank=True, max_length=64)),
                    ('code_expires_at', models.DateTimeField(null=True)),
                    ('code_tries', models.PositiveSmallIntegerField(default=0)),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_points', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('created_at',),
                    'indexes': [models.Index(fields=['system', 'value'], name='contact_point_value')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('user', 'system', 'value'), name='contact_point_once')],
                },
            ),
            migrations.CreateModel(
                name='ContactPreference',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('first', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('push', 'Notice on a device')], default='email', max_length=6, verbose_name='first')),
                    ('second', models.CharField(blank=True, choices=[('email', 'E-mail'), ('sms', 'Text message'), ('push', 'Notice on a device')], max_length=6, verbose_name='if I do not answer')),
                    ('wants_same_day', models.BooleanField(default=False, verbose_name='remind me on the morning itself')),
                    ('quiet_from', models.TimeField(default=datetime.time(21, 0), verbose_name='not after')),
                    ('quiet_until', models.TimeField(default=datetime.time(8, 0), verbose_name='not before')),
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='contact_preference', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='contact_preference_two_ways'), models.CheckConstraint(condition=models.Q(('quiet_from__gte', datetime.time(17, 0)), ('quiet_until__gte', datetime.time(5, 0)), ('quiet_until__lte', datetime.time(12, 0))), name='contact_preference_quiet')],
                },
            ),
            migrations.CreateModel(
                name='Suppression',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('channel', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message'), ('push', 'Notice on a device')], max_length=6)),
                    ('address', models.CharField(max_length=500)),
                    ('reason', models.CharField(choices=[('stop', 'They asked us to stop'), ('bounce', 'It does not exist, or takes nothing'), ('complaint', 'They called it unwanted')], max_length=10)),
                    ('lifted_at', models.DateTimeField(null=True)),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suppressions', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('channel', 'address'), name='suppression_once')],
                },
            ),
            migrations.CreateModel(
                name='Attempt',
                fields=[
                    ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                    ('created_at', models.DateTimeField(default=portal.models.record.now, editable=False)),
                    ('token', models.UUIDField(null=True)),
                    ('outcome', models.CharField(choices=[('sent', 'Sent'), ('not_now', 'Not taken for now'), ('never', 'Refused'), ('uncertain', 'Cut off: perhaps sent'), ('lost', 'Its sender was lost'), ('found', 'Looked up: it had been sent'), ('not_found', 'Looked up: it had not been sent'), ('held_back', 'Held back: told often enough, asked not to be, or too late')], max_length=10)),
                    ('trouble', models.CharField(blank=True, max_length=200)),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='portal.delivery')),
                ],
                options={
                    'ordering': ('created_at', 'id'),
                },
            ),
        ]),
        append_only("portal_auditevent"),
        append_only("portal_auditseal"),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL(
            # As it is called where the column came later: both kinds of database are the same to the letter.
            "ALTER TABLE portal_auditevent"
            " RENAME CONSTRAINT portal_auditevent_serial_key TO portal_auditevent_serial_b0258ecb_uniq",
            migrations.RunSQL.noop,
        ),
    ]
