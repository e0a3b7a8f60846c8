"""Putting somebody on call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.cases import People
from clinicians.api.forms.of_patient import PlainForm
from portal.access import Role
from portal.models import Department, User
from portal.models.departments import DepartmentQuerySet

WRONG = _("Enter a day and a time.")


def moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "fc-input--20"}),
        error_messages={"required": WRONG, "invalid": WRONG},
    )


class OnCallForm(PlainForm):
    name = "on-call"
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), empty_label=None, to_field_name="slug"
    )
    clinician = People(User.objects.none(), label=_("Who"), error_messages={"required": _("Choose who is on call.")})
    starts_at = moment(_("From"))
    ends_at = moment(_("Until"))

    def __init__(self, *args: Any, departments: DepartmentQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place, who = self.fields["department"], self.fields["clinician"]
        assert isinstance(place, forms.ModelChoiceField)
        assert isinstance(who, forms.ModelChoiceField)
        place.queryset = departments
        # Who treats in any of them; whether they treat in the one chosen is the verb's to say.
        treating = User.objects.none()
        for department in departments:
            treating |= User.objects.with_role(Role.CLINICIAN, department)
        who.queryset = treating.filter(is_active=True).distinct().order_by("name")
