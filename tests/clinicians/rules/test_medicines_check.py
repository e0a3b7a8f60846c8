from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicians.rules import duplicates, medicines_check
from clinicians.rules.findings import Code, Finding, Tier
from clinicians.rules.medicines import formulary
from clinicians.rules.medicines_check import ChecksAreDown, canary, check_order, is_stopped
from clinicians.rules.orders import Context, Order, Overlap
from portal.rules.provenance import Status

PERSON = Context(age=40, sex="M", allergies=())


def order(medicine: str, dose: str = "", unit: str = "mg", per_day: str = "1", **more: Any) -> Order:
    """A whole order, so that only what a test is about can fire."""
    given: dict[str, Any] = {"route": "oral", "indication": "as labelled", "is_new": False, **more}
    return Order(
        medicine=medicine,
        dose=Decimal(dose) if dose else None,
        unit=unit,
        per_day=Decimal(per_day) if per_day else None,
        **given,
    )


def check(one: Order, *others: Order, person: Context = PERSON) -> dict[Code, Finding]:
    """The heaviest finding of each code."""
    found: dict[Code, Finding] = {}
    for finding in check_order(one, others, person):
        found.setdefault(finding.code, finding)
    return found


def tiers(one: Order, *others: Order, person: Context = PERSON) -> dict[Code, Tier]:
    return {code: finding.tier for code, finding in check(one, *others, person=person).items()}


class TestDose:
    def test_a_usual_order_says_only_what_was_not_checked(self) -> None:
        assert tiers(order("sertraline", "50")) == {Code.NOT_CHECKED: Tier.UNCHECKED}

    def test_at_the_maximum_is_within(self) -> None:
        assert Code.DOSE_DAILY not in check(order("gabapentin", "1200", per_day="3"))
        assert check(order("gabapentin", "1200", per_day="4"))[Code.DOSE_DAILY].tier is Tier.HARD_STOP

    def test_units_are_compared_not_numbers(self) -> None:
        grams = check(order("gabapentin", "5", unit="g"))
        assert grams[Code.DOSE_DAILY].numbers["dose"] == 5000
        assert Code.DOSE_DAILY not in check(order("levothyroxine", "0.1", unit="mg"))
        assert check(order("levothyroxine", "50", unit="mg"))[Code.DOSE_DAILY].params["times"] == "166"

    def test_as_needed_counts_the_most(self) -> None:
        prn = order("baclofen", "20", per_day="", as_needed=True, max_per_day=Decimal(5))
        assert check(prn)[Code.DOSE_DAILY].tier is Tier.HARD_STOP

    def test_an_unverified_row_interrupts_and_says_so(self) -> None:
        found = check(order("clonazepam", "30"))
        assert {found[Code.DOSE_SINGLE].tier, found[Code.DOSE_DAILY].tier} == {Tier.INTERRUPT}
        assert "unverified limit" in found[Code.DOSE_DAILY].english().title
        assert not is_stopped(list(found.values()))

    def test_prolonged_release_has_its_own_limit(self) -> None:
        assert Code.DOSE_SINGLE not in check(order("pramipexole", "3", form="prolonged-release tablet"))
        assert check(order("pramipexole", "3"))[Code.DOSE_SINGLE].message_key == "dose_single_release"
        assert check(order("pramipexole", "3"))[Code.DOSE_SINGLE].tier is Tier.INTERRUPT
        assert check(order("Mirapex ER", "9"))[Code.DOSE_SINGLE].numbers["limit"] == Decimal("4.5")

    def test_base_is_turned_into_salt(self) -> None:
        base = check(order("pramipexole", "1.1", per_day="3", basis="base"))
        assert Code.DOSE_SINGLE not in base
        assert Code.SALT_OR_BASE not in base
        assert check(order("pramipexole", "1.5", per_day="3", basis="base"))[Code.DOSE_DAILY].tier is Tier.HARD_STOP
        assert check(order("pramipexole", "1"))[Code.SALT_OR_BASE].tier is Tier.PROMPT

    @pytest.mark.parametrize(("dose", "tier"), [("50", None), ("51", Tier.INTERRUPT), ("101", Tier.HARD_STOP)])
    def test_without_a_maximum_the_usual_amount_counts(self, dose: str, tier: Tier | None) -> None:
        finding = check(order("prednisolone", dose)).get(Code.DOSE_DAILY)
        assert (finding and finding.tier) == tier
        assert finding is None or finding.source_status is Status.JUDGEMENT

    @pytest.mark.parametrize(
        ("one", "key"),
        [
            (order("haloperidol", "5", route="intravenous"), "unchecked_route"),
            (order("rotigotine", "4", route="transdermal"), "unchecked_unit"),
            (order("co-trimoxazole", "800"), "unchecked_no_limit"),
            (order("sertraline"), "unchecked_no_dose"),
            (order("potassium chloride", "600"), "unchecked_unit"),
        ],
    )
    def test_what_cannot_be_compared_is_said(self, one: Order, key: str) -> None:
        assert key in [finding.message_key for finding in check_order(one, [], PERSON)]

    def test_limits_are_for_adults(self) -> None:
        keys = [one.message_key for one in check_order(order("sertraline", "25"), [], Context(age=9))]
        assert "unchecked_child" in keys

    def test_the_starting_dose_counts_for_new_orders(self) -> None:
        assert check(order("pramipexole", "0.5", is_new=True))[Code.STARTING_DOSE].tier is Tier.WARN
        assert Code.STARTING_DOSE not in check(order("pramipexole", "0.5", is_new=False))


