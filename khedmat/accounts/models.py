"""Staff, the roles they hold, and the grants through which they see a family."""

from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import get_language

from khedmat.accounts.enums import Purpose, Role
from khedmat.accounts.rules import OWN_ACCOUNT, is_held
from khedmat.common.actor import Actor
from khedmat.common.rows import RowClass
from khedmat.places.models import Scope
from khedmat.vault.context import working_context


class UserManager(BaseUserManager["User"]):
    """Users are made by `actions.add_user` alone."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A member of staff. Clients are no users in this storey."""

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=40, unique=True)
    name_fa = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        """Name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_fa

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write what sign-in writes, `last_login` and `password`, and nothing else.

        A password goes through the database's own guard, in a context of the user alone. Errors: TypeError for
        any other column.
        """
        fields = set(kwargs.pop("update_fields", None) or ())
        if not fields or fields - {"last_login", "password"}:
            raise TypeError("users are added and changed by accounts.actions only")
        if "password" in fields:
            own = Actor(self.pk, OWN_ACCOUNT, 0, "own_account")
            with working_context(own), connection.cursor() as cursor:
                cursor.execute("SELECT guard.set_own_password(%s)", [self.password])
        super().save(*args, update_fields=fields - {"password"}, **kwargs)

    def has_usable_totp(self) -> bool:
        """Whether a second factor is set up."""
        from allauth.mfa.models import Authenticator

        return bool(Authenticator.objects.filter(user_id=self.pk, type=Authenticator.Type.TOTP).exists())


class RoleHolding(models.Model):
    """A role at a place, from a day until a day (both included; open end while NULL).

    Written only by the definer functions of schema `guard` (accounts.actions).
    """

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=32, choices=Role.choices)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="+")
    held_from_on = models.DateField()
    held_until_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "scope", "held_from_on"], name="one_holding_each"),
            models.CheckConstraint(
                condition=Q(held_until_on__isnull=True) | Q(held_until_on__gte=F("held_from_on")),
                name="holding_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role} @ {self.scope_id}"

    def is_live(self, today: date) -> bool:
        """Whether the role is held on `today`."""
        return is_held(self.held_from_on, self.held_until_on, today)


class ReadBudget(models.Model):
    """How many households a role may open in a day, and how many look-ups it may make."""

    row_class: ClassVar = RowClass.REFERENCE

    role = models.CharField(max_length=32, primary_key=True, choices=Role.choices)
    households_a_day = models.PositiveIntegerField()
    look_ups_a_day = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.role}: {self.households_a_day}"


class Grant(models.Model):
    """Leave for one user, in one role at one place, to see one household for a while.

    Inserted only by the definer functions of schema `guard`, which check, count and record. Holds copies of
    identifiers, so that it can stand below the registry.
    """

    row_class: ClassVar = RowClass.SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user_id = models.UUIDField()
    scope_id = models.IntegerField()
    household_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    role = models.CharField(max_length=32, choices=Role.choices)
    purpose = models.CharField(max_length=32, choices=Purpose.choices)
    way = models.CharField(max_length=16)
    opened_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user_id", "scope_id", "expires_at"], name="accounts_grant_live"),
            models.Index(fields=["user_id", "opened_at"], name="accounts_grant_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.household_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("grants are opened by guard functions only")
