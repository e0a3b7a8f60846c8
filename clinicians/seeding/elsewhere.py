"""Cases of the other departments."""

from __future__ import annotations

from clinicians.seeding.stories import Seed
from clinicians.seeding.tests_done import D, labs
from clinicians.seeding.the_case import LABORATORY
from patients.models.cases import Urgency
from patients.models.followups import Evidence, FollowUpKind
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit


def tell(seed: Seed) -> None:
    stories = (lan, gabriela, henrik, aroha, samir, beatriz, meiling, dmitri, ayesha, sean, jonas)
    for story in stories:
        story(seed)


def lan(seed: Seed) -> None:
    """The same person in another department: a medicine from here matters there."""
    case, calendar = seed.case("lan", "endocrinology"), seed.calendar
    case.opened(
        calendar.back(40, "08:30"),
        title="Tired and cold since the winter",
        since="four months ago",
        story="I am cold when others are not, sleep ten hours and have gained four kilos. My sister takes tablets for "
        "the thyroid.",
        questions=["Is it my thyroid?"],
    )
    case.triaged(calendar.back(40, "10:05"), owner="solheim")
    first = case.recorded(
        calendar.back(38, "11:15"),
        "solheim",
        ResultKind.LABORATORY,
        "Thyroid panel",
        calendar.day(39),
        performer=LABORATORY,
        observations=labs(tsh="11.8", ft4="8.1"),
    )
    case.released(
        calendar.back(38, "14:00"),
        "solheim",
        first,
        "Your thyroid makes too little hormone: TSH is above, free T4 just below the usual range of this laboratory.",
        "Start the tablets; we repeat the test in six weeks.",
    )
    case.replied(
        calendar.back(38, "14:10"),
        "solheim",
        "Yes, your thyroid works too slowly, and that explains the cold and the tiredness. One small tablet each "
        "morning makes up for it; it is counted in micrograms. The test is repeated in six weeks.",
        "Ring the same day for a racing heart or chest pain. Chest pain that lasts is an emergency: call at once.",
        ("answered",),
    )
    case.prescribed(
        calendar.back(38, "14:16"),
        "solheim",
        medicine="levothyroxine",
        dose=D(50),
        dose_unit="ug",
        form="tablet",
        route="oral",
        times_a_day=D(1),
        days=90,
        indication="underactive thyroid",
        override_reason="No heart disease known; reviewed with the patient.",
    )
    again = case.promised(
        calendar.back(38, "14:20"), "solheim", FollowUpKind.TEST_REPEAT, "Repeat TSH and free T4", Period(6, Unit.WEEKS)
    )
    second = case.recorded(
        calendar.back(5, "09:50"),
        "solheim",
        ResultKind.LABORATORY,
        "Thyroid panel",
        calendar.day(6),
        performer=LABORATORY,
        observations=labs(tsh="4.1", ft4="12.6"),
    )
    case.released(
        calendar.back(5, "10:05"),
        "solheim",
        second,
        "Both values are back in the usual range of this laboratory. The dose is right for now.",
        "Go on as before; the next test is in six months.",
    )
    case.kept(calendar.back(5, "10:08"), "solheim", again, Evidence.RESULT_REVIEWED)
    case.promised(
        calendar.back(5, "10:10"), "solheim", FollowUpKind.TEST_REPEAT, "TSH once more", Period(6, Unit.MONTHS)
    )


def gabriela(seed: Seed) -> None:
    """Waiting, with a thyroid panel to be released."""
    case, calendar = seed.case("gabriela", "endocrinology"), seed.calendar
    case.opened(
        calendar.worked(14.5),
        title="Trembling fingers, heart racing, five kilos lost",
        since="six weeks ago",
        story="My fingers tremble so finely that I see it on paper, my heart races at night and my trousers have "
        "become loose, though I eat for two.",
        questions=["Can the thyroid make muscles tremble?", "May I go running?"],
    )
    case.triaged(calendar.worked(13.5), urgency=Urgency.SOON, owner="solheim")
    case.recorded(
        calendar.worked(2),
        "solheim",
        ResultKind.LABORATORY,
        "Thyroid panel",
        calendar.day(1),
        performer=LABORATORY,
        observations=labs(tsh="0.02", ft4="31", ft3="10.4"),
    )


