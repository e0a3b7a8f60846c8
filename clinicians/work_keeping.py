"""The functions of the database that keep the list of work (clinicians/models/work.py), and the triggers that ask them.

They see behind the wall, since what a case needs hangs on rows that who writes may not read (a medicine of another
department). So they are the keeper's; the application may read the list, within its policy, and not write it.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from portal.access import Permission
from portal.walls import Part, array, staff_roles

# A follow-up is its clinician's once its window has passed, or by the rung of the ladder on which a miss has put it.
WAKES: Final = "CASE WHEN missed_at IS NULL THEN (latest_on + 1)::timestamp AT TIME ZONE 'ZONE' ELSE desk_at END"
# What one case needs now, a row a lane. Runs as who asks: only the keeper sees every row it looks at.
ITEMS: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_items(asked uuid) RETURNS TABLE (
    lane text, need text, about text, reason text, stop text, risk smallint, due_at timestamptz, since timestamptz,
    above smallint, is_asleep boolean, turns_at timestamptz
) LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
WITH matter AS (
    SELECT * FROM public.patients_case WHERE id = asked
), stopped AS (
    SELECT p.created_at, left(p.medicine || ': ' || coalesce(p.findings -> 0 ->> 'title', ''), 400) AS words
      FROM matter AS c JOIN public.patients_prescription AS p ON p.patient_id = c.patient_id
     WHERE p.has_hard_stop AND p.status = 'active' AND (c.status <> 'closed' OR p.case_id = c.id)
     ORDER BY p.created_at, p.id LIMIT 1
), said AS (
    SELECT left(body, 240) AS words FROM public.patients_message
     WHERE case_id = asked AND voice <> 'clinic' ORDER BY id DESC LIMIT 1
), snooze AS (
    SELECT s.* FROM public.clinicians_snooze AS s
     WHERE s.case_id = asked AND s.ended_at IS NULL AND s.until > now() AND NOT EXISTS (
        SELECT FROM public.patients_message AS m
         WHERE m.case_id = asked AND m.voice <> 'clinic' AND m.created_at > s.created_at)
), found AS (
    SELECT 'safety' AS lane, 0 AS place, 'resolve_stop' AS need, '' AS about, '' AS reason,
           created_at AS due_at, created_at AS since, NULL::timestamptz AS turns_at
      FROM stopped
    UNION ALL
    (SELECT 'red-flags', 1, 'review_flag', source, title, created_at, created_at, NULL
       FROM public.patients_redflag WHERE case_id = asked AND reviewed_at IS NULL ORDER BY urgency, id LIMIT 1)
    UNION ALL
    SELECT 'triage', 2, 'triage', '', coalesce((SELECT words FROM said), left(story, 240)),
           answer_due_at, waiting_since, NULL
      FROM matter WHERE status = 'new'
    UNION ALL
    SELECT CASE WHEN answered THEN 'messages' ELSE 'reply' END, CASE WHEN answered THEN 4 ELSE 3 END,
           CASE WHEN answered THEN 'answer' ELSE 'reply' END, '',
           coalesce((SELECT words FROM said), left(story, 240)), answer_due_at, waiting_since, NULL
      FROM (SELECT *, EXISTS (SELECT FROM public.patients_message AS m
                               WHERE m.case_id = asked AND m.voice = 'clinic' AND m.undone_at IS NULL) AS answered
              FROM matter) AS c
     WHERE status = 'waiting'
    UNION ALL
    (SELECT 'results', 5, 'release', kind, title, created_at, created_at, NULL
       FROM public.patients_result WHERE case_id = asked AND status = 'preliminary' ORDER BY created_at, id LIMIT 1)
    UNION ALL
    (SELECT 'follow-ups', 6, CASE WHEN status = 'change_asked' THEN 'offer' ELSE 'rebook' END, kind,
            CASE WHEN status = 'change_asked' AND patient_note <> '' THEN patient_note ELSE reason END,
            latest_on::timestamp AT TIME ZONE 'ZONE', created_at,
            CASE WHEN status <> 'change_asked' THEN WAKES END
       FROM public.patients_followup
      WHERE case_id = asked AND status <> 'closed' AND undone_at IS NULL
      ORDER BY status <> 'change_asked' AND WAKES > now(), latest_on, id
      LIMIT 1)
    UNION ALL
    SELECT 'waiting', 8, CASE WHEN answer_left IS NULL THEN 'nothing' ELSE 'paused' END, '',
           coalesce((SELECT words FROM said), left(story, 240)),
           waiting_since, waiting_since, NULL
      FROM matter WHERE status = 'answered'
), timed AS (
    -- Until its day, or until the case's snooze is over; what is dangerous is never asleep.
    SELECT lane, place, need, about, reason, due_at, since, turns AS turns_at, turns IS NOT NULL AS is_asleep
      FROM (SELECT found.*, greatest(CASE WHEN turns_at > now() THEN turns_at END,
                                     (SELECT until FROM snooze WHERE place > 1)) AS turns FROM found) AS each
), rows AS (
    SELECT lane, need, about, reason, due_at, since, place, turns_at, is_asleep FROM timed
    UNION ALL
    (SELECT 'next', need, about, reason, due_at, since, place, turns_at, is_asleep
       FROM timed WHERE place < 8 ORDER BY is_asleep, turns_at, place LIMIT 1)
    UNION ALL
    SELECT 'snoozed', 'snoozed', '', reason, until, created_at, 9, until, false FROM snooze
)
SELECT r.lane,
       -- Where a stop stands first, what waits behind it is named too.
       CASE WHEN r.need = 'resolve_stop' THEN coalesce(
           (SELECT t.need FROM timed AS t WHERE NOT t.is_asleep AND t.place BETWEEN 2 AND 4), r.need) ELSE r.need END,
       r.about,
       CASE WHEN r.need = 'resolve_stop' THEN coalesce(
           (SELECT t.reason FROM timed AS t WHERE NOT t.is_asleep AND t.place BETWEEN 2 AND 4), '')
           ELSE left(r.reason, 400) END,
       CASE WHEN r.lane IN ('results', 'follow-ups', 'waiting', 'snoozed') OR r.is_asleep THEN ''
            ELSE coalesce((SELECT words FROM stopped), '') END,
       CASE WHEN EXISTS (SELECT FROM stopped) THEN 0 WHEN c.status = 'new' AND c.urgency > 2 THEN 2
            ELSE c.urgency END::smallint,
       r.due_at, r.since,
       coalesce((SELECT sum(1 << t.place) FROM timed AS t WHERE t.place < r.place AND NOT t.is_asleep), 0)::smallint,
       r.is_asleep, r.turns_at
  FROM rows AS r, matter AS c
$$
"""
# A row of the list: what the case is about, beside what it needs. Of its patient only what every row shows.
COLUMNS: Final = """case_id, patient_id, department_id, owner_id, number, status, urgency, name, sex, born_on,
        lane, need, about, reason, stop, risk, due_at, since, above, is_asleep, turns_at"""
