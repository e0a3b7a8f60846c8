from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.nerve_conduction import (
    NR,
    Measurement,
    Outcome,
    Person,
    find_reference,
    flag,
    references,
    set_names,
    velocity,
    velocity_disagrees,
)
from portal.rules.provenance import Status

D = Decimal
YOUNG_WOMAN = Person(age=24, sex="F", height_cm=D(162))
ADULT_SET = "PRESTON_SHAPIRO"

ulnar_velocity = Measurement(
    nerve="ulnar",
    study_type="motor",
    recording_site="ADM",
    parameter="conduction_velocity",
    value=D(46),
    unit="m/s",
    distance_cm=D(7),
)
tibial_amplitude = Measurement(
    nerve="tibial",
    study_type="motor",
    recording_site="abductor hallucis (AHB)",
    parameter="cmap_amplitude",
    value=D("9.1"),
    unit="mV",
    distance_cm=D(8),
)


def test_velocity_is_distance_over_the_difference() -> None:
    assert velocity(D(220), D("7.4"), D("3.1")) == D("51.2")
    assert not velocity_disagrees(D("51.9"), D(220), D("7.4"), D("3.1"))
    assert velocity_disagrees(D("15.2"), D(220), D("7.4"), D("3.1"))


@pytest.mark.parametrize(("distance", "proximal", "distal"), [(0, 7, 3), (220, 3, 3), (220, 3, 7), (220, 7, -1)])
def test_latencies_the_wrong_way_round(distance: int, proximal: int, distal: int) -> None:
    with pytest.raises(ValueError, match="proximal latency"):
        velocity(D(distance), D(proximal), D(distal))
    assert velocity_disagrees(D(50), D(distance), D(proximal), D(distal))


@given(st.decimals(1, 900, places=1), st.decimals("0.1", 40, places=2), st.decimals("0.1", 40, places=2))
def test_the_computed_velocity_agrees_with_itself(distance: D, distal: D, between: D) -> None:
    assert not velocity_disagrees(velocity(distance, distal + between, distal), distance, distal + between, distal)


def test_a_limit_is_printed_with_its_set() -> None:
    result = flag(ulnar_velocity, YOUNG_WOMAN, ADULT_SET)
    assert (result.outcome, result.set_name, result.limit) == (Outcome.ABNORMAL, ADULT_SET, D(49))
    at_limit = replace(ulnar_velocity, value=D(49))
    assert flag(at_limit, YOUNG_WOMAN, ADULT_SET).outcome is Outcome.WITHIN


@pytest.mark.parametrize(
    "other",
    [
        replace(ulnar_velocity, distance_cm=D(8)),
        replace(ulnar_velocity, distance_cm=None),
        replace(ulnar_velocity, recording_site="FDI"),
        replace(ulnar_velocity, recording_site=""),
        replace(ulnar_velocity, nerve="axis of the hand"),
        replace(ulnar_velocity, study_type="sensory"),
        replace(ulnar_velocity, unit="mm/s"),
    ],
)
def test_another_technique_has_no_reference(other: Measurement) -> None:
    result = flag(other, YOUNG_WOMAN, ADULT_SET)
    assert (result.outcome, result.reference, result.set_name) == (Outcome.NO_REFERENCE, None, "")


def test_sets_and_people_do_not_mix() -> None:
    assert flag(ulnar_velocity, YOUNG_WOMAN, "KRNC_2022").outcome is Outcome.NO_REFERENCE
    assert flag(ulnar_velocity, Person(age=9), ADULT_SET).outcome is Outcome.NO_REFERENCE
    korean = replace(tibial_amplitude, value=D("3.0"), recording_site="AHB")
    assert flag(korean, Person(age=24, sex="M"), "KRNC_2022").outcome is Outcome.ABNORMAL
    assert flag(korean, YOUNG_WOMAN, "KRNC_2022").outcome is Outcome.NO_REFERENCE


def test_no_response_is_a_value() -> None:
    for ref_set in (ADULT_SET, "KRNC_2022"):
        assert flag(replace(ulnar_velocity, value=NR), YOUNG_WOMAN, ref_set).outcome is Outcome.NO_RESPONSE


def test_a_mean_is_no_limit() -> None:
    result = flag(tibial_amplitude, YOUNG_WOMAN, "BUSCHBACHER")
    assert result.outcome is Outcome.NO_LIMIT
    assert result.reference
    assert (result.reference.mean, result.reference.sd, result.limit) == (D("15.3"), D("4.5"), None)


def test_the_narrowest_stratum_wins() -> None:
    speed = replace(tibial_amplitude, parameter="conduction_velocity", unit="m/s", value=D(40))
    ndtf = "AANEM_NDTF_2016"

    def limit(person: Person) -> D | None:
        found = find_reference(speed, person, ndtf)
        return found.limit if found else None

    assert limit(YOUNG_WOMAN) == 42
    assert limit(Person(age=24, height_cm=D("169.9"))) == 42
    assert limit(Person(age=24, height_cm=D(170))) == 37
    assert limit(Person(age=24)) == 39
    assert limit(Person()) is None


def test_limits_from_memory_flag_nothing() -> None:
    low = replace(ulnar_velocity, value=D(1), recording_site="abductor digiti minimi", distance_cm=D(8))
    result = flag(low, YOUNG_WOMAN, "AANEM_NDTF_2016")
    assert result.outcome is Outcome.NOT_VERIFIED
    assert result.limit == 52


@given(st.decimals(0, 200, places=1), st.integers(18, 79), st.sampled_from(["F", "M", ""]))
def test_the_ship_rule_over_the_whole_table(value: D, age: int, sex: str) -> None:
    for row in references():
        measured = Measurement(
            nerve=row.nerve,
            study_type=row.study_type,
            recording_site=row.recording_site,
            parameter=row.parameter,
            value=value,
            unit=row.unit,
            distance_cm=row.distance_cm,
        )
        result = flag(measured, Person(age=age, sex=sex), row.ref_set)
        if result.outcome in {Outcome.ABNORMAL, Outcome.WITHIN}:
            assert result.reference
            assert result.reference.status.may_stop


def test_spellings_of_sites_and_nerves() -> None:
    peroneal = Measurement(
        nerve="Peroneal nerve",
        study_type="motor",
        recording_site="Extensor digitorum brevis",
        parameter="cmap_amplitude",
        value=D(3),
        unit="mV",
        distance_cm=D(8),
    )
    assert find_reference(peroneal, YOUNG_WOMAN, "BUSCHBACHER")
    sural = replace(peroneal, nerve="sural", study_type="sensory", recording_site="lateral ankle", unit="uV")
    sural = replace(sural, parameter="snap_amplitude", distance_cm=D(14))
    assert find_reference(sural, YOUNG_WOMAN, "BUSCHBACHER")
    assert find_reference(sural, YOUNG_WOMAN, ADULT_SET)


def test_the_table_is_whole() -> None:
    assert len(references()) == 145 - 2 - 7  # technique, and rows whose numbers are missing or do not exist
    assert set_names()[0] == "BUSCHBACHER"
    assert all(row.source for row in references())
    assert Status.MISSING not in {row.status for row in references()}
