"""What a password may be, and what it may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import global_settings
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils.module_loading import import_string

import portal.settings
from portal.models import User
from portal.passwords import is_listed
from tests import make
from tests.portal.test_asvs_headers import loaded

SignIn = Callable[[User], Client]


def faults(password: str) -> list[str]:
    try:
        validate_password(password)
    except ValidationError as wrong:
        return [str(fault.code) for fault in wrong.error_list]
    return []


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "zzzzzqqqqqxxxxx", "QQQQWWWWXXXXYYYY", "!!??!!??==..//--", "пароль-из-слов",
        "🧠🦵🫀🧠🦵🫀🧠🦵🫀🧠", "l" * 40 + "o" * 40 + "ng" * 40, "a-long-enough-password",
    ],
)  # fmt: skip
def test_any_characters_make_a_password(password: str) -> None:
    assert faults(password) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("xk4!vq7#b", "password_too_short"),
        ("1234567890", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("8675309867530", "password_entirely_numeric"),
        ("Fascicle2026!", "password_of_our_words"),
        ("clinicportal", "password_of_our_words"),
        ("PatientPatientPatient", "password_of_our_words"),
    ],
)
def test_what_anyone_would_try_is_refused(password: str, code: str) -> None:
    assert code in faults(password)


def test_the_clinics_own_name_is_no_password(settings: Any) -> None:
    assert faults("Lindenhof-2026") == []
    settings.CLINIC_NAME = "Lindenhof"
    assert faults("Lindenhof-2026") == ["password_of_our_words"]
    settings.CLINIC_NAME, settings.SITE_HOST = "", "lindenhof.example.org"
    assert faults("Lindenhof-2026") == ["password_of_our_words"]


def hash_of(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.mark.parametrize("ending", ["", ":17"])
def test_a_sorted_file_is_searched_by_halves(tmp_path: Path, ending: str) -> None:
    stolen = [hash_of(f"stolen {n}") for n in range(500)]
    path = tmp_path / "hashes.txt"
    path.write_text("".join(f"{digest}{ending}\n" for digest in sorted(stolen)))
    assert all(is_listed(digest.lower(), path) for digest in stolen)
    rest = [hash_of(f"kept {n}") for n in range(500)]
    assert not any(is_listed(digest, path) for digest in ["0" * 40, "F" * 40, *rest])


def test_a_list_of_one_and_of_none(tmp_path: Path) -> None:
    path = tmp_path / "hashes.txt"
    path.write_text(hash_of("only one"))
    assert is_listed(hash_of("only one"), path)
    assert not is_listed(hash_of("another"), path)
    path.write_text("")
    assert not is_listed(hash_of("only one"), path)


@pytest.mark.django_db
def test_a_stolen_password_makes_no_account(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "hashes.txt"
    path.write_text("\n".join(sorted(hash_of(word) for word in ("tulip-bridge-44", "velvet-anchor-9"))))
    settings.AUTH_PASSWORD_VALIDATORS = loaded(BREACHED_PASSWORDS=str(path))["AUTH_PASSWORD_VALIDATORS"]
    sent = {"name": "Nia New", "email": "nia@example.org", "password1": "velvet-anchor-9"}
    assert "was stolen somewhere before" in Client().post("/register/", sent).content.decode()
    assert not User.objects.filter(email="nia@example.org").exists()
    Client().post("/register/", {**sent, "password1": "velvet-anchor-10"})
    assert User.objects.filter(email="nia@example.org").exists()


@pytest.mark.django_db
def test_a_password_is_kept_as_it_was_typed() -> None:
    """Blanks at its ends, capitals, and the last of a hundred and fifty characters count."""
    typed = "  Wide Blank " + "".join(Random(7).choices("abcXYZ é🧠", k=135)) + "! "
    sent = {"name": "Nia New", "email": "nia@example.org", "password1": typed}
    Client().post("/register/", sent)
    user = User.objects.get(email="nia@example.org")
    assert user.check_password(typed)
    for changed in (typed.strip(), typed.lower(), typed[:72], typed[:-1]):
        assert not user.check_password(changed)


@pytest.mark.django_db
def test_a_long_password_signs_in(as_user: SignIn) -> None:
    user = make.make_user("Lena Long", email="lena@example.org")
    password = "long " * 30
    user.set_password(password)
    user.save()
    answer = Client().post("/sign-in/", {"login": "lena@example.org", "password": password})
    assert answer.status_code == 302
    assert Client().post("/sign-in/", {"login": "lena@example.org", "password": password[:72]}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/sign-in/", "/register/", "/account/password/"])
def test_a_password_is_masked_and_may_be_pasted_or_filled_in(page: str, as_user: SignIn) -> None:
    user = make.make_user("Petra Page")
    user.set_password("the old one of Petra")
    user.save()
    client = as_user(user) if page.startswith("/account/") else Client()
    html = client.get(page).content.decode()
    fields = re.findall(r"<input[^>]*name=\"(?:old)?password[12]?\"[^>]*>", html)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "maxlength" not in field
        assert "onpaste" not in field


@pytest.mark.django_db
def test_to_change_it_one_gives_the_old_one(as_user: SignIn) -> None:
    user = make.make_user("Otto Old")
    user.set_password("the old one of Otto")
    user.save()
    new = {"password1": "the new one of Otto", "password2": "the new one of Otto"}
    as_user(user).post("/account/password/", {"oldpassword": "not the old one", **new})
    assert User.objects.get(pk=user.pk).check_password("the old one of Otto")
    as_user(user).post("/account/password/", {"oldpassword": "the old one of Otto", **new})
    assert User.objects.get(pk=user.pk).check_password("the new one of Otto")


@pytest.mark.django_db
def test_a_recovery_link_works_once_and_for_an_hour(time_machine: Any) -> None:
    user = make.make_user("Rea Reset", email="rea@example.org")
    links = []
    for hours in (0, 2):
        time_machine.move_to(f"2027-03-01T0{hours}:00:00Z", tick=True)
        Client().post("/recover/", {"email": "rea@example.org"})
        links.append(re.search(r"https?://[^/\s]+(/recover/\S+)", str(mail.outbox[-1].body))[1])  # type: ignore[index]
    new = {"password1": "the new one of Rea", "password2": "the new one of Rea"}
    assert "password1" not in Client().get(links[0], follow=True).content.decode()
    late, good = Client(), Client()
    form = good.get(links[1], follow=True)
    assert 'name="password1"' in form.content.decode()
    good.post(form.redirect_chain[-1][0], new)
    assert User.objects.get(pk=user.pk).check_password("the new one of Rea")
    assert 'name="password1"' not in late.get(links[1], follow=True).content.decode()


def test_passwords_are_stored_slowly() -> None:
    """PBKDF2 with SHA-256, in no fewer rounds than OWASP asks for; another one would have to be argued here."""
    # As a clinic has it: the tests' own is quick.
    ours = getattr(portal.settings, "PASSWORD_HASHERS", global_settings.PASSWORD_HASHERS)
    hasher = import_string(ours[0])()
    assert (hasher.algorithm, type(hasher).__name__) == ("pbkdf2_sha256", "PBKDF2PasswordHasher")
    assert hasher.iterations >= 600_000
