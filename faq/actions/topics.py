"""Topics of a department."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from faq.models import Topic
from faq.models.topics import slug_of
from portal.access import Actor, IllegalMove, Permission
from portal.models import Department
from portal.verbs import verb


@verb(Permission.LIBRARY_EDIT)
def add(department: Department, *, by: Actor, name: str, synonyms: Sequence[str] = ()) -> Topic:
    """A new topic; its address is made of its name. Raises IllegalMove when there is one of that address."""
    name = " ".join(name.split())
    if Topic.objects.filter(slug=slug_of(name)).exists():
        raise IllegalMove("topics.add", department, _("There is a topic called “%(name)s” already.") % {"name": name})
    topic = Topic(department=department, name=name, slug=slug_of(name), synonyms="\n".join(synonyms))
    topic.full_clean()
    topic.save()
    return topic


@verb(Permission.LIBRARY_EDIT)
def rename(topic: Topic, *, by: Actor, name: str, synonyms: Sequence[str]) -> Topic:
    """Change what it is called; the address stays, so that links to it live on."""
    topic.name, topic.synonyms = " ".join(name.split()), "\n".join(synonyms)
    topic.full_clean()
    topic.save()
    return topic