def henrik(seed: Seed) -> None:
    """Asked after closing, to be answered today; a low potassium waits to be released."""
    case, calendar = seed.case("henrik", "cardiology"), seed.calendar
    case.opened(
        calendar.back(1, "18:05"),
        title="Heart stumbles since the water tablet",
        since="ten days ago",
        story="Since I take the water tablet my heart stumbles several times an hour and my calves cramp at night. "
        "No fainting, no chest pain.",
        questions=["Should I leave the tablet out?"],
        medicines=[
            {
                "medicine": "hydrochlorothiazide",
                "dose": D(25),
                "dose_unit": "mg",
                "form": "tablet",
                "route": "oral",
                "times_a_day": D(1),
                "indication": "high blood pressure",
            }
        ],
    )
    case.triaged(calendar.back(1, "18:40"), urgency=Urgency.SAME_DAY, owner="tanabe")
    case.recorded(
        calendar.back(1, "19:10"),
        "tanabe",
        ResultKind.LABORATORY,
        "Salts and kidney",
        calendar.day(1),
        performer=LABORATORY,
        observations=labs(potassium="3.1", magnesium="0.66", creatinine="92"),
    )


def aroha(seed: Seed) -> None:
    """New, some minutes ago: triage reads it next."""
    case, calendar = seed.case("aroha", "general-practice"), seed.calendar
    case.opened(
        calendar.ago(9),
        title="Cramps and jumping calves after training",
        since="three weeks ago",
        story="I run for my club and have doubled my training. After every session my calves cramp, and an hour "
        "later they jump under the skin. I can walk on my toes and heels.",
        questions=["Do I need magnesium?", "How long should I rest?"],
    )


def samir(seed: Seed) -> None:
    """Answered and closed."""
    case, calendar = seed.case("samir", "gastroenterology"), seed.calendar
    case.opened(
        calendar.back(30, "19:20"),
        title="Loose stools, then nothing for days",
        since="since the move in spring",
        story="Three days of cramps and loose stools, then three days nothing. It is worse before meetings. No "
        "blood, no fever, no weight lost, never at night.",
        questions=["Is this irritable bowel?", "Do I need a camera test?"],
    )
    case.triaged(calendar.back(29, "09:00"), owner="benali")
    case.replied(
        calendar.back(28, "11:25"),
        "benali",
        "That it comes before meetings, never at night, and without blood, fever or weight loss, speaks for an "
        "irritable bowel. A camera test is not the first step. Please keep a food diary for two weeks and write.",
        "Write the same day if you see blood, lose weight without trying, or are woken by it at night.",
    )
    case.wrote(calendar.back(16, "20:45"), "The diary helped: it was the chewing gum. Much better, thank you.")
    case.closed(calendar.back(15, "08:50"), "benali")


def beatriz(seed: Seed) -> None:
    """Overdue."""
    case, calendar = seed.case("beatriz", "general-practice"), seed.calendar
    case.opened(
        calendar.worked(14),
        title="Dry cough for five weeks",
        since="five weeks ago",
        story="Since a cold in autumn I cough, mostly at night. No fever, no blood, I climb three floors as before.",
        questions=["Is it still the cold?"],
    )
    case.triaged(calendar.worked(11.5), owner="quispe")


def meiling(seed: Seed) -> None:
    """Closed, with a follow-up that was kept by telephone."""
    case, calendar = seed.case("meiling", "orthopedics"), seed.calendar
    case.opened(
        calendar.back(60, "12:10"),
        title="Kneecap feels as if it slips",
        since="since I took up dancing",
        story="On stairs my right kneecap seems to move outwards. It has never come out, and the knee does not swell.",
        questions=["Can exercises put it right?"],
    )
    case.triaged(calendar.back(59, "09:15"), owner="haddad")
    case.replied(
        calendar.back(58, "10:00"),
        "haddad",
        "Often they can: we start with strength. Our physiotherapist has sent you the exercises. We telephone in six "
        "weeks; if it is no better by then, I want to examine the knee.",
        "Come the same day if the kneecap comes out, the knee locks, or it swells within hours.",
        ("answered",),
    )
    call = case.promised(
        calendar.back(58, "10:06"), "haddad", FollowUpKind.CALL, "Ask how the exercises go", Period(6, Unit.WEEKS)
    )
    case.kept(calendar.back(27, "15:30"), "haddad", call, Evidence.ATTENDED, "Stairs without trouble. Goes on.")
    case.closed(calendar.back(27, "15:32"), "haddad")


