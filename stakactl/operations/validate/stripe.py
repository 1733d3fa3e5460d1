"""`stripe.*`: the keys, the account behind them, what they may do, the prices, the clock.

Nothing waits for the account but what is about it: with a slow Stripe everything is asked at once.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped, unknown
from stakactl.domain.stripe_account import AccountState, Price, WantedPrice, price_faults
from stakactl.domain.stripe_objects import Absence
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.stripe import (
    AccountAnswer,
    Refusal,
    StripeArea,
    StripeExpectations,
    StripeInspector,
)
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading

_KEYS = "Dashboard → Developers → API keys"
_ACCOUNT = "https://dashboard.stripe.com/account/status"
#: Stripe's signatures are good for 300 s: a clock that is off by a minute is a fifth of the way.
_CLOCK_WRONG, _CLOCK_ODD = timedelta(seconds=60), timedelta(seconds=5)

# Readings


def _stripe(inspection: Inspection) -> StripeInspector:
    if inspection.stripe is None:
        raise NotWanted("STRIPE_SECRET_KEY is not set")
    return inspection.stripe


EXPECTED: Reading[StripeExpectations] = Reading(
    "the keys", lambda inspection, found: _stripe(inspection).expectations, local=True
)
ACCOUNT: Reading[AccountAnswer] = Reading(
    "the account", lambda inspection, found: _stripe(inspection).account()
)


def _reading_of_right(area: StripeArea) -> Reading[Refusal | None]:
    def ask(inspection: Inspection, found: Found) -> Refusal | None:
        """Only restricted keys are refused anything."""
        stripe = _stripe(inspection)
        return stripe.may_read(area) if stripe.expectations.restricted else None

    return Reading(f"the right to read {area.value}", ask)


def _may_write(inspection: Inspection, found: Found) -> Refusal | None:
    stripe = _stripe(inspection)
    return stripe.may_write_endpoints() if stripe.expectations.restricted else None


RIGHTS = {area: _reading_of_right(area) for area in StripeArea}
WRITE_RIGHT: Reading[Refusal | None] = Reading("the right to change endpoints", _may_write)
_ENDPOINTS = (RIGHTS[StripeArea.WEBHOOK_ENDPOINTS], WRITE_RIGHT)
_LISTS = tuple(reading for reading in RIGHTS.values() if reading not in _ENDPOINTS)

_Of = Callable[[StripeExpectations], WantedPrice | None]


def _reading_of_price(setting: str, wanted: _Of) -> Reading[Price | Absence]:
    def ask(inspection: Inspection, found: Found) -> Price | Absence:
        stripe = _stripe(inspection)
        price = wanted(stripe.expectations)
        if price is None:
            raise NotWanted(f"{setting} is not set, or not well formed")
        return stripe.price(price.id)

    return Reading(f"the price of {setting}", ask)


# Judgements


def _mode(found: Found) -> Verdict:
    expected = found[EXPECTED]
    key = f"a {'restricted' if expected.restricted else 'secret'} {_named(expected.livemode)} key"
    if expected.production and not expected.livemode:
        return failed(
            f"{key}, and APP_ENV or NODE_ENV says production",
            f"set STRIPE_SECRET_KEY to the live key: {_KEYS}",
        )
    return passed(key)


def _publishable(found: Found) -> Verdict:
    expected = found[EXPECTED]
    if expected.publishable_livemode is None:
        return skipped("STRIPE_PUBLISHABLE_KEY is not set, or not well formed")
    public, secret = _named(expected.publishable_livemode), _named(expected.livemode)
    if public != secret:
        return failed(
            f"the publishable key is a {public} one, the secret key a {secret} one",
            f"set STRIPE_PUBLISHABLE_KEY to pk_{secret}_…: {_KEYS}",
        )
    return passed(f"both keys are {public} keys")


def _named(livemode: bool) -> str:
    return "live" if livemode else "test"


def _reachable(found: Found) -> Verdict:
    account = found[ACCOUNT].account
    if account is None:
        return passed("Stripe answers; the key may not read its account")
    return passed(f"{account.id} ({account.name})" if account.name else account.id)


def _of_account(judge: Callable[[AccountState], Verdict]) -> Callable[[Found], Verdict]:
    def judge_found(found: Found) -> Verdict:
        answer = found[ACCOUNT]
        if answer.account is None:
            return unknown(answer.refusal, f"look at {_ACCOUNT}")
        return judge(answer.account)

    return judge_found


def _charges(account: AccountState) -> Verdict:
    if account.charges_enabled:
        return passed("the account can charge")
    return failed(f"the account cannot charge{_why(account)}", f"settle it at {_ACCOUNT}")


def _payouts(account: AccountState) -> Verdict:
    if account.payouts_enabled:
        return passed("payouts go out")
    return failed(f"no payouts go out{_why(account)}", f"settle it at {_ACCOUNT}")


def _why(account: AccountState) -> str:
    reason = account.requirements.disabled_reason
    return f": {reason}" if reason else ""


def _overdue(account: AccountState) -> Verdict:
    wanted = account.requirements
    if not wanted.past_due and wanted.disabled_reason is None:
        return passed("nothing is overdue")
    reason = f"restricted: {wanted.disabled_reason}" if wanted.disabled_reason else ""
    overdue = f"overdue: {', '.join(wanted.past_due)}" if wanted.past_due else ""
    return failed("; ".join(filter(None, (reason, overdue))), f"hand it in at {_ACCOUNT}")


def _due(account: AccountState) -> Verdict:
    wanted = account.requirements
    if wanted.due:
        by = f" by {wanted.due_at.date().isoformat()}" if wanted.due_at else ""
        return failed(f"due{by}: {', '.join(wanted.due)}", f"hand it in at {_ACCOUNT}")
    if wanted.pending:
        return passed(f"nothing is due; being verified: {', '.join(wanted.pending)}")
    return passed("nothing is due")


def _rights(*readings: Reading[Refusal | None]) -> Callable[[Found], list[Verdict]]:
    def judge(found: Found) -> list[Verdict]:
        if not found[EXPECTED].restricted:
            return [passed("a secret key may do everything")]
        refusals = [refusal for reading in readings if (refusal := found[reading]) is not None]
        if not refusals:
            return [passed(f"the restricted key has all {len(readings)} that were asked for")]
        return list(_missing(refusals))

    return judge


def _missing(refusals: list[Refusal]) -> Iterator[Verdict]:
    """One verdict per permission, which may be that of several lists."""
    lists: dict[str, list[str]] = {}
    for refusal in refusals:
        lists.setdefault(refusal.permission or refusal.area.value, []).append(refusal.area.value)
    for permission, areas in lists.items():
        yield failed(
            f"the restricted key lacks {permission}, for {', '.join(areas)}",
            f"give it that permission: {_KEYS} → edit the key",
            subject=permission,
        )


def _price_check(id: str, title: str, setting: str, of: _Of) -> Check:
    reading = _reading_of_price(setting, of)

    def judge(found: Found) -> list[Verdict]:
        price, wanted = found[reading], of(found[EXPECTED])
        if wanted is None:
            return [skipped(f"{setting} is not set")]
        return _judge_price(price, wanted, found[EXPECTED].livemode)

    return Check(id, title, judge, (EXPECTED, reading))


def _judge_price(price: Price | Absence, wanted: WantedPrice, livemode: bool) -> list[Verdict]:
    if isinstance(price, Absence):
        return [_absent(price, wanted, livemode)]
    faults = [failed(fault.seen, fault.hint) for fault in price_faults(price, wanted)]
    if faults:
        return faults
    return [passed(f"{price.id}: {price.amount} {price.period}")]


def _absent(absence: Absence, wanted: WantedPrice, livemode: bool) -> Verdict:
    here, there = _named(livemode), _named(not livemode)
    if absence is Absence.OTHER_MODE:
        return failed(
            f"{wanted.id} is a price of {there} mode, the key is a {here} one",
            f"set {wanted.setting} to the price of {here} mode",
        )
    return failed(
        f"{wanted.id} does not exist in this account",
        f"set {wanted.setting} to a price from the dashboard's product catalogue",
    )


def _clock(least: timedelta, most: timedelta) -> Callable[[Found], Verdict]:
    """Fails from `least` on; from `most` on the other of the two checks tells it."""

    def judge(found: Found) -> Verdict:
        clock = found[ACCOUNT].clock
        if clock is None:
            return unknown("Stripe's answer had no date")
        offset, size = clock.offset, abs(clock.offset)
        if size >= most:
            return skipped(f"off by {size.total_seconds():.0f} s (stripe.clock)")
        if size < least:
            return passed(f"less than {least.total_seconds():.0f} s from Stripe's")
        side = "ahead of" if offset > timedelta() else "behind"
        return failed(
            f"this machine is {size.total_seconds():.0f} s {side} Stripe; signatures of webhooks "
            "are refused from 300 s on",
            "set the clock: timedatectl set-ntp true",
        )

    return judge


CHECKS: tuple[Check, ...] = (
    Check("stripe.key.mode", "The secret key has the mode of this environment", _mode, (EXPECTED,)),
    Check("stripe.key.publishable", "Both keys have one mode", _publishable, (EXPECTED,)),
    Check("stripe.reachable", "Stripe answers", _reachable, (ACCOUNT,), answers_for=ACCOUNT),
    Check("stripe.account.charges", "The account can charge", _of_account(_charges), (ACCOUNT,)),
    Check("stripe.account.payouts", "Payouts go out", _of_account(_payouts), (ACCOUNT,)),
    Check(
        "stripe.account.requirements",
        "Stripe misses nothing that is overdue",
        _of_account(_overdue),
        (ACCOUNT,),
    ),
    Check(
        "stripe.account.due",
        "Stripe waits for nothing",
        _of_account(_due),
        (ACCOUNT,),
        Severity.WARNING,
    ),
    Check(
        "stripe.permissions",
        "The key may read what reconciling needs",
        _rights(*_LISTS),
        (EXPECTED, *_LISTS),
    ),
    Check(
        "stripe.permissions.webhooks",
        "The key may list and change webhook endpoints",
        _rights(*_ENDPOINTS),
        (EXPECTED, *_ENDPOINTS),
        Severity.WARNING,
    ),
    _price_check(
        "stripe.price.monthly",
        "The monthly price can be charged",
        "STRIPE_PRICE_MONTHLY",
        lambda expected: expected.monthly,
    ),
    _price_check(
        "stripe.price.yearly",
        "The yearly price can be charged",
        "STRIPE_PRICE_YEARLY",
        lambda expected: expected.yearly,
    ),
    Check(
        "stripe.clock",
        "The clock is right enough for signatures",
        _clock(_CLOCK_WRONG, timedelta.max),
        (ACCOUNT,),
    ),
    Check(
        "stripe.clock.skew",
        "The clock is right",
        _clock(_CLOCK_ODD, _CLOCK_WRONG),
        (ACCOUNT,),
        Severity.WARNING,
    ),
)
