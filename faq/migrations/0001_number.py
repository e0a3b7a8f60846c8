from django.db import migrations


class Migration(migrations.Migration):
    """The number of a public question, as its address has it: 1001, 1002, …"""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE faq_question_number AS integer START 1001 MINVALUE 1",
            "DROP SEQUENCE faq_question_number",
        )
    ]
