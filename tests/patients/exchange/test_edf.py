"""EDF headers: what adds up is read, what lies is refused by the name of the field, and nothing else ever happens."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import edfio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.exchange import edf
from patients.exchange.edf import Header, NotEdf
from tests import files

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "edf").glob("*.?df"))
BDF = b"\xffBIOSEMI"


def read(data: bytes) -> Header:
    return edf.read_header(data[: edf.LONGEST_HEADER], len(data))


def test_a_header_is_read() -> None:
    header = read(files.edf())
    assert (header.kind, header.records, header.record_seconds, header.seconds) == ("EDF", 3, 1, 3)
    assert header.patient == "MCH-0234567 F 02-MAY-1951 Haagse_Harry"
    assert header.starts_at.isoformat() == "2026-03-14T09:30:00"
    assert [(s.label, s.samples, s.physical_min, s.digital_max) for s in header.signals] == [
        ("EEG 0", 10, -500, 2047),
        ("EEG 1", 20, -500, 2047),
    ]
    assert not header.is_plus


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_read_as_a_library_reads_them(path: Path) -> None:
    header = read(path.read_bytes())
    theirs = edfio.read_bdf(path) if path.suffix == ".bdf" else edfio.read_edf(path)
    ours = [signal for signal in header.signals if not signal.is_annotations]
    assert [signal.label for signal in ours] == list(theirs.labels)
    assert [signal.samples for signal in ours] == [signal.samples_per_data_record for signal in theirs.signals]
    assert [signal.physical_max for signal in ours] == [signal.physical_max for signal in theirs.signals]
    assert header.seconds == theirs.duration
    assert header.starts_at.date().isoformat() == header_date(path)
    assert header.is_plus
    assert header.is_continuous


def header_date(path: Path) -> str:
    day, month, year = path.read_bytes()[168:176].decode().split(".")
    return f"20{year}-{month}-{day}"


@pytest.mark.parametrize(
    ("lie", "field"),
    [
        ({"version": b"1       "}, "version"),
        ({"count": "0"}, "number of signals"),
        ({"count": "-2"}, "number of signals"),
        ({"count": "9999"}, "number of signals"),
        ({"count": "3"}, "number of bytes in header record"),
        ({"count": "1"}, "number of bytes in header record"),
        ({"count": "two"}, "number of signals"),
        ({"header_bytes": "512"}, "number of bytes in header record"),
        ({"header_bytes": "99999999"}, "number of bytes in header record"),
        ({"header_bytes": ""}, "number of bytes in header record"),
        ({"records": "4"}, "number of data records"),
        ({"records": "2"}, "number of data records"),
        ({"records": "0"}, "number of data records"),
        ({"records": "-2"}, "number of data records"),
        ({"records": "99999999"}, "number of data records"),
        ({"records": "3.0"}, "number of data records"),
        ({"seconds": "0"}, "duration of a data record"),
        ({"seconds": "-1"}, "duration of a data record"),
        ({"seconds": "nan"}, "duration of a data record"),
        ({"seconds": "inf"}, "duration of a data record"),
        ({"seconds": "1e99"}, "duration of a data record"),
        ({"seconds": "1_0"}, "duration of a data record"),
        ({"seconds": "0.00001"}, "duration of a data record"),
        ({"samples": ("0", "20")}, "number of samples in each data record"),
        ({"samples": ("-10", "20")}, "number of samples in each data record"),
        ({"samples": ("99999999", "20")}, "number of samples in each data record"),
        ({"samples": ("11", "20"), "data": b"\1" * 180}, "number of data records"),
        ({"physical": ("5", "5")}, "physical maximum"),
        ({"physical": ("-1e40", "5")}, "physical minimum"),
        ({"physical": ("-500", "")}, "physical maximum"),
        ({"digital": ("7", "7")}, "digital maximum"),
        ({"digital": ("2047", "-2048")}, "digital maximum"),
        ({"digital": ("-40000", "2047")}, "digital minimum"),
        ({"digital": ("0", "65535")}, "digital maximum"),
        ({"date": "31.02.26"}, "startdate of recording"),
        ({"date": "2026-3-1"}, "startdate of recording"),
        ({"clock": "25.00.00"}, "startdate of recording"),
        ({"patient": "a\x00b"}, "a character that does not belong in a header"),
        ({"recording": "a\r\nSet-Cookie: b"}, "a character that does not belong in a header"),
        ({"reserved": "EDF+C"}, "reserved"),
        ({"data": b""}, "number of data records"),
        ({"data": b"\1" * 179}, "number of data records"),
        ({"data": b"\1" * 180 + b"<script>alert(1)</script>"}, "number of data records"),
    ],
)
def test_a_header_that_lies_is_refused_by_the_name_of_the_field(lie: dict[str, object], field: str) -> None:
    with pytest.raises(NotEdf, match="^" + field.replace(".", r"\.") + "$"):
        read(files.edf(**lie))  # type: ignore[arg-type]


def test_a_recording_that_was_cut_off_while_it_ran_is_counted() -> None:
    assert read(files.edf(records="-1")).records == 3


def test_bdf_has_three_bytes_a_sample_and_their_range() -> None:
    header = read(files.edf(version=BDF, digital=("-8388608", "8388607")))
    assert (header.kind, header.record_bytes) == ("BDF", 90)
    with pytest.raises(NotEdf, match="digital minimum"):
        read(files.edf(digital=("-8388608", "8388607")))


@pytest.mark.parametrize("size", [0, 8, 255, 256, 257, 767, 768])
def test_a_file_that_ends_in_its_header_is_refused(size: int) -> None:
    with pytest.raises(NotEdf):
        read(files.edf()[:size])


@given(st.binary(max_size=1200), st.sampled_from([b"0       ", BDF, b""]), st.integers(-5, 10**12))
def test_whatever_it_is_given_it_raises_only_its_own_error(data: bytes, version: bytes, size: int) -> None:
    try:
        header = edf.read_header(version + data, size)
    except NotEdf:
        return
    assert header.header_bytes + header.records * header.record_bytes == size


@given(st.data())
def test_one_field_changed_at_random_is_read_or_refused(data: st.DataObject) -> None:
    good = bytearray(files.edf())
    start = data.draw(st.integers(0, 767))
    new = data.draw(
        st.binary(min_size=1, max_size=16) | st.text("0123456789.-+eE ", min_size=1, max_size=8).map(str.encode)
    )
    good[start : start + len(new)] = new
    try:
        header = read(bytes(good))
    except NotEdf:
        return
    assert header.header_bytes + header.records * header.record_bytes == len(good)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_recording_is_shared_without_whose_it_is(path: Path) -> None:
    data = path.read_bytes()
    shared = edf.without_identity(data)
    assert len(shared) == len(data)
    assert shared[:8] == data[:8]
    assert shared[8:88] == b"X X X X".ljust(80)
    assert shared[88:168] == b"Startdate X X X X".ljust(80)
    assert shared[168:176] == b"01.01.85"
    # The clock time, the signals' headers, the samples and the annotations: to the byte.
    assert shared[176:] == data[176:]
    assert b"1969" not in shared[:256]
    assert b"1998" not in shared[:256]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_what_is_shared_is_still_a_recording_with_its_annotations(path: Path) -> None:
    shared = edf.without_identity(path.read_bytes())
    before, after = read(path.read_bytes()), read(shared)
    changed = {"patient", "recording", "starts_at"}
    assert {k for k, v in asdict(before).items() if asdict(after)[k] != v} <= changed
    opened = edfio.read_bdf(BytesIO(shared)) if path.suffix == ".bdf" else edfio.read_edf(BytesIO(shared))
    was = edfio.read_bdf(path) if path.suffix == ".bdf" else edfio.read_edf(path)
    assert opened.annotations == was.annotations
    assert (opened.patient.name, opened.patient.sex, opened.patient.code) == ("X", "X", "X")


def test_nothing_that_is_no_recording_is_shared_as_one() -> None:
    with pytest.raises(NotEdf):
        edf.without_identity(files.edf(records="4"))
