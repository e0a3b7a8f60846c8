"""Which state of a case was read: ETag and If-Match, and If-None-Match for who has it already.

The tag of an answer is `"<seen>-<digest>"`. `seen` is what a post is filled in against (workspace.seen: the last
message, state, owner, department), so If-Match asks for that part alone. The rest is a digest of all that was told: a
new result makes another answer of it, though a reply may still be sent. One tag for both would say "nothing new" where
there is a new result, or refuse a reply for a changed date. Who looked is not of it: reading would be news.
"""

from __future__ import annotations

import re
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

# Of a list of tags those that are strong: what is only nearly the same is not what was read.
TAG = re.compile(r'(?<!W/)"([^"]*)"')


def etag(seen: str, answer: bytes | None = None) -> str:
    return f'"{seen}-{sha256(answer).hexdigest()[:16]}"' if answer is not None else f'"{seen}"'


def named(request: HttpRequest) -> set[str]:
    """What If-Match says was read. `*` says nothing of that, so it counts as nothing said."""
    return {tag.partition("-")[0] for tag in TAG.findall(request.headers.get("If-Match", ""))}


def tagged(request: HttpRequest, response: Response, seen: str) -> HttpResponse | None:
    """Once it is drawn: its tag, or in its place that nothing has changed."""
    told = {name: value for name, value in response.data.items() if name != "looked"}
    response["ETag"] = etag(seen, JSONRenderer().render(told))
    known = request.headers.get("If-None-Match", "")
    if response["ETag"] not in {f'"{tag}"' for tag in re.findall(r'"([^"]*)"', known)}:
        return None
    return HttpResponseNotModified(headers={"ETag": response["ETag"]})
