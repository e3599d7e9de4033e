from django.db import migrations, models


class Migration(migrations.Migration):
    """A page of comuni looks at its own rows, instead of at all of them to sort them."""

    dependencies = [("porfse", "0006_azienda_nome")]

    operations = [
        migrations.AddIndex("comune", models.Index(fields=["nome"], name="comune_nome")),
    ]
