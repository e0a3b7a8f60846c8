"""A mail server as others have it: aiosmtpd as a process of its own. `python -m tests.bench.sink PORT`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiosmtpd.smtp import SMTP


class Taken:
    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, name: str, said: list[str]
    ) -> list[str]:
        """It takes several words at once (RFC 2920), as the servers of providers do; they say so."""
        session.host_name = name
        return ["250-PIPELINING", *said]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return "250 kept"


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Taken(), hostname="sink"), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
