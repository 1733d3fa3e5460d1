"""`settings.*`: every setting present and well formed, all problems at once."""

from collections.abc import Iterator

from stakactl.domain.checks import Severity, Verdict, failed, passed
from stakactl.operations.ports.inspection.here import SettingsFacts
from stakactl.operations.validate.checks import Check, Found, Reading

SETTINGS: Reading[SettingsFacts] = Reading(
    "the settings", lambda inspection, found: inspection.settings.facts(), local=True
)

_KEY = "STRIPE_SECRET_KEY"


def _valid(found: Found) -> list[Verdict]:
    """One verdict per setting: wrong ones first, then those that are good."""
    facts = found[SETTINGS]
    verdicts = [
        failed(
            problem.reason,
            problem.hint or _correct(facts, problem.setting),
            subject=problem.setting,
        )
        for problem in facts.problems
    ]
    verdicts += [
        passed("is well formed", subject=name) for name in facts.given if name not in facts.wrong
    ]
    return verdicts or [passed("none is set, so all have their defaults")]


def _correct(facts: SettingsFacts, setting: str) -> str:
    origin = facts.origins.get(setting, "")
    return f"correct {setting}{f' in {origin}' if origin else ''}; .env.example explains it"


def _present(found: Found) -> Verdict:
    """What nothing works without."""
    facts = found[SETTINGS]
    if _KEY in facts.given or _KEY in facts.wrong:
        return passed("is set", subject=_KEY)
    return failed(
        "is not set",
        f"set {_KEY}=sk_… from https://dashboard.stripe.com/apikeys; "
        "`stakactl init` writes a settings file",
        subject=_KEY,
    )


def _remarks(found: Found) -> list[Verdict]:
    return list(_warned(found[SETTINGS])) or [passed("nothing needs a second look")]


def _warned(facts: SettingsFacts) -> Iterator[Verdict]:
    for warning in facts.warnings:
        origin = facts.origins.get(warning.setting, "")
        hint = f"correct {warning.setting or 'it'}{f' in {origin}' if origin else ''}"
        yield failed(warning.text, f"{hint}, or leave it out", subject=warning.setting)


CHECKS: tuple[Check, ...] = (
    Check("settings.present", "Needed settings are set", _present, (SETTINGS,)),
    Check(
        "settings.valid",
        "Settings are well formed and fit together",
        _valid,
        (SETTINGS,),
        answers_for=SETTINGS,
    ),
    Check(
        "settings.remarks",
        "Settings have the effect that they seem to have",
        _remarks,
        (SETTINGS,),
        severity=Severity.WARNING,
    ),
)
