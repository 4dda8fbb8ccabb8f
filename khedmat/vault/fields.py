"""A text column that PostgreSQL never sees in the clear."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from khedmat.vault.crypto import open_sealed, seal

if TYPE_CHECKING:
    _TextField = models.Field[str, str]
else:
    _TextField = models.Field


class Sealed:
    """A value still sealed: what `values()` and `values_list()` hand out, which do not know the row.

    Only reading the attribute of a model instance opens it. Equals nothing but itself, shows no bytes.
    """

    __slots__ = ("stored",)

    def __init__(self, stored: bytes) -> None:
        self.stored = stored

    def __repr__(self) -> str:
        return "<sealed>"

    def __str__(self) -> str:
        raise TypeError("this value is sealed: read it from a model instance, not by values() or values_list()")


class _Opened(NamedTuple):
    """What was read, and the bytes and the place it was read from."""

    text: str
    stored: bytes
    bound_to: bytes


class _OpensOnRead(DeferredAttribute):
    field: "SealedTextField"

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        # A deferred column is fetched on first reading; taking it for empty would blank it on saving.
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            bound_to = self.field.associated_data(instance)
            opened = _Opened(open_sealed(value.stored, bound_to).decode(), value.stored, bound_to)
            instance.__dict__[self.field.attname] = opened.text
            instance.__dict__[self.field.opened_name] = opened
            return opened.text
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


def associated_data(table: str, column: str, record: object) -> bytes:
    """To what a sealed value is bound: for whoever writes many rows past the models."""
    return f"{table}.{column}:{record}".encode()


class SealedTextField(_TextField):
    """Text sealed with AES-256-GCM; table, column and record id are the associated data.

    Stored as bytea; empty text is stored as NULL so that its length tells nothing. Cannot be
    filtered on: pair it with a blind index column where an exact look-up is needed. `values()` and
    `values_list()` give a `Sealed`, which raises TypeError where text is asked of it.
    A copy of the sealed bytes in another table names where they were sealed: `sealed_in` the table, `sealed_for`
    the field of the copy that holds that row's id (columns are named alike).
    Errors: SealBroken on reading or saving a changed or moved value.
    """

    description = "Sealed text"

    def __init__(
        self, *args: Any, max_length: int = 2000, sealed_in: str = "", sealed_for: str = "pk", **kwargs: Any
    ) -> None:
        kwargs |= {"null": True, "blank": True, "max_length": max_length}
        super().__init__(*args, **kwargs)
        self.sealed_in = sealed_in
        self.sealed_for = sealed_for

    @property
    def opened_name(self) -> str:
        """Where an instance remembers what it opened."""
        return f"_{self.attname}_opened"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _OpensOnRead(self))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("null", None)
        kwargs.pop("blank", None)
        if self.sealed_in:
            kwargs["sealed_in"] = self.sealed_in
        if self.sealed_for != "pk":
            kwargs["sealed_for"] = self.sealed_for
        return name, path, args, kwargs

    def associated_data(self, instance: models.Model) -> bytes:
        return associated_data(
            self.sealed_in or instance._meta.db_table, str(self.column), getattr(instance, self.sealed_for)
        )

    def from_db_value(self, value: bytes | None, expression: object, connection: object) -> Any:
        return "" if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed):
            # Taken from another row by values(), it would be written and never open again.
            open_sealed(value.stored, self.associated_data(model_instance))
            return value.stored
        if value in (None, ""):
            return None
        if self.max_length and len(value) > self.max_length:
            raise ValueError(f"{self.name} is longer than {self.max_length} characters")
        bound_to = self.associated_data(model_instance)
        opened = model_instance.__dict__.get(self.opened_name)
        if opened is not None and (opened.text, opened.bound_to) == (value, bound_to):
            # Sealed anew, the same text would look like a change.
            return opened.stored
        return seal(value.encode(), bound_to)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return None if value is None else connection.Database.Binary(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
