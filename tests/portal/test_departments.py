"""A department's address is /its-slug/: it may not be one that another page has."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver

from portal.models.departments import RESERVED
from tests import make


def first_words(patterns: list[URLPattern | URLResolver] | None = None) -> set[str]:
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver) and not route:
            found |= first_words(pattern.url_patterns)
        elif route and not route.startswith("<"):
            found.add(route.split("/", 1)[0])
    return found


def test_every_first_word_of_an_address_is_reserved() -> None:
    assert first_words() - RESERVED == set()


@pytest.mark.django_db
def test_a_department_at_a_taken_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="another page"):
        make.make_department("Search")