class TestProduct:
    @pytest.mark.parametrize("dose", ["37.5", "7.5", "60", "2.5", "0.5"])
    def test_tablets_add_up(self, dose: str) -> None:
        assert Code.STRENGTH_NOT_MARKETED not in check(order("prednisolone", dose))

    def test_an_odd_dose_is_asked_about(self) -> None:
        assert check(order("pramipexole", "0.3"))[Code.STRENGTH_NOT_MARKETED].tier is Tier.WARN

    def test_a_stated_strength_nobody_makes_stops(self) -> None:
        one = order("sertraline", "60", strength=Decimal(60), strength_unit="mg")
        assert check(one)[Code.STRENGTH_NOT_MARKETED].tier is Tier.HARD_STOP
        unverified = order("diazepam", "3", strength=Decimal(3), strength_unit="mg")
        assert check(unverified)[Code.STRENGTH_NOT_MARKETED].tier is Tier.INTERRUPT

    def test_only_the_strength_written(self) -> None:
        one = Order(medicine="pramipexole", strength=Decimal(50), strength_unit="mg")
        assert check(one)[Code.DOSE_SINGLE].numbers["dose"] == 50

    def test_liquids_have_no_tablets(self) -> None:
        keys = [one.message_key for one in check_order(order("gabapentin", "130", form="oral solution"), [], PERSON)]
        assert "unchecked_strength" in keys
        assert "strength_unknown" not in keys

    def test_forms_are_known_for_one_brand(self) -> None:
        assert check(order("Endep", "25", form="Capsules"))[Code.FORM_MISMATCH].tier is Tier.WARN
        assert Code.FORM_MISMATCH not in check(order("Endep", "25", form="tablets"))
        assert Code.FORM_MISMATCH not in check(order("Tryptanol", "25", form="capsule"))

    def test_quantity_agrees_with_directions(self) -> None:
        given: dict[str, Any] = {"strength": Decimal(25), "strength_unit": "mg", "days": 10}
        assert Code.QUANTITY not in check(order("sertraline", "50", quantity=Decimal(20), **given))
        wrong = check(order("sertraline", "50", quantity=Decimal(200), **given))[Code.QUANTITY]
        assert (wrong.tier, wrong.params["expected"]) == (Tier.WARN, "20")

    def test_a_decimal_point_between_strengths(self) -> None:
        title = check(order("pramipexole", "0.375", form="ER"))[Code.LASA].english().title
        assert title == "Look-alike name: pramipexole / pregabalin"
        keys = [
            one.params["other"]
            for one in check_order(order("pramipexole", "3.75", form="ER"), [], PERSON)
            if one.code is Code.LASA
        ]
        assert "pramipexole 3.75" in keys


