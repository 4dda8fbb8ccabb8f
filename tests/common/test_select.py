"""Lists of choices are drawn as Django draws them."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from khedmat.config.forms import HouseFormRenderer

CHOICES = [("", "—"), ("a'b", "<b>"), ("Group & co", [(1, "one"), (2, "two")])]


@pytest.mark.parametrize("value", ["", "a'b", 2, None])
@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect])
def test_select_is_drawn_as_by_django(widget: type[forms.Select], value: object) -> None:
    drawn = widget(attrs={"class": "form-select", "required": True, "hidden": False})
    drawn.choices = CHOICES
    ours = drawn.render("choice", value, {"id": "id_choice"}, HouseFormRenderer())
    by_django = drawn.render("choice", value, {"id": "id_choice"}, DjangoTemplates())
    assert ours == by_django.replace("\n\n", "\n")
    assert "&lt;b&gt;" in ours
