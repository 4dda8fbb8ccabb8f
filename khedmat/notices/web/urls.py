"""Addresses of letters' texts, printing, the outbox and slips; included at the root of the site."""

from django.urls import path

from khedmat.notices.web import letters, outbox, slips

app_name = "notices"

urlpatterns = [
    path("letters/texts/", letters.texts_page, name="texts"),
    path("letters/texts/<uuid:template_id>/", letters.text_page, name="text"),
    path("letters/<uuid:letter_id>/print/", letters.print_page, name="print"),
    path("letters/<uuid:letter_id>/pdf/<str:language>/", letters.pdf_page, name="pdf"),
    path("outbox/", outbox.outbox_page, name="outbox"),
    path("outbox/demo/", outbox.demo_page, name="demo-outbox"),
    path("slips/", slips.open_page, name="slip"),
]
