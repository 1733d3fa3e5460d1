"""Every command of the tree, in every format: one JSON object, safe CSV, a table that fits."""

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len
from typer.testing import Result

from stakactl.cli.app import load
from stakactl.cli.catalogue import COMMANDS
from stakactl.demo.offline_stripe.state import StripeState
from tests.cli.homes import ORDERS, ROOT, SETTINGS, envelope, invoke, write_env

DATA = ROOT / "tests" / "data"
ENVELOPE = jsonschema.Draft202012Validator(
    json.loads((DATA / "envelope.schema.json").read_text(encoding="utf-8"))
)
SCHEMAS = json.loads((DATA / "commands.schema.json").read_text(encoding="utf-8"))
#: Serves until it is stopped and prints no result.
WITHOUT_RESULT = {"demo serve"}
#: Needs a bucket, which the demo never has: its own tests hold it to its schema.
NOT_IN_THE_DEMO = {"storage archive"}

#: Where the demo world's application takes its events.
ENDPOINT = "https://librairie-demo.example/payments/webhook"
#: Who gets an invoice by hand.
BUYER = [
    *("--reference", "=QUOTE-1", "--name", "@Zoë", "--email", "zoe@example.com"),
    *("--address", "-1 rue du Bac", "--city", "+Paris", "--country", "FR"),
]
#: What each command is run with; {words} are ids of the demo world. All but `init` run with --demo.
CASES: dict[str, list[str]] = {
    "demo": ["--orders", str(ORDERS)],
    "demo seed": ["--orders", str(ORDERS)],
    "init": ["--from", "shop.env"],
    "config validate": [],
    "config show": [],
    "nightly": ["--yes"],
    "sync": [],
    "reconcile": [],
    "health": [],
    "explain": ["{troubled}"],
    "undo": ["{run}", "--yes"],
    "webhooks list": [],
    "webhooks register": ["--url", ENDPOINT, "--yes"],
    "webhooks verify": ["--url", ENDPOINT],
    "webhooks enable": ["--ours", "--url", ENDPOINT],
    "webhooks disable": ["--ours", "--url", ENDPOINT, "--yes"],
    "webhooks delete": ["{endpoint}", "--yes"],
    "webhooks rotate-secret": ["--url", ENDPOINT, "--secret-file", "secret.txt", "--yes"],
    "webhooks probe": ["--url", "http://127.0.0.1:9/hook"],
    "webhooks events": [],
    "webhooks replay": ["{event}"],
    "orders list": [],
    "orders show": ["{troubled}"],
    "orders import": ["more.csv", "--skip-bad"],
    "customers show": ["{buyer}"],
    "customers sync": ["{buyer}"],
    "customers annual": ["{buyer}"],
    "invoices create": [*BUYER, "--line", "=cmd|' /C calc'!A0;2;60,00;20", "--yes"],
    "invoices generate": ["--yes"],
    "invoices list": [],
    "invoices show": ["{invoice}"],
    "invoices pdf": ["{invoice}"],
    "invoices link": ["{invoice}"],
    "invoices upload": ["--yes"],
    "invoices verify": [],
    "invoices export": ["--zip", "q.zip", "--csv", "q.csv"],
    "invoices stats": [],
    "invoices mark": ["{unpaid}", "paid", "--yes"],
    "invoices send": ["{invoice}", "--to", "accounts@example.com", "--yes"],
    "invoices credit": ["{invoice}", "--amount", "0,50", "--reason", "=cmd", "--yes"],
    "invoices cancel": ["{invoice}", "--yes"],
    "storage check": [],
    "storage stats": [],
    "reminders list": [],
    "reminders send": ["--yes"],
    "reminders preview": ["{overdue}", "--step", "2"],
    "mail send": ["--yes"],
    "mail list": [],
    "mail retry": ["--id", "{mail}", "--yes"],
    "mail preview": ["invoice", "--order", "{invoice}"],
    "stats revenue": ["--timeframe", "90d", "--by", "week", "--chart"],
    "stats subscriptions": ["--timeframe", "90d", "--by", "month", "--chart"],
    "stats customers": ["--timeframe", "90d", "--by", "month", "--chart"],
    "runs list": [],
    "runs show": ["{run}"],
    "changes list": [],
    "maintenance on": ["--reason", "=cmd"],
    "maintenance off": [],
    "maintenance status": [],
    "checklist run": ["pre-deploy", "--assume", "answers.toml"],
    "checklist show": ["pre-deploy"],
    "rollback run": ["--url", ENDPOINT, "--reason", "=cmd", "--yes"],
    "rollback resume": ["--yes"],
    "rollback status": [],
    "backup create": [],
    "backup list": [],
    "backup verify": [],
    "backup restore": ["{backup}", "--replace", "--yes"],
    "backup thaw": [],
    "db init": [],
    "db upgrade": [],
    "db status": [],
}
#: The same commands where they have something else to say.
MORE_CASES = [
    ("config validate", ["--offline", "--only", "company.*,env", "--skip", "vat", "--verbose"]),
    ("nightly", ["--dry-run"]),
    ("sync", ["stripe"]),
    ("reconcile", ["--fix", "--no-sync"]),
    ("reconcile", ["--order", "{troubled}"]),
    ("reconcile", ["--plan-out", "new-plan.json"]),
    ("reconcile", ["--apply", "plan.json", "--yes"]),
    ("reconcile", ["--apply", "plan.json", "--dry-run"]),
    ("health", ["--alert", "--strict"]),
    ("explain", ["{invoice}", "--live"]),
    ("explain", ["{session}"]),
    ("explain", ["{payout}"]),
    ("explain", ["{finding}"]),
    ("explain", ["=HOSTILE-1"]),
    ("explain", ["@HOSTILE-2"]),
    ("undo", ["{run}", "--dry-run"]),
    ("webhooks register", ["--url", "https://other.example/", "--dry-run"]),
    ("webhooks register", ["--url", "https://other.example/", "--secret-file", "s.txt", "--yes"]),
    ("webhooks list", ["--url", ENDPOINT]),
    ("webhooks verify", ["--url", "https://other.example/"]),
    ("webhooks rotate-secret", ["--url", ENDPOINT, "--finish"]),
    ("webhooks events", ["--type", "payout.*", "--limit", "1"]),
    ("webhooks events", ["--since", "2012-01-01", "--until", "2012-01-31"]),
    ("webhooks replay", ["{event}", "evt_gone", "--dry-run"]),
    ("orders list", ["--search", "nothing is called like this"]),
    ("orders import", ["more.csv", "--skip-bad", "--dry-run"]),
    ("customers show", ["x@example.com", "--guest", "--offline"]),
    ("customers sync", ["{subscriber}", "--fix"]),
    ("customers sync", ["x@example.com", "--guest", "--fix", "--dry-run"]),
    ("customers annual", ["{subscriber}", "--html", "year.html", "--lang", "en"]),
    ("customers annual", ["{buyer}", "--year", "2012"]),
    ("invoices generate", ["--dry-run"]),
    ("invoices create", [*BUYER, "--line", "[bold]x[/];1;-5", "--line", "x;1;9", "--dry-run"]),
    ("invoices create", [*BUYER, "--line", "x;1;9", "--paid", "cash", "--no-mail", "--yes"]),
    ("invoices cancel", ["{invoice}", "--dry-run"]),
    ("invoices verify", ["{invoice}"]),
    ("invoices credit", ["{invoice}", "--dry-run"]),
    ("invoices mark", ["{unpaid}", "paid", "--dry-run"]),
    ("invoices list", ["--status", "paid", "--sort", "-total", "--since", "2020-01-01"]),
    ("invoices list", ["--kind", "credit_note", "--page", "7"]),
    ("invoices list", ["--limit", "2", "--page", "2"]),
    ("invoices export", ["--since", "2012-01-01", "--until", "2012-01-31", "--csv", "none.csv"]),
    ("backup restore", ["{backup}", "--dry-run"]),
    ("checklist run", ["rollback", "--url", ENDPOINT]),
    ("rollback run", ["--url", ENDPOINT, "--dry-run"]),
    ("backup thaw", ["--dry-run"]),
    ("rollback run", ["--url", ENDPOINT, "--notify", "--dry-run"]),
    ("maintenance on", ["--notify", "--dry-run"]),
    ("maintenance on", ["--notify", "--notify-since", "7d", "--yes"]),
    ("rollback resume", ["--dry-run"]),
    ("invoices stats", ["--timeframe", "7d"]),
    ("invoices stats", ["--since", "2012-01-01", "--until", "2012-01-31"]),
    ("storage check", ["--probe"]),
    ("reminders list", ["--due"]),
    ("reminders send", ["--dry-run"]),
    ("reminders preview", ["=HOSTILE-1", "--html", "letter.html"]),
    ("mail list", ["--status", "failed"]),
    ("mail send", ["--dry-run"]),
    ("mail retry", ["--id", "{mail}", "--dry-run"]),
    ("mail preview", ["nightly-report", "--html", "new-letter.html"]),
    ("invoices send", ["{invoice}", "--dry-run"]),
    ("stats revenue", ["--since", "2012-01-01", "--until", "2012-01-31", "--html", "none.html"]),
    ("stats revenue", ["--timeframe", "all", "--html", "all.html", "--lang", "en"]),
    ("stats customers", ["--since", "2012-01-01", "--until", "2012-01-31"]),
    ("stats customers", ["--timeframe", "all", "--html", "who.html", "--lang", "en"]),
    ("stats subscriptions", ["--since", "2012-01-01", "--until", "2012-01-31"]),
    ("stats subscriptions", ["--timeframe", "all", "--html", "subs.html", "--lang", "en"]),
]
#: These show what another command shows.
OTHER_SHAPES = {"nightly --dry-run": "reconcile", "mail send --dry-run": "mail list"}
#: What must have been typed before.
BEFORE = {"rollback resume": ["rollback", "run", "--demo", "--url", ENDPOINT, "--yes"]}
ANSWERS = """\
[tests]
answer = "yes"
comment = "=cmd|' /C calc'!A0 | <b> \\u001b[31m"
by = "@ci"
"""
HOSTILE = [
    {"order_id": "=HOSTILE-1", "customer_name": "=cmd|' /C calc'!A0", "title": "+33 +SUM(1;1)"},
    {"order_id": "@HOSTILE-2", "customer_name": "-2+3;=1+1", "title": "\x1b[31mred\x1b[0m\u202e"},
    {"order_id": "HOSTILE-3", "customer_name": "[bold]Ann[/]", "title": "\t=1+1"},
]
MORE = """\
order_id,created_at,status,amount_minor,currency,title,customer_email,customer_name
B-1,2026-01-01T10:00:00Z,pending,1200,eur,=Book,a@example.com,Ann
B-2,2026-01-01T10:00:00Z,=paid?,1200,eur,Book,a@example.com,Ann
"""


