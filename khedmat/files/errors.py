"""Why a file was not taken, or cannot be shown; each message says what to do next."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from khedmat.common.errors import DomainError


class FileRefused(DomainError):
    """An upload that is not taken; nothing of it was stored."""

    code = "file-refused"
    message = _("This file cannot be taken. Choose another one.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class FileEmpty(FileRefused):
    code = "file-empty"
    message = _("This file is empty. Choose it again.")


class FileTooLarge(FileRefused):
    code = "file-too-large"
    message = _("This file is larger than 10 MB. Take the picture with a lower quality, or scan fewer pages.")
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class PaperKindNotAccepted(FileRefused):
    code = "paper-kind-not-accepted"
    message = _("This kind of file is not taken. Send a JPEG, PNG or WebP picture, or a PDF.")
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class PictureKindNotAccepted(FileRefused):
    code = "picture-kind-not-accepted"
    message = _("This is not a picture that can be taken here. Send a JPEG, PNG or WebP picture.")
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class PhoneOnlyPicture(FileRefused):
    """HEIC, HEIF or AVIF: what some phones store unless told otherwise."""

    code = "picture-kind-phone-only"
    message = _("This picture is in the phone's own format. Set the camera to JPEG and take it again.")
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class PictureNotReadable(FileRefused):
    code = "picture-not-readable"
    message = _("This picture did not open. Take another one.")


class PictureTooManyPixels(FileRefused):
    code = "picture-too-many-pixels"
    message = _("This picture has too many pixels. Take it with a lower quality.")


class PictureAnimated(FileRefused):
    code = "picture-animated"
    message = _("This picture moves. Send a still picture.")


class PictureTooSmall(FileRefused):
    code = "picture-too-small"
    message = _("This picture is too small to read. Take it again from nearer, or with a higher quality.")


class PortraitTooSmall(FileRefused):
    code = "portrait-too-small"
    message = _("This portrait is too small for a card. It needs at least 480 by 640 pixels: take it again.")


class PortraitTooNarrow(FileRefused):
    code = "portrait-too-narrow"
    message = _("This picture is too long and narrow for a portrait. Take an ordinary upright picture.")


class PdfNotReadable(FileRefused):
    code = "pdf-not-readable"
    message = _("This PDF did not open. Save it again, or send a picture of the paper.")


class PdfEncrypted(FileRefused):
    code = "pdf-encrypted"
    message = _("This PDF has a password. Save it without one, or send a picture of the paper.")


class PdfTooManyPages(FileRefused):
    code = "pdf-too-many-pages"
    message = _("This PDF has more than 30 pages. Send only the pages that are needed.")


class PdfHasActiveContent(FileRefused):
    code = "pdf-active-content"
    message = _("This PDF holds a program or another file inside. Scan the paper, or send a picture of it.")


class PdfTooComplex(FileRefused):
    code = "pdf-too-complex"
    message = _("This PDF is too heavy to check. Scan the paper again, or send a picture of it.")


class StoredFileDamaged(DomainError):
    """A blob is missing, was changed, or stands in the place of another."""

    code = "stored-file-damaged"
    message = _("This file cannot be opened any more. Tell the person who looks after the system.")


class SweepRefused(DomainError):
    """A sweep would remove most of the stored blobs: rather the wrong database than so many orphans."""

    code = "sweep-refused"
    message = _("Most stored files have no row in this database. Check that it is the right one; nothing was removed.")
