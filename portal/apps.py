from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The ground: who is who, who may, what was done, how people are told."""

    name = "portal"