class TestDuplicates:
    @pytest.mark.parametrize(
        ("one", "two", "code", "tier"),
        [
            ("ropinirole", "Mirapex", Code.DUPLICATE_ATC4, Tier.INTERRUPT),
            ("Endep", "amitriptyline", Code.DUPLICATE_SUBSTANCE, Tier.HARD_STOP),
            ("ibuprofen", "celecoxib", Code.DUPLICATE_CLASS, Tier.INTERRUPT),
            ("clonazepam", "diazepam", Code.DUPLICATE_CLASS, Tier.INTERRUPT),
            ("sertraline", "duloxetine", Code.DUPLICATE_CLASS, Tier.INTERRUPT),
            ("amitriptyline", "cyclobenzaprine", Code.DUPLICATE_CLASS, Tier.INTERRUPT),
            ("morphine", "codeine", Code.DUPLICATE_CLASS, Tier.WARN),
            ("warfarin", "apixaban", Code.DUPLICATE_CLASS, Tier.HARD_STOP),
            ("gabapentin", "pregabalin", Code.DUPLICATE_ATC4, Tier.WARN),
            ("simvastatin", "atorvastatin", Code.DUPLICATE_ATC4, Tier.WARN),
        ],
    )
    def test_pairs_are_named(self, one: str, two: str, code: Code, tier: Tier) -> None:
        assert tiers(order(one), order(two)).get(code) is tier
        assert tiers(order(two), order(one)).get(code) is tier

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("lamotrigine", "levetiracetam"),
            ("baclofen", "tizanidine"),
            ("mirtazapine", "bupropion"),
            ("sertraline", "lithium"),
        ],
    )
    def test_mixed_bags_are_left_alone(self, one: str, two: str) -> None:
        assert not {Code.DUPLICATE_ATC4, Code.DUPLICATE_CLASS} & set(tiers(order(one), order(two)))

    def test_level_four_asks_for_a_reason(self) -> None:
        assert check(order("simvastatin"), order("atorvastatin"))[Code.DUPLICATE_ATC4].reason_needed
        assert not check(order("gabapentin"), order("pregabalin"))[Code.DUPLICATE_ATC4].reason_needed

    def test_low_dose_aspirin_is_no_second_painkiller(self) -> None:
        low, high = order("aspirin", "100"), order("aspirin", "500", per_day="3")
        assert Code.DUPLICATE_CLASS not in check(order("ibuprofen", "400"), low)
        assert Code.DUPLICATE_CLASS in check(order("ibuprofen", "400"), high)

    def test_marked_pairs_are_only_noted(self) -> None:
        split = order("Endep", "10", overlap=Overlap.SPLIT_STRENGTH)
        assert tiers(split, order("Endep", "25"))[Code.DUPLICATE_SUBSTANCE] is Tier.INFO
        taper = order("pramipexole", "0.25", overlap=Overlap.TAPER)
        assert tiers(order("ropinirole", "1"), taper)[Code.DUPLICATE_ATC4] is Tier.INFO
        bridge = order("warfarin", "5", overlap=Overlap.TAPER)
        assert tiers(bridge, order("apixaban", "5"))[Code.DUPLICATE_CLASS] is Tier.INTERRUPT

    def test_orders_that_do_not_meet_are_no_duplicates(self) -> None:
        old = order("Endep", "10", ends_on=date(2026, 5, 31))
        assert Code.DUPLICATE_SUBSTANCE not in check(order("Endep", "25", starts_on=date(2026, 6, 1)), old)
        assert Code.DUPLICATE_SUBSTANCE in check(order("Endep", "25", starts_on=date(2026, 5, 31)), old)

    def test_paracetamol_is_added_up(self) -> None:
        one, two = order("Panadol", "1000", per_day="3"), order("paracetamol", "500", per_day="4")
        assert check(one, two)[Code.DOSE_DAILY].numbers["dose"] == 5000

    def test_names_outside_the_formulary_are_compared_as_written(self) -> None:
        found = check(order("Zorbolol"), order("zorbolol"))
        assert found[Code.DUPLICATE_SUBSTANCE].tier is Tier.INTERRUPT
        keys = [finding.message_key for finding in check_order(order("sertraline", "50"), [order("Zorbolol")], PERSON)]
        assert "unchecked_others" in keys


