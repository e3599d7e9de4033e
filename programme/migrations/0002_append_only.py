from django.db import migrations

TABLES = ("programmazione", "impegno", "liquidazione", "spesacertificata")


class Migration(migrations.Migration):
    """The ledger is corrected by reversing rows; the function is the kernel's."""

    dependencies = [("programme", "0001_initial"), ("porfse", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON programme_{table}
                FOR EACH ROW EXECUTE FUNCTION append_only()""",
            f"DROP TRIGGER append_only ON programme_{table}",
        )
        for table in TABLES
    ]
