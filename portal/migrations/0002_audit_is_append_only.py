from django.db import migrations

# ENABLE ALWAYS: also when a session plays a replica, which switches ordinary triggers off.
REFUSE = """
CREATE FUNCTION portal_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON portal_auditevent
    FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON portal_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
ALTER TABLE portal_auditevent ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE portal_auditevent ENABLE ALWAYS TRIGGER append_only_table;
"""
ALLOW = """
DROP TRIGGER append_only_table ON portal_auditevent;
DROP TRIGGER append_only_rows ON portal_auditevent;
DROP FUNCTION portal_audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_tables")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
