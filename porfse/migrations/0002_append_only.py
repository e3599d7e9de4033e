from django.db import migrations

# Per row, not per statement: tests may still empty the table with TRUNCATE.
FUNCTION = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % is never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON porfse_auditevent
    FOR EACH ROW EXECUTE FUNCTION append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("porfse", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION append_only() CASCADE"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON porfse_auditevent"),
    ]
