from patients.models.access_questions import AccessQuestion
from patients.models.appointments import Appointment, Leave, Schedule, WaitingListEntry
from patients.models.attachments import Attachment
from patients.models.broken_glass import BrokenGlass, GlassReview
from patients.models.calendar_feeds import CalendarFeed
from patients.models.calls import CallAttempt
from patients.models.cases import Case, CaseQuestion
from patients.models.consents import Consent
from patients.models.diary import DiaryEntry
from patients.models.followups import FollowUp
from patients.models.invitations import PatientInvitation
from patients.models.messages import Message, MessageArticle
from patients.models.patients import Patient
from patients.models.prescriptions import Prescription
from patients.models.red_flags import RedFlag
from patients.models.related_people import RelatedPerson
from patients.models.reminder_checks import ReminderCheck
from patients.models.reminders import Reminder, Telling
from patients.models.results import EegReport, NerveMeasurement, Observation, Result
from patients.models.screenings import Screening

__all__ = [
    "AccessQuestion",
    "Appointment",
    "Attachment",
    "BrokenGlass",
    "CalendarFeed",
    "CallAttempt",
    "Case",
    "CaseQuestion",
    "Consent",
    "DiaryEntry",
    "EegReport",
    "FollowUp",
    "GlassReview",
    "Leave",
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
    "ReminderCheck",
    "Result",
    "Schedule",
    "Screening",
    "Telling",
    "WaitingListEntry",
]
