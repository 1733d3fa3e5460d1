import importlib
import pkgutil
from collections.abc import Iterator

import pytest
import stripe
import stripe.oauth_error

from stakactl.adapters.stripe.errors import explain, is_mapped, redact

for module in pkgutil.iter_modules(stripe.__path__):
    if "error" in module.name:
        importlib.import_module(f"stripe.{module.name}")


def descendants(cls: type[BaseException]) -> Iterator[type[BaseException]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__.partition(".")[0] == "stripe":
            yield from descendants(child)


EXCEPTIONS = sorted(set(descendants(stripe.StripeError)), key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda cls: cls.__qualname__)
def test_every_exception_of_the_sdk_is_mapped(exception: type[BaseException]) -> None:
    assert is_mapped(exception.__name__), f"errors.py must say what {exception} means"


def test_the_walk_sees_the_exceptions() -> None:
    for seen in (stripe.AuthenticationError, stripe.oauth_error.InvalidGrantError):
        assert seen in EXCEPTIONS
    assert len(EXCEPTIONS) > 30


def test_an_exception_that_nobody_knows_is_named_by_its_ancestor() -> None:
    class Fresh(stripe.RateLimitError):
        pass

    fault = explain(Fresh("Slow down.", http_status=429), "sk_test_x")
    assert fault.message == "too many requests: Slow down. [HTTP 429]"
    assert fault.transient


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_51AbCdEf",
        "sk_test_51AbCdEf",
        "rk_live_51AbCdEf",
        "sk_org_live_51AbCdEf",
        "sk_51AbCdEf",
        "whsec_51AbCdEf",
        "pi_3Xyz_secret_51AbCdEf",
        "cs_test_a1_secret_51AbCdEf",
        "sk_live_********51AbCdEf",
    ],
)
@pytest.mark.parametrize("around", ["{}", "key '{}'.", "Bearer {}", "a={}&b", "x_{}", "({})"])
def test_secrets_do_not_survive(secret: str, around: str) -> None:
    assert "51AbCdEf" not in redact(around.format(secret))


def test_a_key_of_any_form_does_not_survive() -> None:
    assert redact("Bearer sk_live_ab.c-d/e!", "sk_live_ab.c-d/e!") == "Bearer ***"


@pytest.mark.parametrize("text", ["rak_charge_read", "task_force", "disk_space", "pi_3Xyz"])
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text
