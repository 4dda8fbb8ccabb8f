"""Kefalat offices: outsourced counters beneath a county."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from khedmat.common.rows import RowClass
from khedmat.places.models import Scope


class Office(models.Model):
    """One office; its place in the Scope tree carries its name and code."""

    row_class: ClassVar = RowClass.REFERENCE

    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, primary_key=True, related_name="office")
    licence_number = models.CharField(max_length=40)
    licence_from_on = models.DateField()
    licence_until_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(licence_until_on__isnull=True) | Q(licence_until_on__gte=F("licence_from_on")),
                name="licence_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.licence_number
