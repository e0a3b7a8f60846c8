"""Cases of the neurology department, in every state."""

from __future__ import annotations

from datetime import time, timedelta

from clinicians.actions import on_call as rota
from clinicians.seeding.stories import Seed, Telling
from clinicians.seeding.tests_done import D, joined, labs, motor, sensory
from clinicians.seeding.the_case import LABORATORY
from patients.models.cases import Urgency
from patients.models.diary import Level
from patients.models.followups import FollowUpKind
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from portal.models import User
from portal.rules.local_time import instant


def tell(seed: Seed) -> None:
    on_call(seed)
    for story in (jonas, folarin, lan, beatriz, isaac, ayesha):
        story(seed)


def on_call(seed: Seed) -> None:
    """Dr. Okafor, for a week."""
    okafor, since = seed.users["okafor"], seed.calendar.back(1, "08:30")

    def appoint(user: User) -> None:
        rota.appoint(
            seed.places["neurology"], by=user, clinician=okafor, starts_at=since, ends_at=since + timedelta(days=7)
        )

    seed.step(since, "okafor", appoint)


def jonas(seed: Seed) -> None:
    """Nearly due, and nobody's yet."""
    case, calendar = seed.case("jonas", "neurology"), seed.calendar
    case.opened(
        calendar.worked(15.5),
        title="First the eyelid, now the foot",
        since="two weeks ago",
        story="I am a student and have exams. Two weeks ago the lid under my right eye started to flicker. That is "
        "better now, but the top of my left foot jumps when I lie down. I looked it up and now I test my strength "
        "ten times a day. I can run and climb as before.",
        questions=["How can I tell harmless twitching from a motor nerve disease?", "Should I stop energy drinks?"],
    )
    case.triaged(calendar.worked(14.5))


def folarin(seed: Seed) -> None:
    """Slowly weaker: triage sets it before the others. A result waits to be released, and a red flag for somebody."""
    case, calendar = seed.case("folarin", "neurology"), seed.calendar
    case.opened(
        calendar.worked(7),
        title="Right hand weaker, muscles jump in that arm",
        since="about five months ago",
        story="Buttons and keys have become hard with my right hand since the summer, and the muscles of that "
        "forearm jump. The hollow between thumb and finger looks deeper than on the left. No pain, no numbness. "
        "Swallowing, speaking and breathing are as always.",
        questions=["How quickly can I be seen?", "Should I stop working with machines?"],
        screened=("twitching", {"TW-03": "slowly", "TW-04": "yes", "TW-11.stays_in_one_limb": "yes"}),
    )
    case.triaged(calendar.worked(6.5), urgency=Urgency.SOON, owner="okafor")
    case.recorded(
        calendar.worked(3),
        "okafor",
        ResultKind.LABORATORY,
        "Salts, muscle enzyme and vitamin B12",
        calendar.day(1),
        performer=LABORATORY,
        observations=labs(potassium="4.4", magnesium="0.81", calcium="2.41", ck="286", b12="352"),
    )
    case.wrote(
        calendar.ago(95),
        "I can come at any hour, also at short notice. Since last week I choke on water now and then.",
        signs=["TW-02b"],
    )


def lan(seed: Seed) -> None:
    """Answered, the nerve test released, a visit planned and confirmed."""
    case, calendar = seed.case("lan", "neurology"), seed.calendar
    case.opened(
        calendar.back(9, "07:50"),
        title="Thumb and two fingers numb at night",
        since="since the spring",
        story="I wake up because thumb, index and middle finger of my right hand are asleep, and shake the hand until "
        "it is better. By day it comes when I hold the telephone. I sew for a living.",
        questions=["Do I need an operation?", "May I go on sewing?"],
        screened=("numbness_tingling", {"NT-04": "yes"}),
        medicines=[{"medicine": "mecobalamin", "dose": D(500), "dose_unit": "ug"}],
    )
    case.triaged(calendar.back(8, "09:20"), owner="okafor")
    nerves = case.recorded(
        calendar.back(7, "11:40"),
        "okafor",
        ResultKind.NERVE_CONDUCTION,
        "Nerve conduction, both arms",
        calendar.day(7),
        performer=LABORATORY,
        impression="Sample data. Right median: longer latencies at the wrist than on the left; ulnar nerves alike. "
        "Skin 33 °C.",
        measurements=joined(
            motor("median", "right", ("wrist", "5.3", "7.9", "80"), ("elbow", "9.4", "7.6", "218"), f_wave="29.1"),
            motor("median", "left", ("wrist", "3.6", "9.1", "80"), ("elbow", "7.6", "8.9", "216"), f_wave="26.0"),
            motor("ulnar", "right", ("wrist", "2.8", "9.2", "80"), ("below elbow", "6.4", "9.0", "205")),
            sensory("median", "right", "wrist", "digit 2 antidromic", "3.4", "11", "130"),
            sensory("median", "left", "wrist", "digit 2 antidromic", "2.5", "29", "130"),
            sensory("ulnar", "right", "wrist", "digit 5 antidromic", "2.0", "22", "110"),
        ),
    )
    case.released(
        calendar.back(7, "16:05"),
        "okafor",
        nerves,
        "The nerve to thumb, index and middle finger is slower at your right wrist than at the left. The other nerves "
        "we tested are alike on both sides.",
        "Wear the splint at night; we look at it together at your visit.",
    )
    case.replied(
        calendar.back(7, "16:20"),
        "okafor",
        "The test fits what you feel: the nerve to these fingers is slower at the right wrist. I would like to "
        "examine the hand before we decide anything; until then wear a splint at night. You may sew, with pauses."
        "\n\nWhether you need an operation depends on the examination. I leave that question open until then, on "
        "purpose.",
        "Write the same day if the thumb becomes weak or the numbness no longer goes away in daytime. Sudden numbness "
        "of one side of the body or face is an emergency: call at once.",
        ("deferred", "answered"),
    )
    visit = case.promised(
        calendar.back(7, "16:24"), "okafor", FollowUpKind.VISIT, "Examine the hand", Period(6, Unit.WEEKS)
    )
    case.booked(calendar.back(6, "12:45"), visit)
    call = case.promised(
        calendar.back(7, "16:26"), "okafor", FollowUpKind.CALL, "Is the splint worn at night", Period(1, Unit.WEEKS)
    )
    case.booked_for_today(calendar.back(1, "10:20"), "okafor", call)
    lans_diary(case)


