"""Messages to a family that whoever queues them does not see: the telephone is looked up when they go out."""

from django.db import migrations, models
from django.db.models import Q

from khedmat.common.database_roles import app_role
from khedmat.notices.enums import MessageKind

# As plpgsql, whose tables are looked up when it is called: this storey stands below the register's.
LOOK_UPS = f"""
-- The sealed telephone of the family of a message that is in hand and names no destination, and where it was sealed.
CREATE FUNCTION guard.telephone_of_message(of_message uuid) RETURNS TABLE (family uuid, telephone bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT h.id, h.phone FROM notices_message m JOIN registry_household h ON h.id = m.household_id
    WHERE m.id = of_message AND m.state = 'queued' AND m.tries > 0 AND m.channel = 'sms' AND m.destination IS NULL;
END $$;

-- Whose calendar says when a message may go out.
CREATE FUNCTION guard.office_of_message(of_message uuid) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.office_id FROM notices_message m WHERE m.id = of_message AND m.state = 'queued'
$$;
GRANT EXECUTE ON FUNCTION guard.telephone_of_message(uuid), guard.office_of_message(uuid) TO {app_role()};
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_letters_of_events")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=MessageKind.choices, max_length=24)),
        migrations.RemoveConstraint("message", "known_kind_of_message"),
        migrations.AddConstraint(
            "message",
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "appointment",
                        "appointment_moved",
                        "appointment_cancelled",
                        "appointment_reminder",
                        "day_closed",
                        "letter_waiting",
                        "news",
                    ]
                ),
                name="known_kind_of_message",
            ),
        ),
        migrations.RunSQL(LOOK_UPS, migrations.RunSQL.noop),
    ]
