"""How the house draws forms: classes for inputs, and the templates that lay them out."""

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString


class HouseFormRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ form.x.as_field_group }}` in the look of the house."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def is_checkbox(bound: forms.BoundField) -> bool:
    """Whether the field is one tick box (not a list of them)."""
    return isinstance(bound.field.widget, forms.CheckboxInput)


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.FileInput):
        return "visually-hidden"  # its label is drawn as the button, in the page's language
    # Lists of choices and fields of several inputs dress their own inputs.
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return ""
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def _dress_parts(widget: forms.Widget) -> None:
    """Gives the inputs of a compound widget their classes, once."""
    for part in getattr(widget, "widgets", ()):
        present = str(part.attrs.get("class", "")).split()
        wanted = _class_of(part)
        if wanted and wanted not in present:
            part.attrs["class"] = " ".join([*present, wanted])


def rendered_widget(bound: forms.BoundField) -> SafeString:
    """The field's input with the class of its kind added to those it already has.

    Placeholders that only repeat the label are dropped: a label stands above every field.
    """
    widget = bound.field.widget
    widget.attrs.pop("placeholder", None)
    _dress_parts(widget)
    classes = [*str(widget.attrs.get("class", "")).split(), _class_of(widget)]
    joined = " ".join(dict.fromkeys(c for c in classes if c))
    return bound.as_widget(attrs={"class": joined} if joined else {})