class TestInteractions:
    @pytest.mark.parametrize(
        ("one", "two", "tier"),
        [
            ("clarithromycin", "simvastatin", Tier.HARD_STOP),
            ("phenelzine", "sertraline", Tier.HARD_STOP),
            ("tranylcypromine", "sertraline", Tier.HARD_STOP),  # not in the formulary, but in the list
            ("tizanidine", "ciprofloxacin", Tier.HARD_STOP),
            ("linezolid", "sertraline", Tier.INTERRUPT),  # contraindicated, from memory
            ("ropinirole", "ciprofloxacin", Tier.INTERRUPT),
            ("metoclopramide", "pramipexole", Tier.INTERRUPT),
            ("rizatriptan", "propranolol", Tier.WARN),
            ("ropinirole", "Endep", Tier.MONITOR),
            ("warfarin", "levothyroxine", Tier.MONITOR),
            ("propranolol", "sertraline", Tier.INFO),
        ],
    )
    def test_severity_becomes_a_tier_both_ways_round(self, one: str, two: str, tier: Tier) -> None:
        assert tiers(order(one), order(two)).get(Code.INTERACTION) is tier
        assert tiers(order(two), order(one)).get(Code.INTERACTION) is tier

    def test_two_of_one_class_are_said_once(self) -> None:
        assert Code.INTERACTION not in check(order("ropinirole"), order("pramipexole"))


class TestPerson:
    @pytest.mark.parametrize(
        ("medicine", "allergy", "tier"),
        [
            ("Endep", "Amitriptyline", Tier.HARD_STOP),
            ("zorbolol", "Zorbolol", Tier.HARD_STOP),
            ("amoxicillin", "penicillin", Tier.INTERRUPT),
            ("co-trimoxazole", "sulfa", Tier.INTERRUPT),
            ("nortriptyline", "amitriptyline", Tier.WARN),
            ("sertraline", "peanuts", None),
            ("sertraline", "none", None),
        ],
    )
    def test_allergies(self, medicine: str, allergy: str, tier: Tier | None) -> None:
        assert tiers(order(medicine), person=Context(age=40, sex="M", allergies=[allergy])).get(Code.ALLERGY) is tier

    def test_allergies_never_asked_are_asked(self) -> None:
        assert tiers(order("sertraline"), person=Context(age=40, sex="M"))[Code.ALLERGY] is Tier.PROMPT

    @pytest.mark.parametrize(
        ("medicine", "person", "tier"),
        [
            ("ropinirole", Context(age=24, sex="F"), Tier.PROMPT),
            ("ropinirole", Context(age=24, sex="F", is_pregnant=False), None),
            ("ropinirole", Context(age=24, sex="M"), None),
            ("ropinirole", Context(age=70, sex="F"), None),
            ("paracetamol", Context(age=24, sex="F"), None),
            ("ropinirole", Context(), Tier.PROMPT),
            ("valproate", Context(age=24, sex="F", is_pregnant=True), Tier.INTERRUPT),  # row from memory
            ("selegiline", Context(age=24, sex="F", is_pregnant=True), Tier.INTERRUPT),
            ("lamotrigine", Context(age=24, sex="F", is_pregnant=True), Tier.WARN),
        ],
    )
    def test_pregnancy(self, medicine: str, person: Context, tier: Tier | None) -> None:
        assert tiers(order(medicine), person=person).get(Code.AGE_SEX) is tier


class TestCompleteness:
    def test_a_reason_on_the_problem_list_is_enough(self) -> None:
        bare = order("ropinirole", "0.5", indication="")
        assert tiers(bare)[Code.INDICATION_MISSING] is Tier.WARN
        for problem in ("Restless legs syndrome", "G25.81"):
            assert Code.INDICATION_MISSING not in tiers(bare, person=Context(age=40, allergies=(), problems=[problem]))
        assert tiers(order("ropinirole", "0.5", indication="twitching"))[Code.INDICATION_MISSING] is Tier.INFO
        assert Code.INDICATION_MISSING not in tiers(order("sertraline", "50", indication="anxiety"))

    def test_as_needed_needs_a_limit(self) -> None:
        one = order("sumatriptan", "50", per_day="", as_needed=True)
        assert check(one)[Code.SIG_INCOMPLETE].params["missing_keys"] == "max_per_day"
        assert Code.SIG_INCOMPLETE not in check(order("sumatriptan", "50", per_day="2", as_needed=True))

    def test_an_unknown_name_asks_for_a_reason(self) -> None:
        finding = check(order("pramipexol", "50"))[Code.UNKNOWN_MEDICINE]
        assert finding.reason_needed
        assert finding.params["near"].startswith("pramipexole")


