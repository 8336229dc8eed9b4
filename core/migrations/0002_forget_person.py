"""What history holds of a person can be taken out of it, by one function of the owner's and in no other way.

Audit and events stay append-only for the application, which has no right to change them; the function runs with the
owner's rights, in the club in scope alone, and the triggers let nothing else pass.
"""

from django.db import migrations

TRIGGER_FUNCTION = """
CREATE FUNCTION refuse_change_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('app.forgetting', true) = 'yes' THEN RETURN NEW; END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
TRIGGERS = """
DROP TRIGGER append_only ON core_auditentry;
DROP TRIGGER append_only ON core_domainevent;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_forgetting();
CREATE TRIGGER append_only
    BEFORE DELETE OR UPDATE OF id, club_id, kind, member_id, document, data, occurred_at, created_at ON core_domainevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_forgetting();
"""
FORGET = """
CREATE FUNCTION forget_person(targets text[], members bigint[], phones text[], kept text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE club bigint := current_setting('app.club_id')::bigint;
BEGIN
    PERFORM set_config('app.forgetting', 'yes', true);
    UPDATE core_auditentry SET
        before = (SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY(kept) THEN value ELSE '"…"' END), '{}')
                  FROM jsonb_each(before)),
        after = (SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY(kept) THEN value ELSE '"…"' END), '{}')
                 FROM jsonb_each(after))
    WHERE club_id = club AND target = ANY(targets);
    UPDATE core_domainevent SET data = data - ARRAY['phone', 'name', 'reason']
    WHERE club_id = club AND (member_id = ANY(members) OR data->>'phone' = ANY(phones));
    PERFORM set_config('app.forgetting', '', true);
END $$;
REVOKE ALL ON FUNCTION forget_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_person TO club_app;
"""
BACK = """
DROP FUNCTION forget_person;
DROP TRIGGER append_only ON core_auditentry;
DROP TRIGGER append_only ON core_domainevent;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only
    BEFORE DELETE OR UPDATE OF id, club_id, kind, member_id, document, data, occurred_at, created_at ON core_domainevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_change_but_forgetting;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(TRIGGER_FUNCTION + TRIGGERS + FORGET, BACK)]
