from patients.models.access_questions import AccessQuestion
from patients.models.attachments import Attachment
from patients.models.broken_glass import BrokenGlass, GlassReview
from patients.models.cases import Case, CaseQuestion
from patients.models.consents import Consent
from patients.models.diary import DiaryEntry
from patients.models.followups import FollowUp, Reminder
from patients.models.invitations import PatientInvitation
from patients.models.messages import Message, MessageArticle
from patients.models.patients import Patient
from patients.models.prescriptions import Prescription
from patients.models.red_flags import RedFlag
from patients.models.related_people import RelatedPerson
from patients.models.results import EegReport, NerveMeasurement, Observation, Result
from patients.models.screenings import Screening

__all__ = [
    "AccessQuestion",
    "Attachment",
    "BrokenGlass",
    "Case",
    "CaseQuestion",
    "Consent",
    "DiaryEntry",
    "EegReport",
    "FollowUp",
    "GlassReview",
    "Message",
    "MessageArticle",
    "NerveMeasurement",
    "Observation",
    "Patient",
    "PatientInvitation",
    "Prescription",
    "RedFlag",
    "RelatedPerson",
    "Reminder",
    "Result",
    "Screening",
]
