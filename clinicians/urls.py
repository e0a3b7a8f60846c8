from django.urls import URLPattern

app_name = "clinicians"
urlpatterns: list[URLPattern] = []
