"""Adding a file to a case, noting what a scanner said of it, and removing what belongs to no row."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from patients.actions.examining import Examined, examine
from patients.models import Attachment, Case, Patient
from patients.models.attachments import FOLDER
from portal.access import Actor, IllegalMove, Permission
from portal.models import Clinic, User
from portal.scanner import Scan, Verdict
from portal.verbs import verb

# A transaction that has not ended after this long never will: a file without a row is then nobody's.
SWEPT_AFTER = timedelta(days=1)
# More than this at once, and more than a tenth of all, is no tidying up.
FEW = 20
SHARE = 10


class Infected(IllegalMove):
    """The scanner found something in it. Nothing of it is kept."""

    code = "infected"


class NoRoom(IllegalMove):
    """This person's files would be more, or larger, than the clinic keeps for one person."""

    code = "no_room"


class Blind(IllegalMove):
    """So many files seem to belong to no row that it is more likely that we do not see the rows."""

    code = "blind"


@verb(Permission.ATTACHMENT_ADD)
def attach(case: Case, *, by: User, upload: UploadedFile[bytes] | Examined) -> Attachment:
    """Keep a file. Raises UnknownType or Unreadable (both ValueErrors), Infected, or NoRoom."""
    file = upload if isinstance(upload, Examined) else examine(upload)
    if file.verdict.scan == Scan.INFECTED:
        raise Infected("", reason=_("A virus was found in “%(name)s”. We did not keep it.") % {"name": file.name})
    make_room(case.patient_id, file)
    attachment = Attachment(
        patient=case.patient,
        case=case,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        sha256=file.sha256,
        sent_sha256=file.sent_sha256,
        is_cleaned=file.is_cleaned,
        is_readable=file.is_readable,
        scan=file.verdict.scan,
        scanned_at=file.verdict.at,
        scan_note=file.verdict.words,
        added_by=by,
    )
    attachment.file.save(attachment.name, ContentFile(file.content), save=False)
    attachment.full_clean(validate_constraints=False)
    attachment.save()
    return attachment


def make_room(patient: UUID, file: Examined) -> None:
    """Under a lock on the person: two files sent at once, on two cases, are counted one after the other."""
    Patient._base_manager.select_for_update(no_key=True).get(pk=patient)
    files, size = Attachment.objects.weight_of(patient)
    if files + 1 > settings.PATIENT_QUOTA_FILES or size + file.size > settings.PATIENT_QUOTA_BYTES:
        says = _(
            "There is no room left for “%(name)s”: we keep at most %(files)s files and %(megabytes)s MB for one "
            "person. Ask the clinic which it can do without."
        )
        told = {
            "name": file.name,
            "files": settings.PATIENT_QUOTA_FILES,
            "megabytes": settings.PATIENT_QUOTA_BYTES // 1_000_000,
        }
        raise NoRoom("", reason=says % told)


@verb(Permission.ATTACHMENT_SCAN)
def judge(attachment: Attachment, *, by: Actor, verdict: Verdict) -> Attachment:
    """Note what the scanner said of a file that waited for it. What is infected leaves the store."""
    if attachment.scan not in (Scan.FAILED, Scan.NOT_SCANNED):
        raise IllegalMove("", reason=_("It has been scanned already."))
    attachment.judge(verdict)
    if attachment.is_removed:
        # After the row says so: were it the other way round, a row could promise a file that is gone.
        stored, name = attachment.file.storage, str(attachment.file.name)
        transaction.on_commit(lambda: stored.delete(name))
    return attachment


@verb(Permission.ATTACHMENT_SWEEP)
def sweep(clinic: Clinic, *, by: Actor) -> int:
    """Remove stored files that are nobody's: of a transaction that rolled back, or found infected. Returns how many."""
    stored = Attachment._meta.get_field("file").storage
    old = {name: key for name in old_files(stored) if (key := key_of(name))}
    rows = Attachment.objects.visible_to(by, Permission.ATTACHMENT_SWEEP).exclude(scan=Scan.INFECTED)
    owned = set(rows.filter(pk__in=list(old.values())).values_list("pk", flat=True))
    nobodys = [name for name, key in old.items() if key not in owned]
    # Whoever sees no rows would take every file for nobody's; and what is removed here does not come back.
    if nobodys and (not owned or (len(nobodys) > FEW and len(nobodys) * SHARE > len(old))):
        raise Blind("", reason=f"{len(nobodys)} of {len(old)} stored files seem to have no row.")
    for name in nobodys:
        stored.delete(name)
    return len(nobodys)


def old_files(stored: Storage) -> list[str]:
    if not stored.exists(FOLDER):
        return []
    before = timezone.now() - SWEPT_AFTER
    names = [
        f"{FOLDER}/{part}/{name}"
        for part in stored.listdir(FOLDER)[0]
        for name in stored.listdir(f"{FOLDER}/{part}")[1]
    ]
    return [name for name in names if stored.get_modified_time(name) < before]


def key_of(name: str) -> UUID | None:
    """None for a file that is not named as ours are: it is not ours to remove."""
    try:
        return UUID(name.rsplit("/", 1)[-1])
    except ValueError:
        return None
