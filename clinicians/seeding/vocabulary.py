"""What invented people are called and say, in a clinic of any size. Nothing here was ever said by anybody."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

GIVEN: Final = tuple(
    map("".join, product(
        ("Ta", "Ve", "Mi", "Lo", "Sa", "Ne", "Ru", "Ka", "Je", "Do", "Fi", "Ha", "Bri", "Cal", "O", "Ys"),
        ("vo", "rin", "la", "mar", "nel", "sia", "tto", "wen", "ric", "dja", "lune", "bek", "pha", "zan", "ira", "os"),
    ))
)  # fmt: skip
FAMILY: Final = tuple(
    map("".join, product(
        ("Mer", "Tol", "Vas", "Quen", "Hol", "Bran", "Dor", "Fal", "Gris", "Jun", "Kel", "Lam", "Nor", "Ost", "Pel",
         "Ras", "Sten", "Tav", "Ul", "Wex"),
        ("a", "e", "i", "o", "u", "an", "en", "in", "on", "ar", "er", "ir", "or", "ul", "al", "el", "il", "ol", "am"),
        ("der", "dt", "ska", "vik", "mont", "rell", "sby", "tane", "quist", "zu"),
    ))
)  # fmt: skip
PARTS: Final = (
    "left thumb", "right calf", "lower back", "jaw", "both hands", "left shoulder", "stomach", "right eyelid", "neck",
    "knees", "chest", "left foot", "scalp", "right ear", "hip", "throat",
)  # fmt: skip
FEELINGS: Final = (
    "flutters", "aches", "goes numb", "feels tight", "burns a little", "is stiff", "tingles", "is sore", "feels heavy",
    "itches", "clicks", "throbs",
)  # fmt: skip
WHEN: Final = (
    "after work", "in the mornings", "when I lie down", "after climbing stairs", "most evenings", "after a long drive",
    "on cold days", "at night", "before meals", "when I am tired", "after swimming", "since I moved house",
)  # fmt: skip
COURSE: Final = (
    "It comes and goes.", "It has been the same for a while.", "It is a little more often now.",
    "Some days I forget about it.", "Rest helps for an hour or two.", "It stops when I walk about.",
    "My family noticed it before I did.", "I kept a note of it for two weeks.", "It is worse when I sleep badly.",
    "Warmth seems to help.",
)  # fmt: skip
WISHES: Final = (
    "I would like to know whether I should come in.", "I am not sure who to ask.", "I would rather know than guess.",
    "I can come any afternoon.", "Please tell me what to look out for.", "I can send a photograph if that helps.",
)  # fmt: skip
QUESTIONS: Final = (
    "Do I need to be seen?", "Can I go on working?", "Should I keep a diary of it?", "Which test would tell more?",
    "May I go on with sport?", "How long should I wait before I write again?", "Could it be from one of my medicines?",
)  # fmt: skip
LATER: Final = (
    "It was quiet for a week, and then it came back.", "I did as you said, and have one more question.",
    "The note I kept is attached to this week.", "Is there a day on which I can telephone?",
    "It has moved to the other side.", "I forgot to say that it began earlier than I wrote.",
)  # fmt: skip
REPLIES: Final = (
    "Thank you for writing. We have read it, and would like to see you about it.",
    "Thank you. We looked at your notes together; here is what we suggest next.",
    "Thank you for the details. Please keep the note for two more weeks.",
    "We have read your message, and plan a test before we say more.",
    "Thank you for telling us. Nothing in what you write changes the plan we made.",
)  # fmt: skip
SAFETY_NETS: Final = (
    "Write or call us the same day if it becomes worse or something new comes with it.",
    "If it has not eased by the end of next week, call us.",
    "Call us at once if you are worried; at night, call the emergency number.",
)  # fmt: skip
RELEASED: Final = "We have looked at these values, and will speak about them with you."
PURPOSES: Final = ("See how it goes", "Look at the note together", "Repeat of the test", "A word on the telephone")


def named(pick: Random) -> str:
    return f"{one_of(GIVEN, pick)} {one_of(FAMILY, pick)}"


def titled(pick: Random) -> str:
    return f"{one_of(PARTS, pick)} {one_of(FEELINGS, pick)} {one_of(WHEN, pick)}".capitalize()


def told(pick: Random) -> str:
    """A story: common words, and the name of a place that few others speak of."""
    place = f"{one_of(FAMILY, pick)}{one_of(GIVEN, pick).lower()}"
    return (
        f"My {one_of(PARTS, pick)} {one_of(FEELINGS, pick)} {one_of(WHEN, pick)}. {one_of(COURSE, pick)}"
        f" It began in {place}. {one_of(COURSE, pick)} {one_of(WISHES, pick)}"
    )


def one_of(words: Sequence[T], pick: Random) -> T:
    """As `choice`, and three times as fast."""
    return words[int(pick.random() * len(words))]
