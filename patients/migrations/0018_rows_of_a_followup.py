from django.db import migrations

# What hangs on a follow-up takes the department from it, and not from the case: so the clock, which reads dates of
# follow-ups and nothing of cases, can add a reminder. The foreign key to the case holds it equal all the same.
OF_FOLLOWUP = ["reminder", "telling", "callattempt", "appointment", "waitinglistentry"]
FILL = """
CREATE FUNCTION patients_department_of_followup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT department_id INTO NEW.department_id FROM patients_followup WHERE id = NEW.followup_id;
    IF NEW.department_id IS NULL THEN
        RAISE EXCEPTION 'row-level security: its case is out of reach' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""


def trigger(child: str, of: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER carry_department BEFORE INSERT ON patients_{child}"
        f" FOR EACH ROW EXECUTE FUNCTION patients_department_of_{of}();"
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0017_followups_are_told_anew")]
    operations = [
        migrations.RunSQL(FILL, "DROP FUNCTION patients_department_of_followup();"),
        *(migrations.RunSQL(trigger(child, "followup"), trigger(child, "case")) for child in OF_FOLLOWUP),
    ]
