import django.db.models.deletion
from django.db import migrations, models

# What waits in the flows that were acquired before the counts were kept.
COUNTED = """
    INSERT INTO cigd_sintesisegnalazione
        (flusso_id, codice, pagamenti, recuperi, pagamenti_soli, recuperi_soli)
    SELECT w.flusso_id, w.codice,
        count(*) FILTER (WHERE p.tipo = 'P'), count(*) FILTER (WHERE p.tipo = 'R'),
        count(*) FILTER (WHERE p.tipo = 'P' AND w.codici = 1),
        count(*) FILTER (WHERE p.tipo = 'R' AND w.codici = 1)
    FROM (SELECT flusso_id, riga, codice, count(*) OVER (PARTITION BY flusso_id, riga) AS codici
        FROM porfse_flowwarning) w
    JOIN porfse_flow f ON f.id = w.flusso_id AND f.stato = 'acquisito'
    JOIN cigd_pagamento p ON p.flusso_id = w.flusso_id AND p.riga = w.riga
    WHERE NOT EXISTS (SELECT FROM cigd_posizione d
        WHERE d.flusso_id = p.flusso_id AND d.riga = p.riga AND d.stato <> '')
    GROUP BY 1, 2
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cigd", "0004_irregolare_senza_importo"),
        ("porfse", "0007_comune_nome"),
    ]

    operations = [
        migrations.CreateModel(
            name="SintesiSegnalazione",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("codice", models.CharField(max_length=4)),
                ("pagamenti", models.IntegerField()),
                ("recuperi", models.IntegerField()),
                (
                    "pagamenti_soli",
                    models.IntegerField(help_text="Quelli che non portano altri codici."),
                ),
                (
                    "recuperi_soli",
                    models.IntegerField(help_text="Quelli che non portano altri codici."),
                ),
                (
                    "flusso",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="porfse.flow",
                    ),
                ),
            ],
            options={
                "ordering": ["flusso", "codice"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("flusso", "codice"), name="sintesi_segnalazione_unica"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pagamenti__gte", models.F("pagamenti_soli")),
                            ("pagamenti_soli__gte", 0),
                            ("recuperi__gte", models.F("recuperi_soli")),
                            ("recuperi_soli__gte", 0),
                        ),
                        name="sintesi_segnalazione_non_negativa",
                    ),
                ],
            },
        ),
        migrations.RunSQL(COUNTED, migrations.RunSQL.noop),
    ]
