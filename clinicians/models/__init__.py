from clinicians.models.on_call import OnCall

__all__ = ["OnCall"]
