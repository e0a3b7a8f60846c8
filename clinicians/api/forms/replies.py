"""The reply: its words, an outcome for each open question, what is sent along, and what is promised with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.followups import PREFIX, WithFollowUp
from clinicians.api.forms.of_patient import OfCase
from clinicians.models.reply_drafts import ReplyDraft
from clinicians.rules.placeholders import unfilled
from faq.models import Article, Question
from patients.models import CaseQuestion

# "Not answered yet" is where a question comes from, never what a reply makes of it.
OUTCOMES = [choice for choice in CaseQuestion.Outcome.choices if choice[0] != CaseQuestion.Outcome.OPEN]
LONGEST_REPLY = 20_000
LONGEST_SAFETY_NET = 4_000
MOST_ARTICLES = 5
Things = Sequence[Article | Question]


class Keys(forms.Widget):
    """Several values of one name: as a page's checkboxes send them, or a program's list."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        if isinstance(data, QueryDict):
            return data.getlist(name)
        if isinstance(data.get(name), list):
            return list(data[name])
        return [str(data[key]) for key in data if key.startswith(f"{name}-") and key.rpartition("-")[2].isdigit()]


class Attached(forms.Field):
    """Articles and public questions by their keys; `find` says which of them there are for readers now."""

    widget = Keys

    def __init__(self, **about: Any) -> None:
        super().__init__(required=False, **about)
        self.find: Callable[[Sequence[str]], Things] = lambda _keys: ()

    def clean(self, value: Any) -> Things:
        keys = list(dict.fromkeys(value or ()))
        if len(keys) > MOST_ARTICLES:
            raise forms.ValidationError(_now("Send along %(most)d at most.") % {"most": MOST_ARTICLES})
        found = self.find(keys)
        if len(found) < len(keys):
            raise forms.ValidationError(_now("Something chosen is not in the library any more: choose again."))
        return found


class ReplyForm(WithFollowUp, OfCase):
    name = "reply"
    # Its fields are those of the case's own questions.
    also: ClassVar[dict[str, Any]] = {
        "outcomes": {
            "type": "object",
            "description": "By the id of each question that is open.",
            "additionalProperties": {"type": "string", "enum": [str(key) for key, _label in OUTCOMES]},
        },
        "articles": {
            "type": "array",
            "description": "What to send along, by its key: article-… or question-…, as compose finds them.",
            "items": {"type": "string"},
            "maxItems": MOST_ARTICLES,
        },
    }
    body = forms.CharField(
        label=_("Your reply"),
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": _("Write the reply.")},
    )
    safety_net = forms.CharField(
        label=_("When to get help sooner"),
        help_text=_("Goes with every reply. Change it to fit this patient."),
        max_length=LONGEST_SAFETY_NET,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Say what would worry us, by when, and whom to call.")},
    )
    articles = Attached(label=_("Send along"))
    suggest = forms.BooleanField(
        label=_("Suggest as a public answer"),
        help_text=_("Next you write it without anything that names the patient, who is then asked."),
        required=False,
    )
    # Of the draft that the page began with.
    draft = forms.IntegerField(required=False, min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        questions: Iterable[CaseQuestion],
        find: Callable[[Sequence[str]], Things] | None = None,
        is_draft: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft, self.questions = is_draft, list(questions)
        # The stored draft that it begins with.
        self.kept: ReplyDraft | None = None
        if find:
            self.fields["articles"].find = find  # type: ignore[attr-defined]
        for number, question in enumerate(self.questions, start=1):
            self.fields[f"outcomes-{question.pk}"] = forms.ChoiceField(
                label=_("Question %(number)d: %(text)s") % {"number": number, "text": question.text},
                choices=OUTCOMES,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Say what your reply does with question %(number)d.") % {"number": number}
                },
            )
        if is_draft:
            for name, field in self.fields.items():
                field.required = name == "patient"

    def clean_body(self) -> str:
        return self.without_places("body")

    def clean_safety_net(self) -> str:
        return self.without_places("safety_net")

    def without_places(self, name: str) -> str:
        """Nobody is sent "{followup_date}". A draft may hold it."""
        text = str(self.cleaned_data[name])
        places = [] if self.is_draft else unfilled(text)
        if places:
            names = ", ".join("{" + place + "}" for place in places)
            raise forms.ValidationError(_now("Fill in %(places)s, or take it out.") % {"places": names})
        return text

    def asked(self) -> list[forms.BoundField]:
        return [self[f"outcomes-{question.pk}"] for question in self.questions]

    @property
    def outcomes(self) -> dict[UUID, CaseQuestion.Outcome]:
        """As far as they are chosen: of a whole reply, all."""
        chosen = ((question.pk, self.cleaned_data.get(f"outcomes-{question.pk}")) for question in self.questions)
        return {key: CaseQuestion.Outcome(value) for key, value in chosen if value}

    @property
    def words(self) -> dict[str, Any]:
        """As a draft holds them."""
        said = self.cleaned_data
        return {
            "body": said["body"],
            "safety_net": said["safety_net"],
            "outcomes": {str(key): str(outcome) for key, outcome in self.outcomes.items()},
            "articles": [key_of(thing) for thing in said["articles"]],
            "followup": self.followup_words,
            "suggest": said["suggest"],
        }

    @property
    def typed(self) -> dict[str, Any]:
        """What was sent, right or wrong, to fill another form with."""
        return {
            name: field.widget.value_from_datadict(self.data, {}, self.add_prefix(name))
            for name, field in self.fields.items()
        }


def initial_of(draft: ReplyDraft) -> dict[str, Any]:
    """A draft as the form begins with it."""
    return {
        "body": draft.body,
        "safety_net": draft.safety_net,
        "articles": draft.articles,
        "suggest": draft.suggest,
        "draft": draft.version,
        **{f"outcomes-{key}": outcome for key, outcome in draft.outcomes.items()},
        **{PREFIX + name: value for name, value in draft.followup.items()},
    }


def key_of(thing: Article | Question) -> str:
    return f"article-{thing.pk}" if isinstance(thing, Article) else f"question-{thing.pk}"
