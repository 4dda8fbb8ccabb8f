"""Row classes of tables that come with packages, and what the app may do with each.

Our own models state their class themselves; a table that is in neither place fails the build.
"""

from khedmat.common.rows import RowClass

ALL = "SELECT, INSERT, UPDATE, DELETE"

THIRD_PARTY: dict[str, tuple[RowClass, str]] = {
    "django_migrations": (RowClass.SYSTEM, "SELECT"),
    "django_content_type": (RowClass.SYSTEM, "SELECT"),
    "auth_permission": (RowClass.SYSTEM, "SELECT"),
    "auth_group": (RowClass.SYSTEM, "SELECT"),
    "auth_group_permissions": (RowClass.SYSTEM, "SELECT"),
    "django_session": (RowClass.SYSTEM, ALL),
    "account_emailaddress": (RowClass.SYSTEM, "SELECT"),
    "account_emailconfirmation": (RowClass.SYSTEM, "SELECT"),
    "mfa_authenticator": (RowClass.SYSTEM, ALL),
    "procrastinate_jobs": (RowClass.SYSTEM, ALL),
    "procrastinate_events": (RowClass.SYSTEM, ALL),
    "procrastinate_periodic_defers": (RowClass.SYSTEM, ALL),
    "procrastinate_workers": (RowClass.SYSTEM, ALL),
    "config_cache": (RowClass.SYSTEM, ALL),
}
