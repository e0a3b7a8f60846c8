from django.apps import AppConfig


class CliniciansConfig(AppConfig):
    """The desk: what staff do."""

    name = "clinicians"
