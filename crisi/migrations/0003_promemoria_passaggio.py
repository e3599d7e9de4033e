import django.db.models.deletion
from django.db import migrations, models

# Those sent so far told of the last return before they left: not to be told again.
TOLD = """
    UPDATE crisi_promemoria p SET passaggio_id = (
        SELECT max(s.id) FROM crisi_passaggiotrimestre s
        WHERE s.monitoraggio_id = p.monitoraggio_id AND s.a = 'restituito' AND s.il <= p.preso_il
            AND (s.il AT TIME ZONE 'Europe/Rome')::date = p.scadenza
    )
    WHERE p.genere = 'restituito' AND p.passaggio_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crisi", "0002_sintesi"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="promemoria",
            name="promemoria_unico",
        ),
        migrations.AddField(
            model_name="promemoria",
            name="passaggio",
            field=models.ForeignKey(
                blank=True,
                help_text="La restituzione che lo ha fatto partire: anche nello stesso giorno, una"
                " seconda ne ha uno suo.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="crisi.passaggiotrimestre",
            ),
        ),
        migrations.AddConstraint(
            model_name="promemoria",
            constraint=models.UniqueConstraint(
                fields=("monitoraggio", "genere", "scadenza", "passaggio"),
                name="promemoria_unico",
                nulls_distinct=False,
            ),
        ),
        # Last: a table of which rows have just changed cannot be altered.
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
    ]
