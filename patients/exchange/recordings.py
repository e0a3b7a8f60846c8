"""A recording, read to its end by a library.

Runs in a limited process, after `edf.read_header` found that it adds up.
"""

from __future__ import annotations

import json
import warnings

import edfio

from patients.exchange.unreadable import Unreadable


def look(data: bytes) -> bytes:
    """What is in it, as JSON: {"signals": n, "seconds": s, "annotations": n}. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            recording = opened(data)
            found = {
                "signals": len(recording.signals),
                "seconds": float(recording.duration),
                "annotations": len(recording.annotations),
            }
    except Exception as wrong:  # whatever the reader raises: it is another's code on a stranger's bytes
        raise Unreadable("unreadable") from wrong
    return json.dumps(found).encode()


def opened(data: bytes) -> edfio.Edf | edfio.Bdf:
    if data.startswith(b"\xff"):
        return edfio.read_bdf(data, header_encoding="latin-1")
    return edfio.read_edf(data, lazy_load_data=False, header_encoding="latin-1")