ROWS: Final = """
    SELECT c.id, c.patient_id, c.department_id, c.owner_id, c.number, c.status, c.urgency, p.name, p.sex, p.born_on, i.*
      FROM public.patients_case AS c JOIN public.patients_patient AS p ON p.id = c.patient_id
     CROSS JOIN LATERAL public.fascicle_desk_items(c.id) AS i"""
CHANGED: Final = (
    "department_id", "owner_id", "status", "urgency", "need", "about", "reason", "stop", "risk", "due_at", "since",
    "above", "is_asleep", "turns_at",
)  # fmt: skip
# Changes of one record one after the other, whoever makes them: each sees what the one before has committed. Of a
# record and not of a case: a stop stands on all open cases, also on one that is opened in that very moment.
REFRESH: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_refresh(asked uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(patient_id::text, 0)) FROM public.patients_case WHERE id = asked;
    DELETE FROM public.clinicians_workitem AS w
     WHERE w.case_id = asked AND w.lane NOT IN (SELECT i.lane FROM public.fascicle_desk_items(asked) AS i);
    INSERT INTO public.clinicians_workitem AS w (COLUMNS)
    ROWS WHERE c.id = asked
    ON CONFLICT (case_id, lane) DO UPDATE SET (CHANGED) = ROW (EXCLUDED)
    WHERE (STANDING) IS DISTINCT FROM (EXCLUDED);
END $$
"""
OF_CASE: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_of_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM public.fascicle_desk_refresh(NEW.id);
    RETURN NULL;
END $$
"""
OF_CHILD: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_of_child() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM public.fascicle_desk_refresh(NEW.case_id);
    RETURN NULL;
