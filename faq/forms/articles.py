"""What a curator types into an article."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from faq.forms.questions import lines
from faq.models import Article
from portal.access import Actor
from portal.forms import PLAIN
from portal.models import Department

LONGEST = 100_000


class ArticleForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, validators=[PLAIN])
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST,
        validators=[PLAIN],
        help_text=gettext_lazy("Markdown: ## begins a part, - a point of a list, **bold**, [words](https://address)."),
        widget=forms.Textarea(attrs={"rows": 24, "class": "fc-manuscript"}),
    )
    sources = lines(gettext_lazy("Sources"), rows=4, help_text=gettext_lazy("One a line, with its year and address."))
    note = forms.CharField(
        label=gettext_lazy("What changed, and why"), max_length=200, required=False, validators=[PLAIN]
    )

    @classmethod
    def of(cls, article: Article) -> ArticleForm:
        newest = article.newest
        about = {"title": newest.title, "body": newest.body, "sources": newest.sources, "version": newest.number}
        return cls(initial=about)


class NewArticleForm(ArticleForm):
    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"))
    field_order = ("title", "department", "body", "sources")

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"], self.fields["note"]
        departments = self.fields["department"]
        assert isinstance(departments, forms.ModelChoiceField)
        departments.queryset = Department.objects.visible_to(by)
