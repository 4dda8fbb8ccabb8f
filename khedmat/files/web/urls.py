"""The one route of stored files; included at the root of the site."""

from django.urls import path

from khedmat.files.web.views import show_file

app_name = "files"
urlpatterns = [path("files/<uuid:file_id>", show_file, name="show")]