def lans_diary(case: Telling) -> None:
    """Each evening since she asked: better with the splint, and less worry."""
    calendar = case.seed.calendar
    notes = {9: "Splint on for the first time", 6: "Woke once only", 2: "Slept through"}
    for back in range((calendar.today - calendar.day(9)).days - 1, 0, -1):
        evening = instant(calendar.today - timedelta(days=back), time(20, 30), calendar.zone)
        strength = Level.STRONG if back > 8 else Level.MODERATE if back > 4 else Level.MILD
        worry = Level.MODERATE if back > 7 else Level.MILD
        sleep = Level.STRONG if back > 8 else Level.MILD if back > 2 else Level.NONE
        case.noted(evening, strength, worry, sleep, notes.get(back, ""))


def beatriz(seed: Seed) -> None:
    """The promise that was missed: nobody has seen her since, and the window is over."""
    case, calendar = seed.case("beatriz", "neurology"), seed.calendar
    case.opened(
        calendar.back(46, "10:15"),
        title="My hand shakes when I hold a cup",
        since="about two years ago",
        story="Both hands shake when I hold something out, the right more than the left, and not at rest. My mother "
        "had the same. A glass of wine calms it, which frightens me.",
        questions=["Is this Parkinson's disease?", "Is there a tablet for it?"],
    )
    case.triaged(calendar.back(46, "13:40"), owner="hsu")
    case.replied(
        calendar.back(45, "09:35"),
        "hsu",
        "Shaking that comes with holding and goes at rest, on both sides and in the family, is another pattern than "
        "the one of Parkinson's disease. I can't tell for certain from a letter, and would like to see you walk and "
        "write. Tablets exist; one of them is not for people with asthma, so we choose together at the visit.",
        "Come the same day if one side becomes weak or stiff within days, or if your speech changes.",
        ("needs_visit", "deferred"),
    )
    case.promised(
        calendar.back(45, "09:40"),
        "hsu",
        FollowUpKind.VISIT,
        "See the tremor, choose a medicine",
        Period(1, Unit.MONTHS),
    )


def isaac(seed: Seed) -> None:
    """A medicine of the same class as in the tour, prescribed as it should be. He asks for another day."""
    case, calendar = seed.case("isaac", "neurology"), seed.calendar
    case.opened(
        calendar.back(19, "21:10"),
        title="Legs that will not lie still",
        since="years, worse since last winter",
        story="In the evening my calves creep and pull until I get up and walk. In bed it takes two hours. My wife "
        "says I kick in my sleep.",
        questions=["Is there something against it that I may take for long?"],
    )
    case.triaged(calendar.back(18, "08:55"), owner="hsu")
    case.replied(
        calendar.back(17, "10:20"),
        "hsu",
        "What you describe is typical of restless legs. We start with a small dose of ropinirole in the evening, "
        "and see after some weeks whether it helps. It can cause sudden sleepiness: don't drive until "
        "you know how you react, and tell us of any new urge to gamble, shop or eat.",
        "Ring the same day if you faint, fall asleep without warning, or see things that are not there. Don't stop it "
        "from one day to the next without asking.",
        ("answered",),
    )
    case.prescribed(
        calendar.back(17, "10:31"),
        "hsu",
        medicine="ropinirole",
        dose=D("0.25"),
        dose_unit="mg",
        form="tablet",
        route="oral",
        times_a_day=D(1),
        days=28,
        indication="restless legs",
        override_reason="Told of sleepiness and driving; agreed with the patient.",
    )
    call = case.promised(
        calendar.back(17, "10:34"),
        "hsu",
        FollowUpKind.CALL,
        "Does the dose help, any sleepiness",
        Period(4, Unit.WEEKS),
    )
    case.asked_for_change(calendar.ago(160), call, "I am travelling that day. Could it be two days later, after four?")


def ayesha(seed: Seed) -> None:
    """An EEG that waits for a clinician's sentence."""
    case, calendar = seed.case("ayesha", "neurology"), seed.calendar
    case.opened(
        calendar.worked(12),
        title="Short blank moments",
        since="three months ago",
        story="Four times now I was told that I stopped in the middle of a sentence, looked past people for some "
        "seconds and then went on. I remember nothing of it. I don't drive.",
        questions=["Is this epilepsy?", "May I swim?"],
    )
    case.triaged(calendar.worked(11.5), urgency=Urgency.SOON, owner="okafor")
    case.recorded(
        calendar.worked(4),
        "okafor",
        ResultKind.EEG,
        "EEG",
        calendar.day(1),
        performer=LABORATORY,
        impression="Sample data. Sharp waves on the left side while drowsy; to be read together with the history.",
        eeg={
            "duration_min": 45,
            "channels": 21,
            "conditions": "Awake, drowsy, light sleep",
            "background": "Posterior rhythm 9 Hz, symmetrical.",
            "sleep": "Vertex waves and spindles seen.",
            "interictal": "Sharp waves over the left temporal region, about one in five minutes, more when drowsy.",
            "episodes": "None recorded.",
            "significance": "abnormal",
        },
    )
