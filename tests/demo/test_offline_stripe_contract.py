"""The offline Stripe against Stripe's contract: its answers, its parameters, its limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stakactl.demo.offline_stripe.params import Param, Tree, Type
from stakactl.demo.offline_stripe.resources import RESOURCES, all_operations
from stakactl.demo.offline_stripe.resources.event_types import EVENT_TYPES
from tests.contract import Contract, ContractError
from tests.demo.objects import one_of_each
from tests.demo.offline import Offline, offline

CONTRACT = Contract.load()

#: A form for each operation that needs one, and the id that it is about.
FORMS = {
    "POST /v1/customers": "email=a@b.fr&address[city]=Lyon&metadata[k]=v&preferred_locales[]=fr",
    "POST /v1/customers/{id}": "name=Jean&shipping[name]=J&shipping[address][line1]=1+rue",
    "POST /v1/payment_intents": "amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa",
    "POST /v1/payment_intents/{id}": "metadata[order_id]=1&amount=1200",
    "POST /v1/payment_intents/{id}/confirm": "payment_method=pm_card_visa",
    "POST /v1/payment_intents/{id}/capture": "amount_to_capture=1000",
    "POST /v1/payment_intents/{id}/cancel": "cancellation_reason=abandoned",
    "POST /v1/refunds": "charge=ch_1&amount=100&reason=duplicate",
    "POST /v1/refunds/{id}": "metadata[a]=b",
    "POST /v1/disputes/{id}": "evidence[customer_name]=Jean&submit=true",
    "POST /v1/checkout/sessions/{id}": "metadata[a]=b",
    "POST /v1/products": "name=Formation&marketing_features[0][name]=x",
    "POST /v1/products/{id}": "active=false&unit_label=",
    "POST /v1/prices": "currency=eur&product=prod_1&unit_amount=900&recurring[interval]=month",
    "POST /v1/prices/{id}": "nickname=n",
    "POST /v1/webhook_endpoints": (
        "url=https://example.com/h&enabled_events[]=*&api_version=2024-06-20"
    ),
    "POST /v1/webhook_endpoints/{id}": "disabled=true&enabled_events[]=charge.refunded",
}
IDS = {
    "balance_transaction": "txn_1",
    "charge": "ch_1",
    "checkout.session": "cs_live_1",
    "credit_note": "cn_1",
    "customer": "cus_1",
    "dispute": "dp_1",
    "event": "evt_1",
    "invoice": "in_1",
    "invoice_payment": "inpay_1",
    "payment_intent": "pi_1",
    "payout": "po_1",
    "price": "price_1",
    "product": "prod_1",
    "refund": "re_1",
    "setup_intent": "seti_1",
    "subscription": "sub_1",
    "webhook_endpoint": "we_1",
}
#: Actions that need an object in another state than the usual one.
SPECIAL_IDS = {
    "POST /v1/payment_intents/{id}": "pi_new",
    "POST /v1/payment_intents/{id}/confirm": "pi_new",
    "POST /v1/payment_intents/{id}/cancel": "pi_new",
    "POST /v1/payment_intents/{id}/capture": "pi_held",
    "DELETE /v1/products/{id}": "prod_2",
}
OPERATIONS = {f"{one.method} {one.path}": one for one in all_operations()}
OWNERS = {resource.path: resource.kind for resource in RESOURCES}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, one_of_each()) as running:
        yield running


def concrete(operation: str) -> str:
    path = operation.split(" ")[1]
    kind = OWNERS.get(path.split("/{id}")[0], "")
    return path.replace("{id}", SPECIAL_IDS.get(operation, IDS.get(kind, "")))


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_answer_is_one_of_the_contract(demo: Offline, operation: str) -> None:
    method, path = operation.split(" ")[0], concrete(operation)
    form = FORMS.get(operation, "")
    CONTRACT.check_request(method, path, form=form)
    answer = demo.ask(method, path, form)
    assert answer.status == 200, answer.body
    CONTRACT.check_response(method, path, answer.body)
    for event in demo.ask("GET", "/v1/events?limit=100").body["data"]:
        if event["id"] != "evt_1":
            CONTRACT.check_response("GET", f"/v1/events/{event['id']}", event)
            CONTRACT.check_object(event["data"]["object"])


def test_errors_are_errors_of_the_contract(demo: Offline) -> None:
    for path in ("/v1/customers/cus_none", "/v1/customers?limit=0", "/v1/customers?foo=1"):
        answer = demo.ask("GET", path)
        CONTRACT.check_response("GET", "/v1/customers", answer.body, status=answer.status)


def _contract_path(path: str) -> str:
    kind = OWNERS.get(path.split("/{id}")[0], "")
    return CONTRACT.template(path.replace("{id}", IDS.get(kind, "x")))


def test_what_is_not_implemented_is_an_unknown_url(demo: Offline) -> None:
    implemented = {
        (operation.method, _contract_path(operation.path)) for operation in OPERATIONS.values()
    }
    assert implemented <= set(CONTRACT.operations())
    for method, template in set(CONTRACT.operations()) - implemented:
        path = template.replace("{", "").replace("}", "_1")
        answer = demo.ask(method, path)
        assert answer.status == 404
        assert answer.error["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_parameters_are_those_of_the_contract(operation: str) -> None:
    """All of them: known with the right type, or said to be not offered; none invented."""
    one = OPERATIONS[operation]
    path = _contract_path(one.path)
    known = {param.name for param in one.params}
    in_contract = CONTRACT.parameters(one.method, path)
    if one.method == "GET":
        assert known <= in_contract
        missing = in_contract - known
        assert missing <= {"current_period_end", "current_period_start", "plan"}
    else:
        assert known | one.not_offered == in_contract
        assert not known & one.not_offered


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_parameter_types_and_choices_are_those_of_the_contract(operation: str) -> None:
    for param in OPERATIONS[operation].params:
        for value in param.choices or (_sample(param),):
            assert _complaints(operation, {param.name: value}) == [], param


def _complaints(operation: str, tree: Tree) -> list[str]:
    """What the contract has against these parameters; that others are missing does not count."""
    method, nothing = OPERATIONS[operation].method, Tree()
    query, form = (tree, nothing) if method == "GET" else (nothing, tree)
    try:
        CONTRACT.check_request(method, concrete(operation), query, form)
    except ContractError as error:
        return [line for line in str(error).splitlines()[1:] if not line.endswith("is missing")]
    return []


def _sample(param: Param) -> str | Tree:
    """A text or tree that the parameter takes."""
    match param.type:
        case Type.INTEGER | Type.RANGE:
            return str(param.minimum or 1)
        case Type.BOOLEAN:
            return "true"
        case Type.HASH:
            return {part.name: _sample(part) for part in param.fields}
        case Type.LIST:
            return {"0": "*" if param.name == "enabled_events" else _sample(param.fields[0])}
        case Type.METADATA:
            return {"key": "value"}
        case _:
            text = "2024-06-20" if param.name == "api_version" else "x"
            return param.choices[-1] if param.choices else text


def test_event_types_are_those_of_the_contract() -> None:
    for type in EVENT_TYPES:
        CONTRACT.check_object(CONTRACT.fixture("event") | {"type": type})
    assert len(EVENT_TYPES) == 275


def test_the_referee_itself_notices_what_is_wrong() -> None:
    good = CONTRACT.fixture("customer")
    CONTRACT.check_response("GET", "/v1/customers/cus_1", good)
    for bad in ({"created": "1"}, {"invented": 1}, {"object": "client"}):
        with pytest.raises(ContractError):
            CONTRACT.check_response("GET", "/v1/customers/cus_1", good | bad)
    CONTRACT.check_request("GET", "/v1/charges", "limit=3&created[gte]=5&expand[]=data.customer")
    for query in ("status=paid", "limit=many", "created[from]=1", "expand=x"):
        with pytest.raises(ContractError):
            CONTRACT.check_request("GET", "/v1/charges", query)
    with pytest.raises(ContractError, match="currency"):
        CONTRACT.check_request("POST", "/v1/payment_intents", form="amount=1")
