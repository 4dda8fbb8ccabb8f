"""Below /files/."""

from django.urls import path

from khedmat.files.web.views import show_file

app_name = "files"
urlpatterns = [path("<uuid:file_id>", show_file, name="show")]
