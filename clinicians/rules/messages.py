"""What the prescription checks say, in English. The shelf above translates; the keys are stable."""

from __future__ import annotations

from typing import Final

from portal.rules.phrases import Phrase, gettext_noop

CHECK_ORDER: Final = gettext_noop(
    "Ask the prescriber: is the unit right (mg or micrograms), the decimal point, the medicine itself?"
)
VERIFY: Final = gettext_noop("Look the limit up, then correct the dose or give a reason.")

MESSAGES: Final[dict[str, Phrase]] = {
    "dose_single": Phrase(
        gettext_noop("Dose is {times} times the largest single dose"),
        gettext_noop("{medicine}: {dose} {unit} at once; the largest single dose is {limit} {unit}."),
        CHECK_ORDER,
    ),
    "dose_single_modified": Phrase(
        gettext_noop("Dose is {times} times the largest single dose"),
        gettext_noop(
            "{medicine}: {dose} {unit} at once; the largest single dose is {limit} {unit}, "
            "or {modified_limit} {unit} with prolonged release ({modified_times} times)."
        ),
        CHECK_ORDER,
    ),
    "dose_single_unverified": Phrase(
        gettext_noop("Dose is {times} times an unverified limit for a single dose"),
        gettext_noop(
            "{medicine}: {dose} {unit} at once; our table says at most {limit} {unit}. "
            "Nobody has checked this row against its source yet."
        ),
        VERIFY,
    ),
    "dose_single_release": Phrase(
        gettext_noop("This dose exists only with prolonged release"),
        gettext_noop(
            "{medicine}: {dose} {unit} at once is above {limit} {unit}, the largest single dose of an ordinary tablet."
        ),
        gettext_noop("Say in the form whether prolonged release is meant."),
    ),
    "dose_daily": Phrase(
        gettext_noop("Above the maximum daily dose: {times} times"),
        gettext_noop("{medicine}: {daily} {unit} a day; the maximum is {limit} {unit} a day."),
        CHECK_ORDER,
    ),
    "dose_daily_once": Phrase(
        gettext_noop("Above the maximum daily dose, even if taken once: {times} times"),
        gettext_noop("{medicine}: {daily} {unit}; the maximum is {limit} {unit} a day."),
        CHECK_ORDER,
    ),
    "dose_daily_unverified": Phrase(
        gettext_noop("Dose is {times} times an unverified limit for a day"),
        gettext_noop(
            "{medicine}: {daily} {unit} a day; our table says at most {limit} {unit} a day. "
            "Nobody has checked this row against its source yet."
        ),
        VERIFY,
    ),
    "dose_daily_ddd": Phrase(
        gettext_noop("Dose is {times} times the usual daily amount"),
        gettext_noop(
            "{medicine}: {daily} {unit} a day. There is no fixed maximum; "
            "the World Health Organization's defined daily dose is {limit} {unit}."
        ),
        CHECK_ORDER,
    ),
    "paracetamol_sum": Phrase(
        gettext_noop("Paracetamol from all products together is above the daily maximum"),
        gettext_noop("{daily} {unit} a day in all; the maximum is {limit} {unit} a day."),
        gettext_noop("Lower or stop one of the products."),
    ),
    "strength": Phrase(
        gettext_noop("No tablet of this strength: {times} times the largest ordinary one"),
        gettext_noop("{medicine} {strength} {unit} is not marketed. Known strengths: {strengths} {unit}."),
        CHECK_ORDER,
    ),
    "strength_elsewhere": Phrase(
        gettext_noop("No tablet of this strength: {times} times the largest ordinary one"),
        gettext_noop(
            "{medicine} {strength} {unit} is not marketed. Known strengths: {strengths} {unit}. "
            "{strength} {unit} is a strength of: {elsewhere}."
        ),
        CHECK_ORDER,
    ),
    "strength_unknown": Phrase(
        gettext_noop("Strength not found"),
        gettext_noop("{medicine} {strength} {unit}: known strengths are {strengths} {unit}."),
        gettext_noop("Confirm the product, or how this dose is made up."),
    ),
    "starting_dose": Phrase(
        gettext_noop("Above the starting dose: {times} times"),
        gettext_noop("{medicine}: {dose} {unit} as a first dose; one starts with {limit} {unit}."),
        gettext_noop("Start low and increase step by step, or record that it is already taken."),
    ),
    "salt_or_base": Phrase(
        gettext_noop("Salt or base is not stated"),
        gettext_noop(
            "Labels of {medicine} count salt or base: {salt} {unit} of salt is {base} {unit} of base. Checked as salt."
        ),
        gettext_noop("Say which one is meant."),
    ),
    "form": Phrase(
        gettext_noop("Form not found for this brand"),
        gettext_noop("{name} was ordered as “{form}”; the brand is known as: {forms}."),
        gettext_noop("Confirm the product."),
    ),
    "supply": Phrase(
        gettext_noop("Supply for about {days} days"),
        gettext_noop("An overdose of {medicine} is dangerous: keep the supply small."),
        gettext_noop("Limit the quantity where the mood is a risk."),
    ),
    "quantity": Phrase(
        gettext_noop("Quantity and directions do not agree"),
        gettext_noop("{medicine}: {quantity} supplied; the directions use {expected} in {days} days."),
        gettext_noop("Correct the quantity or the days."),
    ),
    "duplicate_substance": Phrase(
        gettext_noop("The same medicine twice"),
        gettext_noop("{medicine} and {other} are the same substance ({atc}) on overlapping days."),
        gettext_noop("Stop one, or mark the pair as split strengths or a dated taper."),
    ),
    "duplicate_name": Phrase(
        gettext_noop("The same name twice"),
        gettext_noop("“{medicine}” is ordered twice on overlapping days; it is not in the formulary."),
        gettext_noop("Stop one, or give a reason."),
    ),
    "duplicate_class": Phrase(
        gettext_noop("Two medicines of one class: {group}"),
        gettext_noop("{medicine} ({atc}) and {other} ({other_atc})."),
        gettext_noop("Stop one, or record a dated cross-taper."),
    ),
    "duplicate_taper": Phrase(
        gettext_noop("Side by side on purpose: {group}"),
        gettext_noop("{medicine} and {other} are marked as a taper or as split strengths."),
        gettext_noop("Check that the taper has an end date."),
    ),
    "interaction": Phrase(
        gettext_noop("{medicine} with {other}: {effect}"),
        gettext_noop("Rule {rule}, severity “{severity}”."),
        "{action}",
    ),
    "allergy": Phrase(
        gettext_noop("Recorded allergy: {allergy}"),
        gettext_noop("{medicine} is the substance in the record."),
        gettext_noop("Choose another medicine, or correct the record."),
    ),
    "allergy_related": Phrase(
        gettext_noop("Recorded allergy to a related medicine: {allergy}"),
        gettext_noop("{medicine} may cross-react."),
        gettext_noop("Ask what happened then, and give a reason."),
    ),
    "allergies_not_asked": Phrase(
        gettext_noop("Allergies: not asked"),
        gettext_noop("Nothing is recorded, not even “none”."),
        gettext_noop("Ask, and record the answer."),
    ),
    "pregnancy_unknown": Phrase(
        gettext_noop("Pregnancy status unknown"),
        gettext_noop("{medicine} in pregnancy: {pregnancy}."),
        gettext_noop("Ask about pregnancy and contraception, and record the answer."),
    ),
    "pregnancy": Phrase(
        gettext_noop("Pregnant: {medicine}"),
        gettext_noop("In pregnancy: {pregnancy}."),
        gettext_noop("Weigh with the person, and record why."),
    ),
    "antidepressant_young": Phrase(
        gettext_noop("Antidepressant under the age of 25, or age unknown"),
        gettext_noop("{medicine} carries a boxed warning: suicidal thoughts in people under 25."),
        gettext_noop("Ask about mood, plan an early contact, and record it."),
    ),
    "indication": Phrase(
        gettext_noop("No recorded reason"),
        gettext_noop("Nothing says what {medicine} is for."),
        gettext_noop("Pick a reason (coded) before signing."),
    ),
    "indication_labelled": Phrase(
        gettext_noop("No recorded reason"),
        gettext_noop(
            "Nothing says what {medicine} is for. It is labelled for: {labelled}. The problem list has none of these."
        ),
        gettext_noop("Pick a reason (coded) before signing."),
    ),
    "indication_off_label": Phrase(
        gettext_noop("The reason is not a labelled use that we hold"),
        gettext_noop("{medicine} for “{indication}”. Labelled for: {labelled}."),
        gettext_noop("Nothing to do if it is meant."),
    ),
    "sig": Phrase(
        gettext_noop("Incomplete order: {missing}"),
        gettext_noop("{medicine} cannot be dispensed safely without it."),
        gettext_noop("Complete the order."),
    ),
    "look_alike": Phrase(
        gettext_noop("Look-alike name: {medicine} / {other}"),
        gettext_noop("These two are mixed up."),
        gettext_noop("Read the name once more."),
    ),
    "unknown_medicine": Phrase(
        gettext_noop("Not in the formulary: “{medicine}”"),
        gettext_noop("No dose, duplicate or class was checked."),
        gettext_noop("Check it by hand and say so, or correct the name."),
    ),
    "unknown_medicine_near": Phrase(
        gettext_noop("Not in the formulary: “{medicine}”"),
        gettext_noop("No dose, duplicate or class was checked. Near names: {near}."),
        gettext_noop("Correct the name, or check it by hand and say so."),
    ),
    "unchecked_route": Phrase(
        gettext_noop("Dose not checked: the limits are for another route"),
        gettext_noop("{medicine}: ordered “{route}”, limits are for “{known}”."),
    ),
    "unchecked_unit": Phrase(
        gettext_noop("Dose not checked: the unit cannot be compared"),
        gettext_noop("{medicine}: ordered in “{ordered}”, limits are in “{unit}”."),
    ),
    "unchecked_no_dose": Phrase(
        gettext_noop("Dose not checked: no dose is given"),
        gettext_noop("{medicine}: neither dose nor strength can be read."),
    ),
    "unchecked_no_limit": Phrase(
        gettext_noop("Dose not checked: no limit is known"),
        gettext_noop("{medicine} is dosed by weight, level or effect."),
    ),
    "unchecked_strength": Phrase(
        gettext_noop("Strength not checked"),
        gettext_noop("{medicine}: no list of strengths fits this form."),
    ),
    "unchecked_child": Phrase(
        gettext_noop("Limits are for adults"),
        gettext_noop("{medicine}: the person is {age}; no doses for children are held."),
    ),
    "unchecked_others": Phrase(
        gettext_noop("Not compared with: {others}"),
        gettext_noop("These are not in the formulary."),
    ),
    "unchecked_scope": Phrase(
        gettext_noop("Not checked at all"),
        gettext_noop(
            "Kidney and liver function, weight, problems that forbid the medicine, food, medicines bought "
            "without prescription, and the licensed list of medicines that lengthen the QT interval."
        ),
    ),
}
