"""Addresses of the register: looking a family up, its page, writing it down."""

from django.urls import path

from khedmat.registry.web import enrol, history, views

app_name = "registry"

urlpatterns = [
    path("look-up/", views.look_up_page, name="look-up"),
    path("look-up/<uuid:look_up_id>/<int:position>/", views.open_hit_page, name="open-hit"),
    path("families/new/", enrol.register_page, name="register"),
    path("families/<uuid:household_id>/", views.household_page, name="household"),
    path("families/<uuid:household_id>/history/", history.history_page, name="history"),
    path("families/<uuid:household_id>/members/new/", enrol.add_member_page, name="add-member"),
]
