from django.db import migrations

# Each row of a case carries its patient too, and both together must name one case: a message, a result or
# a medicine can't hang on one person's case and count as another's.
OF_CASE = [
    "attachment", "casequestion", "consent", "followup", "message", "prescription", "reminder", "result",
]
OF_RESULT = ["eegreport", "nervemeasurement", "observation"]


def tie(child: str, parent: str) -> migrations.RunSQL:
    name = f"{child}_{parent}_of_patient"
    return migrations.RunSQL(
        f"ALTER TABLE patients_{child} ADD CONSTRAINT {name} FOREIGN KEY ({parent}_id, patient_id)"
        f" REFERENCES patients_{parent} (id, patient_id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE patients_{child} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_tables")]
    operations = [*(tie(child, "case") for child in OF_CASE), *(tie(child, "result") for child in OF_RESULT)]