def _validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator({"$defs": SCHEMAS["$defs"], **schema})


def _tree(path: str, command: Any) -> Iterator[str]:
    children = getattr(command, "commands", {})
    if not children or command.invoke_without_command:
        yield path
    for name, child in children.items():
        yield from _tree(f"{path} {name}", child)


def _all_commands() -> list[str]:
    return [path for name, entry in COMMANDS.items() for path in _tree(name, load(name, entry))]


def test_every_command_has_a_case_and_a_schema() -> None:
    commands = set(_all_commands()) - WITHOUT_RESULT
    assert commands == set(CASES) | NOT_IN_THE_DEMO
    assert commands == set(SCHEMAS["commands"])
    parts = (part for shape in SCHEMAS["commands"].values() for part in shape.values())
    for schema in (ENVELOPE.schema, *SCHEMAS["$defs"].values(), *parts):
        ENVELOPE.check_schema(schema)


@pytest.fixture(scope="module")
def eventful_template(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo after a night, with hostile orders, a failed mail and files to take in."""
    folder = tmp_path_factory.mktemp("eventful")
    shutil.copytree(demo_template, folder, dirs_exist_ok=True)
    common = {"status": "pending", "currency": "eur", "amount_minor": 990}
    common |= {"created_at": "2026-01-01T00:00:00Z", "customer_email": "x@example.com"}
    common |= {"due_at": "2026-01-31T12:00:00Z"}
    rows = (json.dumps({**common, **row}) for row in HOSTILE)
    (folder / "hostile.ndjson").write_text("\n".join(rows), encoding="utf-8")
    (folder / "more.csv").write_text(MORE, encoding="utf-8")
    write_env(folder, {**SETTINGS, "JWT_SECRET": "x"})
    (folder / ".env").rename(folder / "shop.env")
    result = invoke(folder, "orders", "import", "hostile.ndjson", "--demo")
    assert result.exit_code == 0, result.output
    with sqlite3.connect(folder / "var/demo/stakactl.db") as connection:
        # A repair that is due again, so that a plan has something to name.
        connection.execute(
            "UPDATE orders SET dispute_status = NULL WHERE order_id IN"
            " (SELECT target_id FROM changes WHERE reason = 'DISPUTE_UNKNOWN')"
        )
        connection.commit()
        result = invoke(folder, "reconcile", "--demo", "--plan-out", "plan.json")
        assert result.exit_code == 1, result.output
        connection.execute("UPDATE outbox SET status = 'failed', error = '=no' WHERE mail_id = 1")
        connection.execute(
            "UPDATE invoices SET paid_at = NULL,"
            " snapshot = json_set(snapshot, '$.payment', json('null'))"
            " WHERE number = (SELECT max(number) FROM invoices)"
        )
    connection.close()
    (folder / "answers.toml").write_text(ANSWERS, encoding="utf-8")
    answered = ("checklist", "run", "pre-deploy", "--assume", "answers.toml", "--demo")
    for arguments in (("backup", "create", "--demo"), answered):
        result = invoke(folder, *arguments)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def eventful(eventful_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(eventful_template, tmp_path / "shop"))


def _run(folder: Path, command: str, arguments: list[str], output: str) -> Result:
    ids = _ids(folder / "var/demo/stakactl.db")
    if before := BEFORE.get(command):
        assert invoke(folder, *before).exit_code == 0
    shared = ["-o", output] + ([] if command == "init" else ["--demo"])
    filled = [argument.format(**ids) for argument in arguments]
    result = invoke(folder, *command.split(), *filled, *shared)
    assert result.exit_code in (0, 1, 6), result.output
    assert "Sentinel" not in result.output
    assert not {"\x1b", "\u202e", "\t"} & set(result.stdout + result.stderr)
    return result


def _ids(database: Path) -> dict[str, str]:
    queries = {
        "troubled": "SELECT order_id FROM findings WHERE order_id IS NOT NULL",
        "invoice": "SELECT number FROM invoices",
        "unpaid": "SELECT number FROM invoices WHERE paid_at IS NULL",
        "run": "SELECT run_id FROM changes",
        "session": "SELECT session_id FROM findings WHERE discrepancy = 'LINK_CONFLICT'",
        "finding": "SELECT finding_id FROM findings WHERE discrepancy = 'ORPHAN_PAYMENT'",
        "overdue": "SELECT number FROM stripe_invoices WHERE status = 'open' AND due_at > ''",
        "payout": "SELECT id FROM stripe_payouts",
        "buyer": "SELECT customer_id FROM orders WHERE order_id IN (SELECT order_id FROM findings)",
        "subscriber": "SELECT customer_id FROM stripe_subscriptions",
        "event": "SELECT id FROM stripe_events WHERE object_kind = 'charge' ORDER BY id",
        "mail": "SELECT mail_id FROM outbox WHERE status = 'failed'",
    }
    connection = sqlite3.connect(database)
    try:
        found = {
            name: str(connection.execute(query).fetchone()[0]) for name, query in queries.items()
        }
        backup = next(database.parent.glob("backups/*.zip")).stem
        endpoint = _endpoint(database.with_name("stripe.db"))
        return found | {"endpoint": endpoint, "backup": backup}
    finally:
        connection.close()


def _endpoint(stripe: Path) -> str:
    with StripeState(stripe) as state:
        (endpoint,) = state.list("webhook_endpoint").objects
    return str(endpoint["id"])


ALL = [*CASES.items(), *MORE_CASES]
NAMES = [" ".join([command, *arguments]) for command, arguments in ALL]
#: `demo` shows what `nightly` and `demo seed` show, and takes longer than all others.
SHOWN = [
    pytest.param(command, arguments, id=name, marks=[pytest.mark.soak] * (command == "demo"))
    for (command, arguments), name in zip(ALL, NAMES, strict=True)
]


@pytest.mark.parametrize(("command", "arguments"), SHOWN)
def test_json_is_one_object_of_the_commands_shape(
    command: str, arguments: list[str], eventful: Path
) -> None:
    result = _run(eventful, command, arguments, "json")
    found = envelope(result)
    ENVELOPE.validate(found)
    assert found["command"] == command
    assert found["mode"] == ("test" if command == "init" else "demo")
    assert found["started_at"] <= found["finished_at"]
    shape = SCHEMAS["commands"][OTHER_SHAPES.get(" ".join([command, *arguments]), command)]
    _validator(shape["summary"]).validate(found["summary"])
    _validator({"type": "array", "items": shape["item"]}).validate(found["items"])
    assert result.stderr == ""


@pytest.mark.parametrize(("command", "arguments"), SHOWN)
def test_csv_opens_in_a_spreadsheet_without_running_a_cell(
    command: str, arguments: list[str], eventful: Path
) -> None:
    result = _run(eventful, command, arguments, "csv")
    header, *rows = csv.reader(io.StringIO(result.stdout), strict=True)
    assert header
    assert all(header)
    assert len(set(header)) == len(header)
    for row in rows:
        assert len(row) == len(header)
        for cell in (part for text in row for part in text.split(";")):
            assert _is_number(cell) or cell[:1] not in tuple("=+-@\t\r"), cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("command", "arguments"), SHOWN)
def test_the_table_fits_eighty_columns(
    command: str, arguments: list[str], eventful: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    result = _run(eventful, command, arguments, "table")
    lines = result.stdout.splitlines()
    assert lines
    assert not [line for line in lines if cell_len(line) > 80]
    assert not [line for line in lines if line != line.rstrip()]
    assert result.stderr == ""


def test_an_error_is_one_object_too(demo_home: Path) -> None:
    for arguments in (["orders", "show", "nope", "--demo"], ["reconcile", "--class", "x", "--demo"],
                      ["orders", "list"], ["orders", "import", "nope.csv", "--demo"],
                      ["nightly", "--demo"]):  # fmt: skip
        result = invoke(demo_home, *arguments, "-o", "json")
        found = envelope(result)
        ENVELOPE.validate(found)
        assert found["mode"] == ("demo" if "--demo" in arguments else None)
        assert found["outcome"] == "error"
        assert found["error"]["hint"]
        assert result.stderr == ""
        assert result.exit_code in (2, 3, 5)
