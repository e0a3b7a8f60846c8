"""The case of the tour: asked, triaged, with its test results; not answered yet, so that a visitor can.

And one much like it of somebody else, finished: answered, seen again, and published with consent.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from clinicians.seeding.stories import Made, Seed
from clinicians.seeding.tests_done import D, joined, labs, motor, sensory
from patients.actions import related_people
from patients.models import Case, RelatedPerson, Result
from patients.models.cases import Urgency
from patients.models.followups import Evidence, FollowUpKind
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from portal import access
from portal.models import User
from portal.roles import Scope
from portal.rules.local_time import local_day

LABORATORY = "Sample laboratory"
MIRA_STORY = """\
It began two months ago in both eyelids and both calves, always in the same spots. By now it wanders and comes and \
goes, all but the arch of my left foot: that one hardly ever stops.

I have had an EEG, blood tests for the thyroid and an ultrasound. In orthopedics they saw that my kneecaps do not \
sit straight. My knees don't hurt. My legs feel a little weak at times, and I can't tell whether the kneecaps are why.

This morning I had the nerve test and a test with warm and cold. They told me something showed at the "axis" of my \
left hand and that a nerve may be pressed there. I can't think of anything that pressed on it. They also said that \
it is nothing big, that I am young and nerves mend, and to come again in a month.

