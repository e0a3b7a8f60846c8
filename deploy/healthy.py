"""Exit code 0 if the web server of this container answers /health/ with 200."""

import http.client
import os
import sys
from urllib.parse import urlsplit

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
try:
    connection.request("GET", "/health/", headers={"Host": urlsplit(os.environ["SITE_URL"]).netloc})
    answer = connection.getresponse()
    said = answer.read(300).decode(errors="replace")
except OSError as wrong:
    sys.exit(f"no answer: {wrong}")
sys.exit(0 if answer.status == 200 else f"{answer.status} {said}")
