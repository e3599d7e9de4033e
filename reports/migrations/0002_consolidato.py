from django.db import migrations

# What is published is never changed: neither the edition nor its files. Per row, not per statement:
# tests may still empty the tables with TRUNCATE.
EDITION = """
CREATE TRIGGER consolidato BEFORE UPDATE OR DELETE ON reports_edizione
    FOR EACH ROW WHEN (OLD.stato = 'pubblicata') EXECUTE FUNCTION append_only();
"""
FUNCTION = """
CREATE FUNCTION reports_file_consolidato() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM reports_edizione
        WHERE id IN (OLD.edizione_id, NEW.edizione_id) AND stato = 'pubblicata'
    ) THEN
        RAISE EXCEPTION 'append-only: the files of a published edition are never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
"""
FILES = """
CREATE TRIGGER consolidato BEFORE INSERT OR UPDATE OR DELETE ON reports_fileedizione
    FOR EACH ROW EXECUTE FUNCTION reports_file_consolidato();
"""
VERSIONS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reports_versionetesto
    FOR EACH ROW EXECUTE FUNCTION append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_report"), ("porfse", "0002_append_only")]

    operations = [
        migrations.RunSQL(EDITION, "DROP TRIGGER consolidato ON reports_edizione"),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION reports_file_consolidato() CASCADE"),
        migrations.RunSQL(FILES, migrations.RunSQL.noop),
        migrations.RunSQL(VERSIONS, "DROP TRIGGER append_only ON reports_versionetesto"),
    ]
