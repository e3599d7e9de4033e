from django.db import migrations


class Migration(migrations.Migration):
    """Companies are searched by the start of their name, in either case: `istartswith`.

    In SQL, since an operator class over an expression needs an app that nothing else here does.
    """

    dependencies = [("porfse", "0005_flow_provincia")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX azienda_nome ON porfse_azienda"
            " (upper(denominazione::text) text_pattern_ops)",
            "DROP INDEX azienda_nome",
        )
    ]