def dmitri(seed: Seed) -> None:
    """New, this day."""
    case, calendar = seed.case("dmitri", "mental-health"), seed.calendar
    case.opened(
        calendar.ago(74),
        title="I check my body all day",
        since="a year ago",
        story="After a friend fell ill I began to look for signs in myself. Every twitch keeps me awake. Three "
        "doctors found nothing. I know it, and it does not help. I have no thoughts of harming myself.",
        questions=["Can you help with worry of this kind?", "How long is the wait?"],
    )


def ayesha(seed: Seed) -> None:
    """Closed, and opened again by a late message: nothing is too old."""
    case, calendar = seed.case("ayesha", "pharmacy"), seed.calendar
    case.opened(
        calendar.back(22, "13:15"),
        title="Cold powder and headache tablets together",
        since="two days ago",
        story="I have a cold and take a hot drink powder from the supermarket, three times a day. Now my head aches "
        "and I have paracetamol at home.",
        questions=["May I take both?"],
        medicines=[
            {
                "medicine": "paracetamol",
                "dose": D(500),
                "dose_unit": "mg",
                "form": "tablet",
                "route": "oral",
                "as_needed": True,
                "times_a_day": D(4),
                "indication": "headache",
            }
        ],
    )
    case.triaged(calendar.back(22, "14:00"), owner="novak")
    case.replied(
        calendar.back(22, "15:45"),
        "novak",
        "Look at the powder's label first: most of them contain paracetamol too, and both count together. Not more "
        "than 1 g at a time and 4 g in a day for an adult, from all products. If the label is not clear, send us a "
        "picture of it before you take both.",
        "If you have taken more than that, call at once, even if you feel well.",
        ("answered",),
    )
    case.closed(calendar.back(18, "09:30"), "novak")
    case.wrote(
        calendar.worked(3.5),
        "Another powder of this kind was in the cupboard. Is it as strong?",
    )


def sean(seed: Seed) -> None:
    """Answered; a telephone call is promised."""
    case, calendar = seed.case("sean", "rehabilitation"), seed.calendar
    case.opened(
        calendar.back(12, "11:00"),
        title="Walking again after the hip",
        since="operated seven weeks ago",
        story="I walk with one stick and want to climb the stairs to my own bed again. The scar is dry.",
        questions=["When may I leave the stick?", "Which exercises for stairs?"],
    )
    case.triaged(calendar.back(11, "09:40"), owner="anneli")
    case.replied(
        calendar.back(10, "14:30"),
        "anneli",
        "I would like to see you stand and walk before I say when to leave the stick. The exercises for the stairs are "
        "in the list I gave you; do them with a hand on the rail, and go on with the stick until we have spoken.",
        "Come the same day if the hip suddenly hurts more or the calf swells. Trouble breathing that is new is an "
        "emergency: call at once.",
        ("needs_visit", "answered"),
    )
    case.promised(calendar.back(10, "14:36"), "anneli", FollowUpKind.CALL, "Stairs and stick", Period(3, Unit.WEEKS))


def jonas(seed: Seed) -> None:
    """An older case of somebody who asks again."""
    case, calendar = seed.case("jonas", "general-practice"), seed.calendar
    case.opened(
        calendar.back(90, "09:30"),
        title="Vaccinations before a term abroad",
        story="I leave in two months and can't find my vaccination card.",
        questions=["Which vaccinations do you have on record?"],
    )
    case.triaged(calendar.back(90, "10:30"), owner="quispe")
    case.replied(
        calendar.back(89, "09:05"),
        "quispe",
        "The list is on its way to you by post. What is missing for your country we look up together at a visit.",
        "If you fall ill abroad, call the local emergency number first, then us.",
        ("answered",),
    )
    case.closed(calendar.back(80, "16:00"), "quispe")
