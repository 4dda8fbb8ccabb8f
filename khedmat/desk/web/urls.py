"""The staff's own pages."""

from django.urls import path

from khedmat.desk.web import views

app_name = "desk"

urlpatterns = [
    path("desk/", views.home, name="home"),
    path("desk/roles/", views.roles, name="roles"),
    path("desk/oversight/", views.oversight, name="oversight"),
]