In the same weeks I have had loose stools on and off, felt sick, tired, and sore all over. I know that a serious \
nerve disease is very unlikely. I still think about it every evening."""

NERVES = joined(
    motor(
        "ulnar",
        "left",
        ("wrist", "2.8", "9.8", "80"),
        ("below elbow", "6.5", "9.5", "215"),
        ("above elbow", "8.7", "9.0", "100"),
        f_wave="26.4",
    ),
    motor(
        "ulnar",
        "right",
        ("wrist", "2.7", "10.1", "80"),
        ("below elbow", "6.3", "9.9", "212"),
        ("above elbow", "8.05", "9.7", "100"),
        f_wave="25.8",
    ),
    motor("median", "left", ("wrist", "3.3", "10.4", "80"), ("elbow", "7.2", "10.1", "222"), f_wave="25.2"),
    motor("tibial", "left", ("ankle", "4.1", "15.2", "80"), ("knee", "12.0", "13.6", "395")),
    sensory("ulnar", "left", "wrist", "digit 5 antidromic", "2.1", "21", "110"),
    sensory("ulnar", "right", "wrist", "digit 5 antidromic", "1.9", "24", "110"),
    sensory("median", "left", "wrist", "digit 2 antidromic", "2.3", "38", "130"),
    sensory("sural", "left", "calf", "lateral ankle, antidromic", "2.8", "19", "140"),
)


def tell(seed: Seed) -> None:
    mira(seed)
    her_father(seed)
    elif_(seed)


def her_father(seed: Seed) -> None:
    """Mira lets him read along, and write for her; he has looked in once."""
    given: Made[RelatedPerson] = Made()
    calendar, wei = seed.calendar, seed.users["wei"]

    def trust(user: User) -> None:
        given.keep(
            related_people.trust(
                seed.patients["mira"],
                by=user,
                email=wei.email,
                name=wei.name,
                relationship="my father",
                scopes=[Scope.CASES, Scope.RESULTS, Scope.WRITING],
                expires_at=timezone.now() + timedelta(days=90),
            )
        )

    seed.step(calendar.worked(7), "mira", trust)

    def look(user: User) -> None:
        access.read_many(Case.objects.filter(patient=seed.patients["mira"]), by=user)
        access.read_many(Result.objects.filter(patient=seed.patients["mira"]).released(), by=user)

    seed.step(calendar.worked(6), "wei", lambda user: related_people.accept(given.again(), by=user))
    seed.step(calendar.worked(5), "wei", look)


def mira(seed: Seed) -> None:
    calendar = seed.calendar
    case = seed.case("mira", "neurology")
    case.opened(
        calendar.worked(13),
        title="Twitching that moves around, for two months",
        since="two months ago",
        story=MIRA_STORY,
        screened=("twitching", {"TW-03": "feels_weak_but_can_do_everything", "TW-13": ["dopamine"], "TW-15.worry": 8}),
        questions=["Do you know this from other people, and how did they fare?", "Can an inflamed nerve do this?"],
        medicines=[
            {"medicine": "ropinirole", "dose": D("0.5"), "dose_unit": "mg"},
            {"medicine": "pramipexole", "dose": D("50"), "dose_unit": "mg"},
            {"medicine": "Endep", "form": "capsules", "days": 30, "note": "for one month; no strength on the bag"},
        ],
    )
    case.triaged(calendar.worked(12.5), urgency=Urgency.SOON, owner="hsu")
    eeg = case.recorded(
        calendar.worked(10),
        "okafor",
        ResultKind.EEG,
        "EEG",
        calendar.day(24),
        performer=LABORATORY,
        impression="Sample data. Recording awake and drowsy; nothing epileptiform seen.",
        eeg={
            "duration_min": 30,
            "channels": 21,
            "conditions": "Awake and drowsy; hyperventilation and flashing light done",
            "background": "Posterior rhythm 10 Hz, symmetrical, reacts to opening the eyes.",
            "sleep": "Drowsiness reached; sleep not recorded.",
            "interictal": "None seen.",
            "episodes": "Two twitches of the left foot marked by the patient; no change in the EEG with them.",
            "significance": "no_definite",
        },
    )
    thyroid = case.recorded(
        calendar.worked(9.5),
        "okafor",
        ResultKind.LABORATORY,
        "Thyroid panel",
        calendar.day(21),
        performer=LABORATORY,
        observations=labs(tsh="2.1", ft4="14.2", ft3="4.9"),
    )
    tested_at = calendar.worked(8)
    case.recorded(
        tested_at,
        "okafor",
        ResultKind.NERVE_CONDUCTION,
        "Nerve conduction, done again: left arm, right ulnar, left leg",
        local_day(tested_at, calendar.zone),
        performer=LABORATORY,
        impression="Sample data. Left ulnar motor: slower across the elbow than in the forearm; not so on the right. "
        "Left median: no such difference at the wrist. The letter from outside names neither nerve nor site: "
        "ask for it before coding. Skin 33 °C. Needle study not done.",
        measurements=NERVES,
    )
    case.released(
        calendar.worked(6),
        "hsu",
        eeg,
        "The recording of your brain waves shows nothing that would explain the twitching. When your foot twitched, "
        "the recording did not change.",
        "Nothing more to do about this test. We go through it with you at your visit.",
    )
    case.released(
        calendar.worked(5.8),
        "hsu",
        thyroid,
        "Your three thyroid values lie in the usual range of this laboratory.",
        "No repeat is needed for now.",
    )
    case.wrote(calendar.ago(35), "I have not started the second tablet yet, the one with 50 on it. Should I?")


ELIF_SAFETY = """\
Ring us the same day if a hand or foot becomes truly weak (you drop things, trip, can't climb stairs), if a muscle \
becomes visibly thinner, or if swallowing or speaking changes. Call the emergency number for trouble breathing."""


def elif_(seed: Seed) -> None:
    calendar = seed.calendar
    case = seed.case("elif", "neurology")
    case.opened(
        calendar.back(75, "18:25"),
        title="Eyelid and thumb keep twitching",
        since="six weeks ago",
        story="My right eyelid flickers most days, and since last month the ball of my left thumb does too, for "
        "minutes at a time. I can do everything with my hand. I sleep badly since I read about it on the internet, "
        "and I drink four coffees to get through the day.",
        questions=["Is this the beginning of something serious?", "Do I need more tests?"],
    )
    case.triaged(calendar.back(74, "09:10"), owner="hsu")
    bloods = case.recorded(
        calendar.back(73, "14:05"),
        "hsu",
        ResultKind.LABORATORY,
        "Salts, muscle enzyme and thyroid",
        calendar.day(74),
        performer=LABORATORY,
        observations=labs(potassium="4.2", magnesium="0.84", calcium="2.37", ck="88", tsh="1.7"),
    )
    case.released(
        calendar.back(73, "14:20"),
        "hsu",
        bloods,
        "All five values lie in the usual range of this laboratory. They give no reason for the twitching.",
    )
    case.replied(
        calendar.back(73, "15:10"),
        "hsu",
        "Thank you for describing it so exactly. Twitching that comes without weakness and without a muscle getting "
        "thinner is common, and in people your age it is very rarely part of a disease. To your first question: "
        "nothing you describe points to one, and I want to see your hand to be sure.\n\nTo your second: your blood "
        "tests are done. I would not add a nerve test before I have examined you. Until then try half the coffee and "
        "a fixed time for bed. It often goes on for months and then matters less.",
        ELIF_SAFETY,
    )
    visit = case.promised(
        calendar.back(73, "15:14"), "hsu", FollowUpKind.VISIT, "Examine hand and eyelid", Period(4, Unit.WEEKS)
    )
    case.confirmed(calendar.back(72, "08:02"), visit)
    case.kept(
        calendar.back(52, "11:30"), "hsu", visit, Evidence.ATTENDED, "Strength full, no wasting. Twitching less often."
    )
    case.wrote(calendar.back(51, "20:05"), "Thank you. It is still there in the evenings, but I have stopped counting.")
    case.replied(
        calendar.back(50, "10:40"),
        "hsu",
        "That is the right direction. Nothing more is planned from our side; write here whenever something changes.",
        ELIF_SAFETY,
    )
    case.closed(calendar.back(48, "09:00"), "hsu")
    seed.derived["elif"] = case.suggested(calendar.back(47, "16:00"), "hsu", **ELIF_PUBLIC)


ELIF_PUBLIC = {
    "title": "My eyelid and thumb have been twitching for weeks: is it serious?",
    "body": "One eyelid flickers on most days, and for a month the ball of one thumb has twitched too, for minutes at "
    "a time. My hand can do everything as before. Since I read about it I sleep badly, and I drink a lot of coffee. "
    "Could this be the start of something serious, and do I need more tests?",
    "answer": "Twitching without weakness, and without a muscle getting thinner, is common. In people in their "
    "twenties it is very rarely part of a disease.\n\nSimple blood tests (salts, muscle enzyme, thyroid) are "
    "reasonable once. If they lie in the usual range, an examination of strength says more than further tests: a "
    "nerve test is added when the examination gives a reason.\n\nLess coffee and a regular bedtime help many people. "
    "It can go on for months. In one group of people who were followed for a year, nearly all still twitched at the "
    "end, and none had developed a motor nerve disease after two.",
}
