from django.db import migrations, models

MODELS = ("programmazione", "impegno", "liquidazione", "spesacertificata")


class Migration(migrations.Migration):
    dependencies = [("programme", "0002_append_only")]

    operations = [
        operation
        for model in MODELS
        for operation in (
            migrations.AddField(
                model_name=model,
                name="beneficiario",
                field=models.CharField(blank=True, default="", max_length=200),
            ),
            migrations.AddField(
                model_name=model,
                name="cup",
                field=models.CharField(
                    blank=True,
                    default="",
                    help_text="Codice unico di progetto.",
                    max_length=15,
                    verbose_name="CUP",
                ),
            ),
        )
    ]
