from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """The record: what is true of a person."""

    name = "patients"
