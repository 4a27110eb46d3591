"""Count the events of a return apart from its reader: in SQL, by the mapping that the pages print."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb

Counted = Counter[tuple[str, str]]
DAY = "coalesce(try_strptime({0}, '%d/%m/%Y'), try_strptime({0}, '%Y-%m-%d %H:%M:%S'), try_strptime({0}, '%Y-%m-%d'))::date"


def _counted(connection: duckdb.DuckDBPyConnection, sql: str) -> Counted:
    return Counter({(child, event): number for child, event, number in connection.execute(sql).fetchall()})


def _load(connection: duckdb.DuckDBPyConnection, name: str, paths: Iterable[Path]) -> None:
    listed = [str(path) for path in paths]
    connection.execute(
        f'create table "{name}" as select * from read_csv($files, header = true, all_varchar = true, '
        "union_by_name = true, strict_mode = false, null_padding = true, ignore_errors = true)",
        {"files": listed},
    )


def ssda903(paths: Iterable[Path]) -> Counted:
    """Count what episodes, reviews and missing show; without a last day."""
    tables = {path.stem: path for path in paths}
    connection = duckdb.connect()
    for name in ("episodes", "reviews", "missing"):
        _load(connection, name, [tables[name]])
    connection.execute(
        f"""
        create table spell as select distinct CHILD as child, {DAY.format("DECOM")} as start, RNE as reason,
            coalesce(LS, '') as status, coalesce(PLACE, '') as placement, coalesce(URN, '') as setting,
            case when {DAY.format("DEC")} >= {DAY.format("DECOM")} then {DAY.format("DEC")} end as dec, REC as rec
        from episodes where {DAY.format("DECOM")} is not null and RNE in ('S', 'L', 'P', 'T', 'B', 'U') and CHILD is not null;
        create table placed as select * exclude (dec, rec),
            coalesce(dec, lead(start) over own) as ended,
            case when dec is not null then coalesce(rec, '')
                when lead(start) over own is null then '' when lead(reason) over own = 'S' then '' else 'X1' end as why
        from spell window own as (partition by child order by start, coalesce(dec, date '9999-01-01'),
            strpos('SLPTBU', reason));
        create table numbered as select *, row_number() over (partition by child order by start,
            coalesce(ended, date '9999-01-01'), strpos('SLPTBU', reason)) as number from placed;
        create table grouped as select *, sum(begins) over (partition by child order by number) as period from (
            select *, case
                when number = 1 then 1
                when status = 'V3' and lag(status) over own = 'V3' then 0
                when reason = 'S' or lag(why) over own not in ('', 'X1') or start > lag(ended) over own then 1
                else 0 end as begins
            from numbered window own as (partition by child order by number));
        create table seen as select *,
            lag(status) over own as status_before,
            number = min(number) over (partition by child, period) as is_first,
            last_value(case when placement not in ('T0', 'T1', 'T2', 'T3', 'T4') then placement || setting end ignore nulls)
                over (partition by child, period order by number rows between unbounded preceding and 1 preceding) as where_before
        from grouped window own as (partition by child, period order by number);
        create table care as select child, period,
            case when period = 1 and arg_min(reason, number) <> 'S' then null else min(start) end as first_day,
            arg_max(case when why <> 'X1' then ended end, number) as last_day_or_null,
            arg_max(case when why = 'X1' then null else ended end, number) as last_day
        from grouped group by child, period;
        """
    )
    orders = "case status when 'C1' then 'interim_care_order_made' when 'C2' then 'care_order_made' when 'L1' then "
    orders += "'police_protection_started' when 'L2' then 'emergency_protection_order_made' when 'E1' then "
    orders += "'authority_to_place_obtained' end"
    return _counted(
        connection,
        f"""
        select child, event, count(*) from (
            select distinct child, period, 'became_looked_after' as event, start as day from seen
            where reason = 'S' and is_first and status <> 'V3'
            union all
            select distinct child, period, 'ceased_to_be_looked_after', ended from seen
            where why not in ('', 'X1') and status <> 'V3'
            union all
            select distinct child, period, 'placement_started', start from seen
            where reason in ('S', 'P', 'B') and placement not in ('T0', 'T1', 'T2', 'T3', 'T4')
                and (reason = 'S' or setting = '' or where_before is null or where_before <> placement || setting)
            union all
            select distinct child, period, {orders}, start from seen
            where reason in ('S', 'L', 'B', 'U') and (is_first or status <> status_before) and {orders} is not null
            union all
            select distinct reviews.CHILD, 0, 'cla_review_held', {DAY.format("REVIEW")} from reviews
            where {DAY.format("REVIEW")} is not null and (
                not exists (select 1 from care where care.child = reviews.CHILD)
                or exists (select 1 from care where care.child = reviews.CHILD
                    and (first_day is null or first_day <= {DAY.format("REVIEW")})
                    and (last_day is null or {DAY.format("REVIEW")} <= last_day)))
            union all
            select distinct CHILD, 0, 'went_missing', {DAY.format("MIS_START")} from missing
            where MISSING = 'M' and {DAY.format("MIS_START")} is not null
            union all
            select distinct CHILD, 0, 'returned_from_missing', {DAY.format("MIS_END")} from missing
            where MISSING = 'M' and {DAY.format("MIS_END")} >= {DAY.format("MIS_START")}
        ) group by child, event
        """,
    )


def cin_census(paths: Iterable[Path]) -> Counted:
    """Count what the elements of a census show, up to its reference date."""
    connection = duckdb.connect()
    connection.execute("create table leaf (child text, referral int, kind text, number int, tag text, text text)")
    rows: list[tuple[str, int, str, int, str, str]] = []
    for path in paths:
        root = ET.parse(path).getroot()  # noqa: S314 - a file of the tests
        last = root.findtext("Header/CollectionDetails/ReferenceDate", "")
        for child in root.iterfind("Children/Child"):
            name = child.findtext("ChildIdentifiers/LAchildID", "")
            if not name:
                continue
            for referral, details in enumerate(child.iterfind("CINdetails")):
                for number, group in enumerate(details.iter()):
                    leaves = [(each.tag, (each.text or "").strip()) for each in group if len(each) == 0]
                    rows += [(name, referral, group.tag, number, tag, text) for tag, text in leaves if text]
                rows.append((name, referral, "File", -1, "last", last))
    connection.executemany("insert into leaf values (?, ?, ?, ?, ?, ?)", rows)
    connection.execute(
        """
        create table dated as select leaf.*, try_strptime(leaf.text, '%Y-%m-%d')::date as day, file.text::date as last
        from leaf join leaf as file on file.child = leaf.child and file.referral = leaf.referral and file.tag = 'last'
        where leaf.tag <> 'last';
        create table meant (kind text, tag text, event text, after_tag text);
        insert into meant values
            ('CINdetails', 'CINreferralDate', 'referral_received', null),
            ('CINdetails', 'CINclosureDate', 'case_closed', 'CINreferralDate'),
            ('CINdetails', 'DateOfInitialCPC', 'transfer_in_conference_held', null),
            ('Assessments', 'AssessmentActualStartDate', 'assessment_started', null),
            ('Assessments', 'AssessmentAuthorisationDate', 'assessment_authorised', 'AssessmentActualStartDate'),
            ('CINPlanDates', 'CINPlanStartDate', 'cin_plan_started', null),
            ('CINPlanDates', 'CINPlanEndDate', 'cin_plan_ended', 'CINPlanStartDate'),
            ('Section47', 'S47ActualStartDate', 'strategy_discussion_held', null),
            ('Section47', 'S47ActualStartDate', 'section_47_started', null),
            ('Section47', 'DateOfInitialCPC', 'icpc_held', null),
            ('ChildProtectionPlans', 'CPPstartDate', 'cp_plan_started', null),
            ('ChildProtectionPlans', 'CPPendDate', 'cp_plan_ended', 'CPPstartDate'),
            ('Reviews', 'CPPreviewDate', 'rcpc_held', null),
            ('PreProceedingsandFGDM', 'PPStartDate', 'pre_proceedings_started', null),
            ('PreProceedingsandFGDM', 'InitialPPMeetingDate', 'pre_proceedings_meeting_held', null),
            ('PreProceedingsandFGDM', 'CourtAppDate', 'care_proceedings_issued', null);
        create table shown as select distinct dated.child, dated.referral, meant.event, dated.day,
            case when dated.kind = 'Section47' then dated.number end as enquiry
        from dated join meant using (kind, tag)
        left join dated as began on began.child = dated.child and began.referral = dated.referral
            and began.number = dated.number and began.tag = meant.after_tag and began.day <= began.last
        where dated.day <= dated.last and (began.day is null or began.day <= dated.day);
        create table closed_at_once as select distinct child, referral from leaf
        where tag = 'ReferralNFA' and lower(text) in ('1', 'true') and not exists (
            select 1 from shown where shown.child = leaf.child and shown.referral = leaf.referral
                and event not in ('referral_received', 'case_closed'));
        """
    )
    return _counted(
        connection,
        """
        select child, event, count(*) from shown
        where not (event = 'referral_received' and exists (
            select 1 from closed_at_once where closed_at_once.child = shown.child
                and closed_at_once.referral = shown.referral))
        group by child, event
        """,
    )


def safeguarding_dataset(paths: Iterable[Path]) -> Counted:
    """Count what the tables of the dataset show."""
    connection = duckdb.connect()
    for path in paths:
        _load(connection, path.stem, [path])
    cp = "icpc_icpc_transfer_in"
    rows = [
        ("ssd_contacts", "cont_person_id", "contact_received", "cont_contact_date", "true"),
        ("ssd_cin_episodes", "cine_person_id", "referral_received", "cine_referral_date", "cine_referral_nfa = 'N'"),
        ("ssd_cin_episodes", "cine_person_id", "case_closed", "cine_close_date", "true"),
        ("ssd_cin_assessments", "cina_person_id", "assessment_started", "cina_assessment_start_date", "true"),
        ("ssd_cin_assessments", "cina_person_id", "assessment_authorised", "cina_assessment_auth_date", "true"),
        ("ssd_s47_enquiry", "s47e_person_id", "strategy_discussion_held", "s47e_s47_start_date", "true"),
        ("ssd_s47_enquiry", "s47e_person_id", "section_47_started", "s47e_s47_start_date", "true"),
        ("ssd_s47_enquiry", "s47e_person_id", "section_47_completed", "s47e_s47_end_date", "true"),
        ("ssd_initial_cp_conference", "icpc_person_id", "icpc_held", "icpc_icpc_date", f"{cp} = 'N'"),
        ("ssd_initial_cp_conference", "icpc_person_id", "transfer_in_conference_held", "icpc_icpc_date", f"{cp} = 'Y'"),
        ("ssd_cp_plans", "cppl_person_id", "cp_plan_started", "cppl_cp_plan_start_date", "cppl_cp_plan_ola = 'N'"),
        ("ssd_cp_reviews", "cppr_person_id", "rcpc_held", "cppr_cp_review_date", "cppr_cp_review_quorate = 'Y'"),
        ("ssd_cp_visits", "cppv_person_id", "cp_visit_made", "cppv_cp_visit_date", "cppv_cp_visit_seen = 'Y'"),
        ("ssd_cla_placement", "clap_person_id", "placement_started", "clap_cla_placement_start_date", "clap_cla_placement_type not like 'T_'"),
        ("ssd_cla_placement", "clap_person_id", "placement_ended", "clap_cla_placement_end_date", "clap_cla_placement_type not like 'T_'"),
        ("ssd_legal_status", "lega_person_id", "interim_care_order_made", "lega_legal_status_start_date", "lega_legal_status like 'C1%'"),
        ("ssd_legal_status", "lega_person_id", "interim_order_ended", "lega_legal_status_end_date", "lega_legal_status like 'C1%'"),
        ("ssd_legal_status", "lega_person_id", "care_order_made", "lega_legal_status_start_date", "lega_legal_status like 'C2%'"),
        ("ssd_cla_health", "clah_person_id", "health_assessment_completed", "clah_health_check_date", "clah_health_check_type = 'Health Assessment' and clah_health_check_status = 'Completed'"),
        ("ssd_cla_health", "clah_person_id", "dental_check_held", "clah_health_check_date", "clah_health_check_type = 'Dental Check' and clah_health_check_status = 'Completed'"),
    ]  # fmt: skip
    parts = [
        f"select {child} as child, '{event}' as event, count(*) from {table} where {DAY.format(day)} is not null and {when} group by 1"
        for table, child, event, day, when in rows
    ]
    parts += [
        (
            "select clae_person_id, 'became_looked_after', count(distinct clae_cla_id) from ssd_cla_episodes "
            "where clae_entered_care_date is not null group by 1"
        ),
        (
            "select clae_person_id, 'cla_review_held', count(distinct clar_cla_review_id) from ssd_cla_reviews join ssd_cla_episodes "
            "on clae_cla_id = clar_cla_id where clar_cla_review_cancelled = 'N' group by 1"
        ),
        (
            f"select clav_person_id, 'cla_visit_made', count(distinct clav_cla_visit_id) from ssd_cla_visits join ssd_cla_episodes "
            f"on clae_person_id = clav_person_id where {DAY.format('clav_cla_visit_date')} >= {DAY.format('clae_entered_care_date')} group by 1"
        ),
    ]
    return _counted(connection, " union all ".join(parts))


def annex_a(paths: Iterable[Path]) -> Counted:
    """Count what the lists show."""
    connection = duckdb.connect()
    for path in paths:
        _load(connection, path.stem, [path])
    columns = {
        "list-1": {"contact_received": "Date of Contact"},
        "list-3": {"referral_received": "Date of referral"},
        "list-4": {
            "assessment_started": "Continuous Assessment Start Date",
            "assessment_authorised": "Continuous Assessment Date of Authorisation",
        },
        "list-5": {
            "strategy_discussion_held": "Strategy discussion initiating Section 47 Enquiry Start Date",
            "section_47_started": "Strategy discussion initiating Section 47 Enquiry Start Date",
            "icpc_held": "Date of Initial Child Protection Conference",
        },
        "list-7": {
            "cp_plan_started": "Child Protection Plan Start Date",
            "cp_visit_made": "Date of the Last Statutory Visit",
            "rcpc_held": "Date of latest review conference",
        },
        "list-8": {
            "became_looked_after": "Date Started to be Looked After",
            "interim_care_order_made": "Start date of current legal status",
            "placement_started": "Start Date of Most Recent Placement",
            "cla_review_held": "Date of Latest Statutory Review",
            "cla_visit_made": "Date of Last Social Work Visit",
            "health_assessment_completed": "Date of Last Health Assessment",
            "dental_check_held": "Date of Last Dental Check",
        },
    }
    nfa = "and coalesce(\"Referral NFA?\", '') not like 'a)%'"
    parts = [
        f'select "Child Unique ID" as child, \'{event}\' as event, count(*) from "{table}" '
        f"where {DAY.format(chr(34) + column + chr(34))} is not null {nfa if event == 'referral_received' else ''} group by 1"
        for table, events in columns.items()
        for event, column in events.items()
    ]
    return _counted(connection, " union all ".join(parts))
