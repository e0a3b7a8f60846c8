from clinicians.models.webhooks import Occurrence, Webhook, WebhookDelivery

__all__ = ["Occurrence", "Webhook", "WebhookDelivery"]
