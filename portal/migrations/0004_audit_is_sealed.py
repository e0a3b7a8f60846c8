import django.contrib.postgres.fields
import portal.models.record
import uuid_utils.compat
from django.db import migrations, models

# Events there are get their number by the time-ordered key. From here on a trigger draws it, whatever an INSERT says,
# and does so in a session that plays a replica, too.
NUMBER = """
CREATE SEQUENCE portal_auditevent_serial AS bigint MINVALUE 1 CACHE 1 OWNED BY portal_auditevent.serial;
ALTER TABLE portal_auditevent DISABLE TRIGGER append_only_rows;
UPDATE portal_auditevent SET serial = numbered.place
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM portal_auditevent) AS numbered
    WHERE numbered.id = portal_auditevent.id;
ALTER TABLE portal_auditevent ENABLE ALWAYS TRIGGER append_only_rows;
SELECT setval('portal_auditevent_serial', max(serial)) FROM portal_auditevent HAVING max(serial) IS NOT NULL;
CREATE FUNCTION portal_audit_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.serial := nextval('portal_auditevent_serial');
    RETURN NEW;
END $$;
CREATE TRIGGER number_rows BEFORE INSERT ON portal_auditevent
    FOR EACH ROW EXECUTE FUNCTION portal_audit_number();
ALTER TABLE portal_auditevent ENABLE ALWAYS TRIGGER number_rows;
"""
UNNUMBER = """
DROP TRIGGER number_rows ON portal_auditevent;
DROP FUNCTION portal_audit_number();
DROP SEQUENCE portal_auditevent_serial;
"""
REFUSE = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON portal_auditseal
    FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON portal_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
ALTER TABLE portal_auditseal ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE portal_auditseal ENABLE ALWAYS TRIGGER append_only_table;
"""
ALLOW = """
DROP TRIGGER append_only_table ON portal_auditseal;
DROP TRIGGER append_only_rows ON portal_auditseal;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0003_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('only', models.BooleanField(default=True, editable=False, unique=True)),
                ('serial', models.BigIntegerField()),
                ('writers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
            ],
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
        ),
        migrations.RemoveIndex(
            model_name='auditevent',
            name='audit_actor',
        ),
        migrations.AddField(
            model_name='auditevent',
            name='serial',
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.RunSQL(NUMBER, UNNUMBER),
        migrations.AlterField(
            model_name='auditevent',
            name='serial',
            field=models.BigIntegerField(default=0, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='purpose',
            field=models.CharField(choices=[('new_reply', 'A reply'), ('new_message', 'A message'), ('result_released', 'Something new to read'), ('consent_asked', 'A question for you'), ('followup_planned', 'A follow-up was planned'), ('followup_reminder', 'A reminder'), ('audit_tip', 'The newest seal of the audit trail'), ('audit_alarm', 'The audit trail differs from its copy'), ('access_question', 'A question about who looked'), ('access_answer', 'An answer about who looked')], max_length=30),
        ),
        migrations.AlterField(
            model_name='notification',
            name='purpose',
            field=models.CharField(choices=[('new_reply', 'A reply'), ('new_message', 'A message'), ('result_released', 'Something new to read'), ('consent_asked', 'A question for you'), ('followup_planned', 'A follow-up was planned'), ('followup_reminder', 'A reminder'), ('audit_tip', 'The newest seal of the audit trail'), ('audit_alarm', 'The audit trail differs from its copy'), ('access_question', 'A question about who looked'), ('access_answer', 'An answer about who looked')], max_length=30),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor_id', '-id'], name='audit_actor'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['name', '-id'], name='audit_name'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['request_id'], name='audit_request'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('kind', 'refusal')), fields=['-id'], name='audit_refusals'),
        ),
        migrations.AddConstraint(
            model_name='auditmark',
            constraint=models.CheckConstraint(condition=models.Q(('only', True)), name='mark_is_one'),
        ),
        migrations.AddConstraint(
            model_name='auditseal',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='seal_number'),
        ),
        migrations.AddConstraint(
            model_name='auditseal',
            constraint=models.CheckConstraint(condition=models.Q(('after__lt', models.F('through'))), name='seal_covers'),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
