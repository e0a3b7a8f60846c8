"""How somebody shows that a record is theirs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.forms.text import PastDate


class BirthDateForm(forms.Form):
    born_on = PastDate(label=_("Your date of birth"), help_text=_("For example 14 3 1996"))
