from patients.models.access_questions import AccessQuestion
from patients.models.attachments import Attachment
from patients.models.cases import Case, CaseQuestion
from patients.models.consents import Consent
from patients.models.followups import FollowUp, Reminder
from patients.models.messages import Message
from patients.models.patients import Patient
from patients.models.prescriptions import Prescription
from patients.models.results import EegReport, NerveMeasurement, Observation, Result

__all__ = [
    "AccessQuestion",
    "Attachment",
    "Case",
    "CaseQuestion",
    "Consent",
    "EegReport",
    "FollowUp",
    "Message",
    "NerveMeasurement",
    "Observation",
    "Patient",
    "Prescription",
    "Reminder",
    "Result",
]
