"""What the code does not do at all, so that it need not be done safely; and what it is built from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.each import code_of, for_each, short

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("portal", "faq", "patients", "clinicians", "deploy")
CODE = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py") if "migrations" not in p.parts)
TEMPLATES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("templates/**/*.html"))
SCRIPTS = sorted((ROOT / "portal/static").rglob("*.js"))

# Runs text as code, or makes objects of bytes.
DANGEROUS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
UNSAFE_MODULES = {
    "pickle", "marshal", "shelve", "dill", "xml", "lxml", "ldap", "ldap3", "memcache", "pymemcache", "pexpect", "code",
    "graphene", "channels", "websockets", "jwt", "oauthlib",
}  # fmt: skip
# What opens a line to another machine, and the files that may: to an address of the settings, and one to what is typed.
DIALLING = {
    "smtplib",
    "http",
    "urllib",
    "socket",
    "ssl",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "telnetlib",
    "urllib3",
}
MAY_DIAL = {
    "portal/channels/smtp.py",  # the mail server of EMAIL_URL
    "portal/channels/email.py",  # the look-up of MAIL_LOOKUP
    "portal/channels/dialling.py",  # the gateways of SMS_URL
    "portal/channels/sms.py",  # a line that dialling.py opened
    "portal/channels/bulksms.py",  # the same
    "portal/channels/provider.py",  # what django-anymail's errors are made of
    "portal/dead_man.py",  # the monitor of DEAD_MAN_URL
    "portal/middleware.py",  # its exceptions
    "portal/preconditions.py",  # on one's own machine, before a start
    "portal/embedded/machine.py",  # on one's own machine: a free port
    "clinicians/management/commands/screenshots.py",  # on one's own machine: a free port
    "portal/outbound.py",  # webhooks, to the open internet and nowhere else
    "portal/scanner.py",  # the virus scanner of VIRUS_SCANNER
    "deploy/healthy.py",  # the web server of its own container
}
# What starts another program, with a list of words and no shell.
MAY_START = {
    "portal/embedded/machine.py",
    "portal/embedded/scratch.py",
    "portal/processes.py",
    "portal/limited.py",  # reads what was uploaded, in a process with limits
    "clinicians/management/commands/screenshots.py",
}
# Digests: SHA-256, and SHA-1 where a list from elsewhere is made of it. Chance: `secrets` alone.
MAY_SHA1 = {"portal/passwords.py"}
# Sentences of ours with places to fill; what people typed is never such a sentence.
MAY_FORMAT = {
    "clinicians/api/composer.py",  # the safety-net's own text, with the numbers to call
    "patients/views/medicines.py",
    "patients/rules/medicine_words.py",
    "clinicians/api/case_page.py",
    "portal/visits.py",  # a statement, of parts that the ORM made
}
# The cache holds counts, and answers whether it works.
MAY_CACHE = {"portal/limits.py", "portal/views/health.py", "portal/settings.py"}
# `|safe` on what nh3 has cleaned, and on help texts that are written here.
SAFE = {
    "faq/templates/faq/article.html",
    "faq/templates/faq/manuscript.html",
    "faq/templates/faq/question.html",
    "portal/templates/django/forms/field.html",
    "portal/templates/mfa/totp/activate_form.html",  # a picture that was made here
    "portal/templates/django/forms/hint.html",
}


def roots_of(path: Path) -> set[str]:
    # Taking an address apart opens no line.
    return {name.split(".")[0] for name in code_of(path).modules if name != "urllib.parse"}


@for_each(CODE)
def test_no_text_becomes_code_or_an_object(path: Path) -> None:
    assert {call.name for call in code_of(path).calls} & DANGEROUS == set()
    assert roots_of(path) & UNSAFE_MODULES == set()


@for_each(CODE)
def test_only_a_few_files_open_a_line_or_start_a_program(path: Path) -> None:
    roots = roots_of(path)
    assert not roots & DIALLING or short(path) in MAY_DIAL
    assert "subprocess" not in roots or short(path) in MAY_START


@for_each(path for path in CODE if short(path) in MAY_START)
def test_a_program_is_started_without_a_shell(path: Path) -> None:
    for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
        named = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert named.get("shell", "False") == "False"
        if ast.unparse(call.func) in {"subprocess.run", "subprocess.Popen", "subprocess.check_output"}:
            assert not isinstance(call.args[0], ast.JoinedStr | ast.Constant)


@for_each(CODE)
def test_what_is_asked_of_the_database_is_never_glued_together(path: Path) -> None:
    """Statements are constants; what people typed goes beside them."""
    for call in code_of(path).calls:
        last = call.name.rsplit(".", 1)[-1]
        if call.on and last in {"execute", "raw", "extra"} and call.first:
            if short(path).startswith("portal/embedded/"):
                continue  # makes a new database, before anybody can type
            if short(path).startswith("clinicians/seeding/"):
                continue  # fills a clinic of invented people, by names of tables in the code alone
            if short(path) == "portal/masonry.py" or call.name == "super().execute":
                continue  # puts up the wall, of names in the code alone; runs a command of Django's
            assert issubclass(call.first, ast.Constant | ast.Name), f"line {call.line}"
        if call.name == "RawSQL":
            assert call.first is ast.Constant, f"line {call.line}"


@for_each(CODE)
def test_no_template_is_made_of_typed_text(path: Path) -> None:
    for call in code_of(path).calls:
        last = call.name.rsplit(".", 1)[-1]
        assert last not in {"Template", "from_string"}
        if last == "format" and call.on not in (None, ast.Constant):
            assert short(path) in MAY_FORMAT, f"line {call.line}"


@for_each(CODE)
def test_digests_and_chance_are_strong(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\b(md5|md4|sha1|crc32|blake2s)\b", text, re.I) or short(path) in MAY_SHA1
    if short(path).startswith("clinicians/seeding/"):
        return  # invented people are the same each time, and none of it is secret
    assert not roots_of(path) & {"random", "Crypto", "Cryptodome", "cryptography", "nacl"}


@for_each(CODE)
def test_the_cache_holds_counts_only(path: Path) -> None:
    assert not re.search(r"core\.cache|cache_page|\{% cache", path.read_text()) or short(path) in MAY_CACHE


def test_nobody_else_signs_anybody_in_and_nothing_streams() -> None:
    """No identity provider, OAuth, GraphQL, WebSocket or calls: chapters of the standard that are not ours."""
    foreign = (
        "allauth.socialaccount",
        "allauth.idp",
        "oauth2_provider",
        "mozilla_django_oidc",
        "graphene_django",
        "channels",
    )
    assert [app for app in settings.INSTALLED_APPS if app.startswith(foreign)] == []
    for path in SCRIPTS:
        assert not re.search("WebSocket|EventSource|RTCPeerConnection", path.read_text())


@for_each(TEMPLATES)
def test_a_template_escapes(path: Path) -> None:
    text = path.read_text()
    assert "autoescape off" not in text
    assert "|safe" not in text or short(path) in SAFE
    assert "javascript:" not in text


@for_each(SCRIPTS)
def test_a_script_writes_text_and_keeps_nothing(path: Path) -> None:
    text = path.read_text()
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert word not in text
    for word in ("sessionStorage", "indexedDB", "document.cookie", "postMessage"):
        assert word not in text
    # It shows notices, takes no request of a page and stores nothing (portal/templates/portal/notices.js).
    assert "serviceWorker" not in text or path.name == "notices.js"
    # What comes from elsewhere becomes no object whose parents could be changed.
    for word in ("JSON.parse", "Object.assign", "__proto__", "prototype", "structuredClone"):
        assert word not in text
    # One thing is kept: whether single keys are shortcuts.
    kept = [line for line in text.splitlines() if "localStorage.setItem" in line]
    assert all('STORE, event.target.checked ? "on" : "off"' in line for line in kept)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_named_with_version_and_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().replace("\\\n", " ").strip())
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 30
    for package in packages:
        assert re.match(r"[\w.\[\],-]+==\S+", package), package
        assert "--hash=sha256:" in package
    assert "--index-url" not in "".join(entries)


def test_the_image_takes_packages_by_hash_and_no_history() -> None:
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert not [line for line in ignored if line.startswith(("!.git", "!.env", "!tests", "!."))]
