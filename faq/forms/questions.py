"""What a curator types into a question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq.models import Article, Question, Topic
from faq.models.topics import slug_of
from portal.access import Actor
from portal.forms import PLAIN
from portal.models import Department

LONGEST = 20_000
SEXES = (
    ("", gettext_lazy("Not said")),
    ("female", gettext_lazy("Female")),
    ("male", gettext_lazy("Male")),
    ("other", gettext_lazy("Other")),
)
BANDS = (("", gettext_lazy("Not said")), *((f"{n}–{n + 9}", f"{n}–{n + 9}") for n in range(0, 90, 10)), ("90+", "90+"))
TEXTS = (
    "title",
    "body",
    "answer",
    "in_short",
    "editor_note",
    "get_help",
    "get_help_now",
    "age_band",
    "sex",
    "asked_in",
)


def lines(label: Any, *, rows: int, required: bool = False, css: str = "", help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST,
        validators=[PLAIN],
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "class": css} if css else {"rows": rows}),
    )


class QuestionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250, validators=[PLAIN])
    body = lines(gettext_lazy("The question"), rows=8, required=True, css="fc-textarea--voice")
    editor_note = lines(gettext_lazy("Editor’s note on the question"), rows=2)
    answer = lines(gettext_lazy("The reply"), rows=10, required=True, css="fc-textarea--voice")
    in_short = lines(gettext_lazy("In short"), rows=4, help_text=gettext_lazy("One point a line."))
    get_help = lines(gettext_lazy("See a doctor if"), rows=3, help_text=gettext_lazy("One point a line."))
    get_help_now = lines(gettext_lazy("Get help now if"), rows=3, help_text=gettext_lazy("One point a line."))
    topics = lines(
        gettext_lazy("Topics"), rows=3, help_text=gettext_lazy("The name of one topic a line, as in Topics A to Z.")
    )
    article = forms.ModelChoiceField(
        Article.objects.none(),
        label=gettext_lazy("Article that explains more"),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    age_band = forms.ChoiceField(label=gettext_lazy("Age band"), choices=BANDS, required=False)
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=SEXES, required=False)
    asked_in = forms.IntegerField(label=gettext_lazy("Year"), min_value=1990, max_value=2100, required=False)

    def __init__(self, *args: Any, by: Actor, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        articles = self.fields["article"]
        assert isinstance(articles, forms.ModelChoiceField)
        articles.queryset = Article.objects.visible_to(by).published().filter(department=department)

    @classmethod
    def of(cls, question: Question, by: Actor) -> QuestionForm:
        """The form as the question stands."""
        now = {name: getattr(question, name) for name in TEXTS}
        names = "\n".join(topic.name for topic in question.topics.all())
        about = {"version": question.version, "article": question.article_id, "topics": names}
        return cls(initial={**now, **about}, by=by, department=question.department)

    def clean_topics(self) -> list[Topic]:
        names = [" ".join(line.split()) for line in self.cleaned_data["topics"].splitlines() if line.strip()]
        found = {topic.slug: topic for topic in Topic.objects.filter(slug__in=[slug_of(name) for name in names])}
        missing = [name for name in names if slug_of(name) not in found]
        if missing:
            raise ValidationError(_("There is no topic called “%(name)s”.") % {"name": "”, “".join(missing)})
        return list(found.values())

    @property
    def changes(self) -> dict[str, Any]:
        """For `questions.edit`: the texts, with topics, article and the version they are based on."""
        return {name: self.cleaned_data[name] for name in (*TEXTS, "topics", "article", "version")}


class TopicForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, validators=[PLAIN])
    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("Department"))
    synonyms = lines(
        gettext_lazy("Other words for it"),
        rows=4,
        help_text=gettext_lazy("One a line: lay words, short forms, other spellings. Search finds the topic by them."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = self.fields["department"]
        assert isinstance(departments, forms.ModelChoiceField)
        departments.queryset = Department.objects.visible_to(by)
