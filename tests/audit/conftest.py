from tests.audit.trail import copy

__all__ = ["copy"]
