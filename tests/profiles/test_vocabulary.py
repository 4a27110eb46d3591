"""One vocabulary: every word defined, every word used."""

from __future__ import annotations

from app.engine.facts import DATE_OF_BIRTH, DutySpec, EventSpec, FactSpec
from app.profiles.vocabulary import shared_vocabulary
from tests.profiles.packaged import profiles


def words(text: str) -> list[str]:
    return text.split()


FIXED_EVENTS = words("""
    contact_received referral_received referral_accepted assessment_allocated assessment_started
    assessment_authorised significant_harm_suspected strategy_discussion_held section_47_started section_47_completed
    child_in_need_identified cin_plan_started cin_meeting_held cin_review_held cin_visit_made icpc_scheduled icpc_held
    cp_plan_started core_group_held cp_visit_made rcpc_scheduled rcpc_held became_looked_after placement_started
    cla_visit_made cla_review_scheduled cla_review_held care_order_made pathway_plan_reviewed accommodation_changed
    case_supervision_held significant_event_occurred management_decision_made pregnancy_notified
    pre_proceedings_started ehc_assessment_requested fostering_enquiry_received adoption_enquiry_received
    police_protection_started emergency_protection_order_made care_proceedings_issued returned_from_missing
    transfer_in_notified case_allocated child_seen cp_plan_ended cin_plan_ended placement_ended
    ceased_to_be_looked_after case_closed
""")
FIXED_FACTS = words("""
    child_date_of_birth expected_delivery_date child_protection_concern serious_risk immediate_action_required
    penetrative_sexual_abuse_alleged staff_allegation complex_concerns section_47_initiated emergency_placement
    placement_type long_term_placement_agreed disability_team overnight_short_breaks disability_category
    child_protection_plan child_in_need_plan legal_status placement_started_on became_looked_after_on
    section_47_started_on first_review_held_on review_number
""")


OFFERED_EVENTS = frozenset(
    words("""
    early_help_started early_help_visit_made early_help_review_scheduled early_help_review_held early_help_ended
    allegation_meeting_held allegation_reviewed allegation_concluded
    conference_invitations_sent icpc_inquorate rcpc_inquorate icpc_postponed rcpc_postponed
    newborn_discharge_scheduled pre_discharge_meeting_held newborn_discharged
    placement_agreed_as_long_term senior_manager_approval_given
    exploitation_suspected exploitation_assessment_completed exploitation_meeting_held nrm_referral_made
    life_story_work_started life_story_book_given delegated_authority_agreed passport_applied_for
    savings_account_opened sdq_completed viability_assessment_requested viability_assessment_completed
""")
)
"""Words that no packaged paper needs and authors of further profiles did: early help, allegations, conferences."""
OFFERED_DUTIES = frozenset(
    words("""
    draw_up_early_help_plan visit_in_early_help review_early_help_plan end_early_help
    hold_allegation_meeting review_allegation conclude_allegation
    send_conference_invitations reconvene_conference hold_pre_discharge_meeting
    assess_exploitation hold_exploitation_meeting refer_to_nrm complete_viability_assessment
    start_life_story_work give_life_story_book agree_delegated_authority apply_for_passport
    open_savings_account complete_sdq
""")
)


def test_the_words_that_callers_rely_on_are_there() -> None:
    vocabulary = shared_vocabulary()
    assert not set(FIXED_EVENTS) - set(vocabulary.events)
    assert not set(FIXED_FACTS) - set(vocabulary.facts)
    assert "hold_icpc" in vocabulary.duties


def test_the_listed_facts_are_deciding_but_for_the_date_of_history() -> None:
    facts = shared_vocabulary().facts
    assert [name for name in FIXED_FACTS if not facts[name].deciding] == ["first_review_held_on"]


def test_every_event_is_used_by_some_profile() -> None:
    used: set[str] = set()
    for profile in profiles().values():
        for rule in profile.rules:
            used.update((*rule.events, *rule.restarts, *rule.discharged_by, *rule.ends_on))
    for episode in shared_vocabulary().episodes.values():
        used.update((*episode.opened_by, *episode.closed_by))
    assert set(shared_vocabulary().events) - used - OFFERED_EVENTS == set()
    assert set(shared_vocabulary().events) >= OFFERED_EVENTS


def test_every_fact_is_used_by_some_profile() -> None:
    used = {name for profile in profiles().values() for rule in profile.rules for name in rule.facts()}
    used |= {name for event in shared_vocabulary().events.values() for name in event.implies}
    for profile in profiles().values():
        for rule in profile.rules:
            if rule.discharged_when is not None:
                used |= rule.discharged_when.facts()
    left_by_events = {name for event in shared_vocabulary().events.values() for name in event.sets}
    assert not set(shared_vocabulary().facts) - used - left_by_events - {DATE_OF_BIRTH}


def test_every_duty_is_used_by_some_profile() -> None:
    used = {duty for profile in profiles().values() for rule in profile.rules for duty in rule.duties}
    assert set(shared_vocabulary().duties) - used - OFFERED_DUTIES == set()
    assert set(shared_vocabulary().duties) >= OFFERED_DUTIES


def test_every_word_is_defined_in_a_sentence() -> None:
    vocabulary = shared_vocabulary()
    specs: list[EventSpec | FactSpec | DutySpec] = []
    for words in (vocabulary.events, vocabulary.facts, vocabulary.duties):
        specs += words.values()
    for spec in specs:
        assert spec.definition.endswith("."), spec.key
        assert len(spec.definition.split()) >= 3, spec.key


def test_no_two_words_are_defined_alike() -> None:
    vocabulary = shared_vocabulary()
    for words in (vocabulary.events, vocabulary.facts, vocabulary.duties):
        definitions = [spec.definition.lower() for spec in words.values()]
        assert len(definitions) == len(set(definitions))
