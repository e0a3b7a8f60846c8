from django.apps import AppConfig


class FaqConfig(AppConfig):
    """The library: what may be told to all."""

    name = "faq"
