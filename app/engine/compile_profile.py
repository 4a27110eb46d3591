"""Compile a profile: prepare each rule for every event that starts or restarts it."""

from __future__ import annotations

from datetime import date

from app.engine.citations import DatedWarning, NotComputable, Source
from app.engine.compiled_profile import ApplicableRule, ObligationTemplate, Profile, Reading, Rule, reading_texts
from app.engine.conditions import All, Unless
from app.engine.lasting_conditions import split_by_date_dependence
from app.engine.phases import NO_OVERRIDES, PhaseOverrides
from app.engine.series import Series
from app.engine.timing import Timing
from app.engine.vocabulary import Vocabulary

CLOSURES_COUNT = ", the council's own closure days counted"


def compile_profile(
    *,
    key: str,
    title: str,
    calendar: str,
    rules: tuple[Rule, ...],
    vocabulary: Vocabulary,
    warnings: tuple[DatedWarning, ...] = (),
    not_computable: tuple[NotComputable, ...] = (),
    in_force_from: date | None = None,
) -> Profile:
    """Index the rules by event, and each general rule by its exceptions."""
    by_event: dict[str, list[ApplicableRule]] = {}
    exceptions: dict[str, list[str]] = {}
    for rule in rules:
        if rule.exception_to is not None:
            exceptions.setdefault(rule.exception_to, []).append(rule.id)
    for rule in rules:
        others = tuple(exceptions.get(rule.id, ()))
        warned = tuple(item for item in warnings if item.document in rule.documents)
        for events, restarted in ((rule.events, False), (rule.restarts, True)):
            for event in events:
                noun = vocabulary.events[event].noun
                prepared = prepare_rule(rule, noun, restarted=restarted, exceptions=others, warnings=warned)
                by_event.setdefault(event, []).append(prepared)
    return Profile(
        key=key,
        title=title,
        calendar=calendar,
        rules=rules,
        vocabulary=vocabulary,
        warnings=warnings,
        not_computable=not_computable,
        in_force_from=in_force_from,
        by_event={event: tuple(prepared) for event, prepared in by_event.items()},
        exceptions={general: tuple(ids) for general, ids in exceptions.items()},
    )


def prepare_rule(
    rule: Rule,
    noun: str,
    *,
    restarted: bool,
    exceptions: tuple[str, ...] = (),
    warnings: tuple[DatedWarning, ...] = (),
) -> ApplicableRule:
    """Prepare a rule for one event, which the noun names; `warnings` are those about the documents that it cites."""
    counted = CLOSURES_COUNT if rule.closures_count and rule.closures_stated else ""
    descriptions = tuple(_in_words(reading.timing, noun, restarted=restarted) + counted for reading in rule.readings)
    described = list(zip(rule.readings, reading_texts(rule, descriptions), descriptions, strict=True))
    lasting, interval_condition = split_by_date_dependence(rule.when) if rule.recurring else (rule.when, None)
    owed = Unless(rule.not_owed_when) if rule.not_owed_when is not None else None
    tested = (lasting, rule.restart_when if restarted else None, owed)
    parts = tuple(part for part in tested if part is not None)
    condition = All(parts, any(part.depends_on_date for part in parts)) if len(parts) > 1 else next(iter(parts), None)
    return ApplicableRule(
        rule=rule,
        restarted=restarted,
        descriptions=descriptions,
        templates=tuple(_template(rule, reading, text, said, warnings) for reading, text, said in described),
        phase_templates=tuple(_phase_templates(rule, reading, text, noun, warnings) for reading, text, _ in described),
        condition=condition,
        interval_condition=interval_condition,
        exceptions=exceptions,
    )


def _in_words(timing: Timing | Series, noun: str, *, restarted: bool) -> str:
    # The opening of a series ("within 5 working days of the placement") says nothing of a visit that restarts it.
    return timing.describe(noun, restarted=restarted) if isinstance(timing, Series) else timing.describe(noun)


def _phase_templates(
    rule: Rule, reading: Reading, text: str, noun: str, warnings: tuple[DatedWarning, ...]
) -> dict[int, ObligationTemplate]:
    series = reading.timing
    if not isinstance(series, Series):
        return {}
    templates = {
        id(phase): _template(rule, reading, text, phase.describe(), warnings, phase.overrides)
        for phase in series.phases
    }
    if series.first is not None:
        opening = series.first.timing.describe(noun)
        templates[id(series.first)] = _template(rule, reading, text, opening, warnings, series.first.overrides)
    return templates


def _template(
    rule: Rule,
    reading: Reading,
    text: str,
    description: str,
    warnings: tuple[DatedWarning, ...],
    overrides: PhaseOverrides = NO_OVERRIDES,
) -> ObligationTemplate:
    understood = overrides.reading or rule.reading
    if text:
        understood = f"{text}; {understood}" if understood else text
    own = (reading.source,) if reading.source is not None else rule.sources
    document = own[0].document if own else ""
    return ObligationTemplate(
        rule=rule,
        phase=overrides.id or None,
        duty=overrides.duty or rule.duty,
        title=overrides.title or rule.title,
        responsible=overrides.responsible or rule.responsible,
        kind=reading.timing.kind,
        timing=description,
        strength=overrides.strength or rule.strength,
        basis=rule.basis,
        sources=tuple(Source(document, section) for section in overrides.sections) or own,
        reading=understood or None,
        warnings=warnings,
    )
