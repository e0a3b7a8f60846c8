"""Two clinicians in two browsers on one case, at random and at once: no typed word is lost, nobody answers twice.

`TWO_BROWSERS_ROUNDS=200` for as many as were promised; a few of them are played each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client, override_settings

from clinicians.models import Claim, ReplyDraft
from patients.models import Case, Message, Patient
from portal.access import Role
from portal.models import Department, User
from tests import make

ROUNDS = int(os.environ.get("TWO_BROWSERS_ROUNDS", "8"))
HIDDEN = re.compile(r'<input type="hidden" name="(patient|seen|draft|holder)" value="([^"]*)"')
SAFETY = "Call us the same day if your hand becomes weak."


@dataclass
class Browser:
    """What one of them does with one message of the patient: types, keeps, begins, takes over, sends, in some order."""

    user: User
    client: Client
    case: Case
    chance: Random
    text: str = ""
    shown: str = ""
    sent: int = 0
    codes: list[int] = field(default_factory=list)

    def play(self, number: int, together: Barrier) -> None:
        self.text, self.sent, self.codes = f"These are the words {number} of {self.user.name}.", 0, []
        self.open()
        together.wait(timeout=30)
        for step in self.chance.sample([self.keep, self.begin, self.take_over], k=self.chance.randrange(3)):
            step()
        self.send()
        while not self.sent and self.chance.random() < 0.6:
            # Told that it was overtaken: reads what came back, and tries again.
            self.take_over()
            self.send()
        connection.close()

    def open(self) -> None:
        self.shown = self.client.get(f"/cases/{self.case.ref}/").content.decode()

    def keep(self) -> None:
        self.post("reply/draft/")

    def begin(self) -> None:
        self.post("claim/")

    def take_over(self) -> None:
        self.post("take-over/")

    def send(self) -> None:
        self.sent += self.post("reply/") == 302

    def post(self, verb: str) -> int:
        form = self.shown.partition('id="reply-form"')[2] or self.shown
        said: dict[str, Any] = dict(HIDDEN.findall(self.shown)) | dict(HIDDEN.findall(form))
        said |= {"body": self.text, "safety_net": SAFETY}
        answer = self.client.post(f"/cases/{self.case.ref}/{verb}", said)
        self.codes.append(answer.status_code)
        if answer.status_code == 302 and verb == "reply/":
            return 302
        if answer.status_code == 302:
            self.open()
        else:
            self.shown = answer.content.decode()
        return answer.status_code

    @property
    def keeps_its_words(self) -> bool:
        """On the page that came back, or in the draft that the server keeps for them."""
        return self.text in self.shown or ReplyDraft.objects.filter(account=self.user, body=self.text).exists()


@pytest.mark.django_db(transaction=True)
def test_no_word_is_lost_and_nobody_answers_twice(
    alice: Patient, neurology: Department, nadia: User, as_user: Callable[[User], Client]
) -> None:
    nora = make.make_user("Nora Noon", role=Role.CLINICIAN, department=neurology)
    case = make.make_triaged(make.make_case(alice, neurology, questions=[]), by=nadia)
    chance = Random(20261124)
    both = [Browser(user, as_user(user), case, Random(chance.random())) for user in (nadia, nora)]
    for number in range(ROUNDS):
        answered = Message.objects.from_clinic().count()
        with override_settings(REPLY_UNDO_SECONDS=0), ThreadPoolExecutor(2) as pool:
            together = Barrier(2)
            list(pool.map(Browser.play, both, (number, number), (together, together)))
        now = Message.objects.from_clinic().count()
        assert now - answered == sum(browser.sent for browser in both) <= 1, number
        for browser in both:
            # 422: there was nobody to take over from.
            assert set(browser.codes) <= {200, 302, 409, 422}, browser.codes
            assert browser.sent or browser.keeps_its_words, (number, browser.user.name, browser.codes)
        Claim.objects.update(until=F("since"))
        ReplyDraft.objects.all().delete()
        make.make_message(case, f"And one more thing, {number}.")
