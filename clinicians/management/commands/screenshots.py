"""The README's pictures, taken of real pages by a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import CommandError, CommandParser, call_command

from clinicians.seeding.people import MAIL, PASSWORD
from portal.acting import ActingCommand
from portal.preconditions import health

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState, ViewportSize

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]

FOLDER = settings.BASE_DIR / "docs" / "screenshots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
LARGEST = 300_000
PATIENCE_SECONDS = 60

Go = Callable[["Page"], object]


def to(path: str) -> Go:
    return lambda page: page.goto(path)


def first(path: str, link: str) -> Go:
    """The first link whose address begins so, on that page."""

    def go(page: Page) -> None:
        page.goto(path)
        page.goto(page.locator(f"main a[href^='{link}']").first.get_attribute("href") or path)

    return go


def of_mira(page: Page) -> None:
    page.goto("/clinic/")
    page.goto(page.get_by_role("link", name="Mira Tan").first.get_attribute("href") or "/clinic/")


@dataclass(frozen=True)
class Picture:
    """`who` looks at where `go` leads; nobody in particular when it is empty."""

    name: str
    who: str
    go: Go
    on_phone: bool = False


PICTURES = (
    Picture("home", "", to("/"), on_phone=True),
    Picture("question", "", first("/search/?q=eyelid+and+thumb+for+weeks", "/neurology/"), on_phone=True),
    Picture("my-case", "mira", to("/my/"), on_phone=True),
    Picture("results", "mira", first("/my/results/", "/my/results/"), on_phone=True),
    Picture("worklist", "hsu", to("/clinic/")),
    Picture("case", "hsu", of_mira),
    Picture("board", "priya", to("/curate/")),
)


class Command(ActingCommand):
    help = "Write docs/screenshots/*.png: of a fresh sample clinic, or of the one that runs at --url."
    in_steps = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", help="a running demonstration, like http://localhost:8000")

    def work(self, **options: object) -> None:
        if sync_playwright is None:
            raise CommandError("Playwright is one of the developer's packages, and is not here: make screenshots")
        path = os.environ.get("CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if not path:
            raise CommandError("Chromium is not installed: install it (Debian, Ubuntu: apt-get install chromium).")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with served(options["url"]) as url, sync_playwright() as playwright:
            # The sandbox can't be had as root or in a container; the pages are our own.
            self.signed_in: dict[str, StorageState] = {}
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            for picture in PICTURES:
                self.take(browser, url, picture, DESK, f"{picture.name}.png")
                if picture.on_phone:
                    self.take(browser, url, picture, PHONE, f"{picture.name}-phone.png")
            browser.close()

    def take(self, browser: Browser, url: str, picture: Picture, size: ViewportSize, name: str) -> None:
        # Once a person: a code of their app counts once.
        known = self.signed_in.get(picture.who)
        context = browser.new_context(base_url=url, viewport=size, reduced_motion="reduce", storage_state=known)
        page = context.new_page()
        if picture.who and not known:
            sign_in(page, picture.who)
            self.signed_in[picture.who] = context.storage_state()
        picture.go(page)
        taken = page.screenshot(path=FOLDER / name, animations="disabled")
        context.close()
        self.stdout.write(f"{name}: {len(taken) // 1000} kB{', too large' if len(taken) > LARGEST else ''}")


def sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in/")
    page.fill("input[name=login]", f"{who}@{MAIL}")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: not address.partition("?")[0].endswith("/sign-in/"))
    if "/second-step/" in page.url:
        page.fill("input[name=code]", page.inner_text("main .fc-note code"))
        page.press("input[name=code]", "Enter")
    page.wait_for_url(lambda address: "/sign-in/" not in address)


@contextmanager
def served(url: object) -> Iterator[str]:
    """The address of a demonstration: the given one, or one made for this in the database of the settings."""
    if url:
        yield str(url).rstrip("/")
        return
    call_command("migrate", verbosity=0)
    call_command("seed", if_empty=True, force=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", f"--bind=127.0.0.1:{port}")
    ours = {"SITE_URL": f"http://localhost:{port}", "DEBUG": "1", "FASCICLE_DEMO": "1"}
    server = subprocess.Popen(  # noqa: S603 our own program
        (*web, "portal.wsgi:application"), cwd=settings.BASE_DIR, env=os.environ | ours, stderr=subprocess.DEVNULL
    )
    try:
        await_answer(port)
        yield ours["SITE_URL"]
    finally:
        server.terminate()
        server.wait()


def await_answer(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while health(port) != "200":
        if time.monotonic() > deadline:
            raise CommandError("The web server did not start: try `make run`, then screenshots --url.")
        time.sleep(0.2)
