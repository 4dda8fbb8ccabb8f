"""Addresses of printing, hand-over and single cards; included at the root of the site."""

from django.urls import path

from khedmat.cards.web import cards, hand_over, printing

app_name = "cards"

urlpatterns = [
    path("print/", printing.print_queue, name="print-queue"),
    path("print/<uuid:batch_id>/", printing.batch_page, name="batch"),
    path("print/<uuid:batch_id>/cards.pdf", printing.batch_pdf, name="batch-pdf"),
    path("hand-over/", hand_over.find_page, name="hand-over"),
    path("hand-over/<uuid:case_id>/", hand_over.case_page, name="hand-over-case"),
    path("cards/<uuid:card_id>/", cards.card_page, name="card"),
]
