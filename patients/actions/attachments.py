"""Adding a file to a case."""

from __future__ import annotations

from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile

from patients.models import Attachment, Case
from patients.rules.file_types import clean_name, content_type_of
from portal.access import Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.ATTACHMENT_ADD)
def attach(case: Case, *, by: User, upload: UploadedFile[bytes]) -> Attachment:
    """Keep a file. Its type is told by its content; raises UnknownType (a ValueError) when it is none we take."""
    digest = sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    content_type = content_type_of(upload.read(512))
    upload.seek(0)
    attachment = Attachment(
        patient=case.patient,
        case=case,
        name=clean_name(upload.name or ""),
        content_type=content_type,
        size=upload.size or 0,
        sha256=digest.hexdigest(),
        added_by=by,
    )
    attachment.file.save(attachment.name, upload, save=False)
    attachment.full_clean(validate_constraints=False)
    attachment.save()
    return attachment