def test_the_canary_sings() -> None:
    assert canary()


def test_the_canary_falls_silent_when_the_checks_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "check", lambda order, others: [])
    with pytest.raises(ChecksAreDown, match="DUPLICATE_ATC4"):
        canary()
    monkeypatch.setattr(medicines_check, "find", lambda name: None)
    with pytest.raises(ChecksAreDown, match="DOSE_DAILY"):
        canary()


def test_a_hard_stop_from_memory_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="nobody checked"):
        Finding(
            code=Code.DOSE_DAILY,
            tier=Tier.HARD_STOP,
            message_key="dose_daily",
            source="memory",
            source_status=Status.MEMORY_VERIFY,
            medicines=(),
        )


names = st.sampled_from([name for medicine in formulary() for name in {medicine.generic, *medicine.brands}])
decimals = st.none() | st.decimals() | st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**7)
words = st.text(max_size=12)
units = st.sampled_from(["", "mg", "g", "mcg", "ug", "meq", "mg/24h", "tablet"]) | words
orders = st.builds(
    Order,
    medicine=names | words,
    dose=decimals,
    unit=units,
    form=st.sampled_from(["", "tablet", "capsule", "XL", "oral solution"]) | words,
    route=st.sampled_from(["", "oral", "transdermal", "iv"]) | words,
    per_day=decimals,
    as_needed=st.booleans(),
    max_per_day=decimals,
    strength=decimals,
    strength_unit=units,
    days=st.none() | st.integers(-(10**12), 10**12),
    quantity=decimals,
    indication=words,
    basis=st.sampled_from(["", "salt", "base"]) | words,
    is_new=st.booleans(),
    overlap=st.sampled_from(Overlap),
    starts_on=st.none() | st.dates(),
    ends_on=st.none() | st.dates(),
)
people = st.builds(
    Context,
    age=st.none() | st.integers(-5, 200),
    sex=st.sampled_from(["F", "M", "f", ""]) | words,
    is_pregnant=st.none() | st.booleans(),
    allergies=st.none() | st.lists(names | words, max_size=3),
    problems=st.lists(words, max_size=3),
)


@settings(max_examples=600, deadline=None)
@given(orders, st.lists(orders, max_size=4), people)
def test_the_check_is_total(one: Order, others: list[Order], person: Context) -> None:
    findings = check_order(one, others, person)
    assert findings
    assert findings == sorted(findings, key=lambda finding: list(Tier).index(finding.tier))
    for finding in findings:
        phrase = finding.english()
        assert "{" not in phrase.title or "{" in str(finding.params)
        assert finding.source
        assert finding.tier is not Tier.HARD_STOP or finding.source_status.may_stop
    has_dose = one.dose is not None and one.dose.is_finite() and one.dose > 0
    if not (has_dose and one.unit.strip() and one.route.strip()):
        assert Code.SIG_INCOMPLETE in {finding.code for finding in findings}
        assert is_stopped(findings)


@settings(max_examples=200, deadline=None)
@given(names, st.decimals(min_value="0.001", max_value=5000, places=3), st.sampled_from(["mg", "g", "ug"]))
def test_more_is_never_safer(name: str, dose: Decimal, unit: str) -> None:
    """Twice the dose has at least as heavy a finding about the daily amount."""

    def weight(amount: Decimal) -> int:
        finding = check(order(name, str(amount), unit=unit)).get(Code.DOSE_DAILY)
        return list(Tier).index(finding.tier) if finding else len(Tier)

    assert weight(dose * 2) <= weight(dose)