END $$
"""
# What each row shows of its patient.
OF_PATIENT: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_of_patient() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE public.clinicians_workitem SET name = NEW.name, sex = NEW.sex, born_on = NEW.born_on
     WHERE patient_id = NEW.id;
    RETURN NULL;
END $$
"""
# A medicine stop stands on every open case of its patient.
OF_MEDICINE: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_of_medicine() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE other uuid;
BEGIN
    IF NOT NEW.has_hard_stop AND NOT (TG_OP = 'UPDATE' AND OLD.has_hard_stop) THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.patient_id::text, 0));
    FOR other IN
        SELECT id FROM public.patients_case
         WHERE patient_id = NEW.patient_id AND (status <> 'closed' OR id = NEW.case_id) ORDER BY id
    LOOP
        PERFORM public.fascicle_desk_refresh(other);
    END LOOP;
    RETURN NULL;
END $$
"""
# Twice: of everybody (above is -1), and of each owner. So few rows are read for numbers, however many work here.
TALLIED: Final = """
        INSERT INTO public.clinicians_worktally (department_id, owner_id, lanes, aboves, ns)
        SELECT department_id, owner_id, array_agg(lane), array_agg(above), array_agg(n)
          FROM (SELECT department_id, lane, owner_id, CASE WHEN grouping(above) = 1 THEN -1 ELSE above END AS above,
                       sum(one) AS n
                  FROM CHANGES AS changed
                 GROUP BY GROUPING SETS ((department_id, lane), (department_id, lane, owner_id, above))
                HAVING sum(one) <> 0) AS summed
         GROUP BY department_id, owner_id ORDER BY owner_id NULLS FIRST, department_id;"""
MORE: Final = "SELECT department_id, lane, owner_id, above, 1 AS one FROM fresh WHERE NOT is_asleep"
FEWER: Final = "SELECT department_id, lane, owner_id, above, -1 AS one FROM gone WHERE NOT is_asleep"
TALLY: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN TALLY_OF (MORE)
    ELSIF TG_OP = 'DELETE' THEN TALLY_OF (FEWER)
    ELSE TALLY_OF (MORE UNION ALL FEWER)
    END IF;
    RETURN NULL;
END $$
"""
WAKE: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_wake(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE one uuid; done integer := 0;
BEGIN
    FOR one IN
        SELECT case_id FROM (
            SELECT case_id, patient_id FROM public.clinicians_workitem
             WHERE turns_at <= now() ORDER BY turns_at LIMIT most
        ) AS turned GROUP BY patient_id, case_id ORDER BY patient_id, case_id
    LOOP
        PERFORM public.fascicle_desk_refresh(one);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$
"""
# One at a time; whoever comes second has nothing to do. The oldest row takes up the others and stays on its page: a sum
# that was written anew each time would lie anywhere, and whoever counts would go through all that it was before.
ADD_UP: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_add_up() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('fascicle desk adds up')) THEN RETURN; END IF;
    WITH many AS (
        SELECT min(id) AS oldest, department_id, owner_id FROM public.clinicians_worktally
         GROUP BY department_id, owner_id HAVING count(*) > 1
    ), rows AS (
        SELECT t.id, m.oldest, t.lanes, t.aboves, t.ns FROM public.clinicians_worktally AS t JOIN many AS m
            ON t.department_id = m.department_id AND t.owner_id IS NOT DISTINCT FROM m.owner_id
    ), gone AS (
        DELETE FROM public.clinicians_worktally WHERE id IN (SELECT id FROM rows WHERE id <> oldest)
    ), sums AS (
        SELECT oldest, one.lane, one.above, sum(one.n) AS n
          FROM rows, unnest(lanes, aboves, ns) AS one (lane, above, n) GROUP BY 1, 2, 3 HAVING sum(one.n) <> 0
    )
    UPDATE public.clinicians_worktally AS t SET lanes = w.lanes, aboves = w.aboves, ns = w.ns
      FROM (SELECT m.oldest, coalesce(array_agg(s.lane) FILTER (WHERE s.n <> 0), '{}') AS lanes,
                   coalesce(array_agg(s.above) FILTER (WHERE s.n <> 0), '{}') AS aboves,
                   coalesce(array_agg(s.n) FILTER (WHERE s.n <> 0), '{}') AS ns
              FROM many AS m LEFT JOIN sums AS s USING (oldest) GROUP BY m.oldest) AS w
     WHERE t.id = w.oldest;
END $$
"""
# All in one statement, since a million cases are as many calls. Writers wait, and refresh what they wrote after it.
REBUILD: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_rebuild() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fascicle desk adds up'));
    LOCK TABLE public.clinicians_workitem IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM public.clinicians_workitem;
    DELETE FROM public.clinicians_worktally;
    INSERT INTO public.clinicians_workitem (COLUMNS)
    ROWS WHERE c.id IN (
        SELECT id FROM public.patients_case WHERE status <> 'closed'
        UNION SELECT case_id FROM public.patients_result WHERE status = 'preliminary'
        UNION SELECT case_id FROM public.patients_prescription WHERE has_hard_stop AND status = 'active'
        UNION SELECT case_id FROM public.patients_followup WHERE status <> 'closed'
        UNION SELECT case_id FROM public.patients_redflag WHERE reviewed_at IS NULL
    );
    PERFORM public.fascicle_desk_add_up();
END $$
"""
# How much of what is counted is of one's own record.
OF_OWN: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_of_own() RETURNS TABLE (
    lane text, department_id uuid, owner text, above smallint, n bigint
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
SELECT lane, department_id, coalesce(owner_id::text, 'none'), above, count(*) FROM public.clinicians_workitem
 WHERE patient_id = ANY (public.fascicle_own()) AND NOT is_asleep GROUP BY lane, department_id, owner_id, above
$$
"""
# Cases of one's departments, newest first: by their number, by their patient's record number or name (the words of it,
# the last as far as it goes), by the words of an open case and of what was said.
# Words are looked up here, behind the wall, since its policies would keep the word indexes from being used. Each way
# is cut short: a word that everybody uses finds some, and not all. OFFSET 0 keeps the planner to the word index.
FIND: Final = r"""
CREATE OR REPLACE FUNCTION fascicle_desk_find(words text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
DECLARE
    places uuid[] := fascicle_departments(ROLES);
    own uuid[] := fascicle_own();
    asked tsquery := websearch_to_tsquery('simple', words);
    called tsquery := plainto_tsquery('simple', words);
    asked_number bigint := CASE WHEN words ~* '^(f-)?[0-9]{1,12}$' THEN regexp_replace(words, '^[fF]-', '')::bigint END;
    found uuid[];
BEGIN
    found := ARRAY(SELECT n.id FROM patients_case AS n WHERE n.number = asked_number)
          || ARRAY(SELECT k.id FROM patients_patient AS p JOIN patients_case AS k ON k.patient_id = p.id
                    WHERE p.record_number = upper(words));
    IF numnode(called) > 0 THEN
        called := (called::text || ':*')::tsquery;
        found := found || ARRAY(
            SELECT w.case_id FROM (
                SELECT case_id, department_id FROM clinicians_workitem
                 WHERE to_tsvector('simple', name) @@ called OFFSET 0) AS w
             WHERE w.department_id = ANY (places) LIMIT 2 * most);
    END IF;
    IF numnode(asked) > 0 THEN
        found := found || ARRAY(
            SELECT t.id FROM (
                SELECT id, department_id FROM patients_case
                 WHERE to_tsvector('simple', title || ' ' || story) @@ asked AND status <> 'closed' OFFSET 0) AS t
             WHERE t.department_id = ANY (places) LIMIT most
        ) || ARRAY(
            SELECT m.case_id FROM (
                SELECT case_id, department_id FROM patients_message
                 WHERE to_tsvector('simple', body) @@ asked OFFSET 0) AS m
             WHERE m.department_id = ANY (places) LIMIT most);
    END IF;
    RETURN QUERY
    SELECT c.id FROM (SELECT DISTINCT unnest(found) AS id) AS f JOIN patients_case AS c USING (id)
     WHERE c.department_id = ANY (places) AND c.patient_id <> ALL (own) ORDER BY c.id DESC LIMIT most;
END $$
"""
# Who among staff has opened or touched this record lately, for who treats the patient: their accounts, newest first.
LOOKED: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_looked(person uuid, most integer) RETURNS TABLE (
    account uuid, at timestamptz
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE places uuid[] := fascicle_departments(ROLES);
BEGIN
    IF NOT EXISTS (SELECT FROM patients_case WHERE patient_id = person AND department_id = ANY (places)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT e.actor_id, max(e.created_at) FROM portal_auditevent AS e
     WHERE e.people @> ARRAY[person] AND e.kind IN ('read', 'verb') AND e.created_at > now() - interval '90 days'
       AND EXISTS (SELECT FROM portal_membership AS m WHERE m.user_id = e.actor_id)
       AND NOT EXISTS (SELECT FROM patients_patient AS p WHERE p.id = person AND p.user_id = e.actor_id)
     GROUP BY e.actor_id ORDER BY 2 DESC LIMIT most;
END $$
"""
# For the clock, which tells of a case by its address, and reads nothing of it.
NUMBER: Final = """
CREATE OR REPLACE FUNCTION fascicle_desk_number(asked uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF public.fascicle_actor() <> 'system' THEN RETURN NULL; END IF;
    RETURN (SELECT number FROM public.patients_case WHERE id = asked);
END $$
"""
CHILD: Final = "ON TABLE FOR EACH ROW EXECUTE FUNCTION fascicle_desk_of_child()"


def written(text: str) -> str:
    """With the columns of a row, and how they are found, put in."""
    for name, words in {
        "COLUMNS": COLUMNS,
        "ROWS": ROWS,
        "CHANGED": ", ".join(CHANGED),
        "EXCLUDED": ", ".join(f"excluded.{name}" for name in CHANGED),
        "STANDING": ", ".join(f"w.{name}" for name in CHANGED),
    }.items():
        text = text.replace(name, words)
    return text


def tallied() -> str:
    text = TALLY
    for changes in ("(MORE UNION ALL FEWER)", "(MORE)", "(FEWER)"):
        text = text.replace(f"TALLY_OF {changes}", TALLIED.replace("CHANGES", changes))
    return text.replace("MORE", MORE).replace("FEWER", FEWER)


def work() -> Part:
    return Part(
        functions=(
            ITEMS.replace("WAKES", WAKES).replace("'ZONE'", f"'{settings.TIME_ZONE}'"),
            written(REFRESH), OF_CASE, OF_CHILD, OF_PATIENT,
            OF_MEDICINE, tallied(), WAKE, ADD_UP, written(REBUILD), OF_OWN, NUMBER,
            *(text.replace("ROLES", array(staff_roles(Permission.CASE_READ))) for text in (FIND, LOOKED)),
        ),
        asked=(
            "patients_case", "patients_patient", "patients_message", "patients_prescription", "patients_result",
            "patients_followup", "portal_auditevent", "portal_membership", "clinicians_snooze",
            "patients_redflag",
        ),
        kept=("clinicians_workitem", "clinicians_worktally"),
        triggers=(
            ("patients_case", "desk", "AFTER INSERT OR UPDATE OF status, urgency, owner_id, department_id,"
             " waiting_since, answer_due_at ON TABLE FOR EACH ROW EXECUTE FUNCTION fascicle_desk_of_case()"),
            ("patients_patient", "desk",
             "AFTER UPDATE OF name, sex, born_on ON TABLE FOR EACH ROW EXECUTE FUNCTION fascicle_desk_of_patient()"),
            ("patients_message", "desk", f"AFTER INSERT OR UPDATE {CHILD}"),
            ("patients_result", "desk", f"AFTER INSERT OR UPDATE OF status, title {CHILD}"),
            ("patients_followup", "desk", f"AFTER INSERT OR UPDATE {CHILD}"),
            ("patients_redflag", "desk", f"AFTER INSERT OR UPDATE {CHILD}"),
            ("clinicians_snooze", "desk", f"AFTER INSERT OR UPDATE {CHILD}"),
            ("patients_prescription", "desk",
             "AFTER INSERT OR UPDATE ON TABLE FOR EACH ROW EXECUTE FUNCTION fascicle_desk_of_medicine()"),
            ("clinicians_workitem", "tally_more", "AFTER INSERT ON TABLE REFERENCING NEW TABLE AS fresh"
             " FOR EACH STATEMENT EXECUTE FUNCTION fascicle_desk_tally()"),
            ("clinicians_workitem", "tally_fewer", "AFTER DELETE ON TABLE REFERENCING OLD TABLE AS gone"
             " FOR EACH STATEMENT EXECUTE FUNCTION fascicle_desk_tally()"),
            ("clinicians_workitem", "tally_other", "AFTER UPDATE ON TABLE"
             " REFERENCING NEW TABLE AS fresh OLD TABLE AS gone"
             " FOR EACH STATEMENT EXECUTE FUNCTION fascicle_desk_tally()"),
        ),
        rebuild="SELECT fascicle_desk_rebuild()",
    )  # fmt: skip
