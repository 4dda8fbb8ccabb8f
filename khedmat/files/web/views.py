"""Showing one stored file."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from khedmat.accounts.enums import Permission, Purpose
from khedmat.accounts.gate import StaffRequest, page
from khedmat.files.actions import open_file
from khedmat.files.web.responses import file_response


@page(permission=Permission.READ_FILE, purpose=Purpose.DAILY_WORK)
@require_GET
def show_file(request: StaffRequest, file_id: UUID) -> HttpResponse:
    return file_response(open_file(file_id, by=request.actor))
