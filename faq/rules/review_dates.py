"""When a published text is read again."""

from __future__ import annotations

from datetime import date

YEARS_UNTIL_REVIEW = 2


def review_again(reviewed_on: date, years: int = YEARS_UNTIL_REVIEW) -> date:
    """The same day `years` later; 29 February becomes 28."""
    try:
        return reviewed_on.replace(year=reviewed_on.year + years)
    except ValueError:
        return reviewed_on.replace(year=reviewed_on.year + years, day=28)
