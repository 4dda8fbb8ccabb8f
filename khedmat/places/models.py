"""Places that roles, policies and offices point to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from khedmat.common.rows import RowClass
from khedmat.places.enums import ScopeKind


class Scope(models.Model):
    """One place. `path` is `/1/102/20145/`: the ids from the nation down to this place."""

    row_class: ClassVar = RowClass.REFERENCE

    id = models.IntegerField(primary_key=True)
    kind = models.CharField(max_length=8, choices=ScopeKind.choices)
    code = models.CharField(max_length=16)
    name_fa = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    sort_key = models.BinaryField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "code"], name="one_place_for_each_code"),
            models.UniqueConstraint(fields=["path"], name="one_place_for_each_path"),
            models.CheckConstraint(condition=models.Q(kind__in=ScopeKind.values), name="known_kind_of_place"),
        ]
        indexes: ClassVar = [models.Index(fields=["path"], name="places_path", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the reader's language; the Persian one where no other is recorded."""
        return self.name_en if get_language() == "en" and self.name_en else self.name_fa
