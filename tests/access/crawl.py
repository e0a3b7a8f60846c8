"""Every route with things of the scene in its address: what the crawls of tests/access ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.posts import POSTS
from tests.access.scene import Scene


def routes(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The names of all routes, with their namespace."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


ROUTES = sorted(set(routes()))


def keys_of(route: str) -> list[str]:
    """What this route's address is made of."""
    space, _colon, name = route.rpartition(":")
    resolver: Any = get_resolver()
    if space:
        resolver = resolver.namespace_dict[space][1]
    [(_pattern, keys)] = resolver.reverse_dict.getlist(name)[0][0]
    return list(keys)


def things(scene: Scene) -> dict[str, Any]:
    """What stands in an address, where the route does not say of which kind it is."""
    return {
        "ref": scene.case.ref, "pk": scene.case.pk, "queue": "all", "id": "x", "key": scene.draft.pk, "part": 1,
        "status": "draft", "slug": scene.published.slug, "department": "neurology", "number": scene.published.number,
        **scene.visit,
    }  # fmt: skip


def own(scene: Scene) -> dict[str, dict[str, Any]]:
    """Where the kind matters."""
    return {
        "clinicians:webhook": {"pk": scene.webhook.pk},
        "patients:result": {"pk": scene.released.pk},
        "patients:followup": {"pk": scene.followup.pk},
        "clinicians:api-followup": {"pk": scene.followup.pk},
        "patients:consent": {"pk": scene.consent.pk},
        "patients:notification": {"pk": scene.notification.pk},
        "patients:file": {"pk": scene.file.pk},
        "faq:manuscript": {"key": scene.article.pk},
        "faq:article": {"slug": scene.read.slug},
        "faq:topic": {"slug": scene.topic.slug},
        "patients:access_question": {"pk": scene.answered.pk},
        "patients:trust_offer": {"pk": scene.offered.pk},
        "clinicians:enrolled": {"pk": scene.patient_invitation.patient_id},
        "clinicians:api-enrolled": {"pk": scene.patient_invitation.patient_id},
        "portal:audit_event": {"pk": scene.visit["last"]},
        "portal:hook-mail-provider": {"provider": "mailgun"},
        "portal:invitation": {"key": scene.key_to(scene.invitation)},
        "portal:person": {"pk": scene.world.eddie.pk},
    }


def address(route: str, scene: Scene) -> str:
    """The address of this route, with something that is there wherever there is one."""
    posts, special = POSTS.get(route), own(scene).get(route)
    if special is None and posts:
        special = posts[0].at(scene)
    return reverse(route, kwargs=special or {key: things(scene)[key] for key in keys_of(route)})
