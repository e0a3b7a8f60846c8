from django.db import migrations

# Each row of a case carries the case's department too, for the second wall alone: asked of the row itself, it costs
# nothing; looked up in the case for every row, it made a work list three times as dear. Django doesn't know the column.
# A trigger fills it, whatever an INSERT says; a foreign key holds it equal and moves it with the case.
OF_CASE = [
    "attachment", "casequestion", "consent", "followup", "message", "prescription", "reminder", "result",
]
FILL = """
CREATE FUNCTION patients_department_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT department_id INTO NEW.department_id FROM patients_case WHERE id = NEW.case_id;
    IF NEW.department_id IS NULL THEN
        RAISE EXCEPTION 'row-level security: its case is out of reach' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE patients_case ADD CONSTRAINT case_of_patient_in_department UNIQUE (id, patient_id, department_id);
"""
EMPTY = """
ALTER TABLE patients_case DROP CONSTRAINT case_of_patient_in_department;
DROP FUNCTION patients_department_of_case();
"""


def carry(child: str) -> migrations.RunSQL:
    table = f"patients_{child}"
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ADD COLUMN department_id uuid;
        UPDATE {table} SET department_id = patients_case.department_id FROM patients_case
         WHERE patients_case.id = case_id;
        SET CONSTRAINTS ALL IMMEDIATE;
        ALTER TABLE {table} ALTER COLUMN department_id SET NOT NULL;
        ALTER TABLE {table} ADD CONSTRAINT {child}_in_department FOREIGN KEY (case_id, patient_id, department_id)
            REFERENCES patients_case (id, patient_id, department_id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
        CREATE TRIGGER carry_department BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION patients_department_of_case();
        """,
        f"DROP TRIGGER carry_department ON {table}; ALTER TABLE {table} DROP COLUMN department_id;",
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0008_voices_and_reviews")]
    operations = [migrations.RunSQL(FILL, EMPTY), *map(carry, OF_CASE)]
