"""The bundled checklists, what a person's own file changes of them, and answers in a file."""

import json
from pathlib import Path

import pytest

from stakactl.adapters.checklists.answers import read_answers
from stakactl.adapters.checklists.inspection import ChecklistInspection
from stakactl.adapters.checklists.lists import load_checklists
from stakactl.domain.checklists import Answer, Item, ItemKind, ListName, OwnCheck, Reply
from stakactl.errors import ConfigurationError, UsageError
from stakactl.operations.ports.inspection.here import ChecklistFacts

PRE_DEPLOY = ListName.PRE_DEPLOY


def written(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def ids(own: Path | None = None, name: ListName = PRE_DEPLOY) -> list[str]:
    return [item.item_id for item in load_checklists(own)[name].items]


def item(own: Path, item_id: str, name: ListName = PRE_DEPLOY) -> Item:
    return next(each for each in load_checklists(own)[name].items if each.item_id == item_id)


def test_the_bundled_lists_are_those_of_the_seed() -> None:
    lists = load_checklists()
    assert list(lists) == list(ListName)
    kinds = {
        name: {each.item_id: each.kind.value[0] for each in checklist.items}
        for name, checklist in lists.items()
    }
    assert kinds == {
        "pre-deploy": {
            "tests": "m", "keys": "a", "webhook": "a", "environment": "a", "validated": "a",
        },
        "deploy": {
            "backup": "a", "deployed": "m", "reachable": "a", "webhook-test": "a", "dashboard": "m",
        },
        "post-deploy": {
            "monitoring": "a", "test-payment": "m", "user-flow": "m", "documentation": "m",
            "team": "m",
        },
        "rollback": {
            "webhooks": "a", "maintenance": "a", "backup": "a", "notified": "m",
            "previous-version": "m", "normal": "a",
        },
    }  # fmt: skip
    used = {check for each in lists.values() for one in each.items for check in one.own_checks}
    assert used == set(OwnCheck)


def test_an_item_is_added_replaced_and_switched_off(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        '[pre-deploy.load-test]\ntitle = "The  load test\\npassed"\nkind = "manual"\n'
        'before = "validated"\nhint = "ask Zoë"\n'
        "[pre-deploy.environment]\nenabled = false\n"
        '[pre-deploy.tests]\ntitle = "The pipeline is green"\n'
        '[pre-deploy.webhook]\ntitle = "A webhook"\nkind = "automatic"\n'
        'checks = ["webhook.set"]\nown_checks = ["maintenance.off"]\nafter = ["tests"]\n'
        '[deploy.last]\ntitle = "x"\nkind = "manual"\n',
    )
    assert ids(own) == ["tests", "keys", "webhook", "load-test", "validated"]
    assert ids(own, ListName.DEPLOY)[-1] == "last"
    assert ids(own, ListName.ROLLBACK) == ids(name=ListName.ROLLBACK)
    added = Item("load-test", "The load test passed", ItemKind.MANUAL, hint="ask Zoë")
    assert item(own, "load-test") == added
    assert item(own, "tests") == Item("tests", "The pipeline is green", ItemKind.MANUAL)
    assert item(own, "webhook") == Item(
        "webhook",
        "A webhook",
        ItemKind.AUTOMATIC,
        ("webhook.set",),
        (OwnCheck.MAINTENANCE_OFF,),
        after=("tests",),
    )


def test_nothing_waits_for_an_item_that_is_switched_off(tmp_path: Path) -> None:
    own = written(tmp_path, "[deploy.deployed]\nenabled = false\n")
    assert item(own, "dashboard", ListName.DEPLOY).after == ()


NEW = '[deploy.x]\ntitle = "x"\nkind = "{}"\n'
MANUAL, AUTOMATIC = NEW.format("manual"), NEW.format("automatic")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[deploi.x]\ntitle = 'x'", "[deploi] is no checklist; there are pre-deploy, deploy,"),
        ("deploy = 1", "deploy has no items; write [deploy.load-test]"),
        ("[deploy]\nx = 1", "deploy has no items"),
        ("[deploy.x]\ntitle = 'x'", "[deploy.x] kind must be there"),
        ("[deploy.x]\nstrict = true", "[deploy.x] title and kind must be there"),
        ("[deploy.X_Y]\ntitle = 'x'\nkind = 'manual'", "[deploy.X_Y] an id is made of"),
        (MANUAL + "run = 'rm -rf /'", "[deploy.x] there is no field run; there are title,"),
        (MANUAL + "hint = ' '", "hint is a text"),
        (MANUAL + f"hint = '{'x' * 201}'", "hint is longer than 200"),
        (MANUAL + "checks = ['stripe']", "a manual item has no checks"),
        (MANUAL + "once = true", "a manual item has no once"),
        (MANUAL + "strict = 1", "strict is true or false"),
        (MANUAL + "after = 'backup'", "after is a list of texts"),
        (MANUAL + "after = ['later']", "after: later is no earlier item"),
        (MANUAL + "after = ['x']", "after: x is no earlier item"),
        (MANUAL + "before = 'nothing'", "before: there is no item nothing"),
        (AUTOMATIC, "an automatic item needs checks or own_checks"),
        (AUTOMATIC + "checks = ['strip']", "checks: 'strip' fits no check of config validate (did"),
        (AUTOMATIC + "own_checks = ['shell']", "there is no shell; there are backup.recent,"),
        (AUTOMATIC + "checks = ['stripe']\nneeded = ['stripe']", "needed: there is no check"),
        (NEW.format("robot"), "kind is automatic or manual"),
        ("\n".join(f"[rollback.{each}]\nenabled = false" for each in (
            "webhooks maintenance backup notified previous-version normal".split()
        )), "[rollback] has no item left"),
        ("[deploy.x", "cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    own = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_checklists(own)
    assert said in caught.value.message
    assert str(own) in caught.value.message
    assert "CHECKLISTS_PATH" in (caught.value.hint or "")


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    own = written(tmp_path, "[deploy.x]\ny = 1\nkind = 'z'\n[nothing.x]\nz = 1\n")
    with pytest.raises(ConfigurationError) as caught:
        load_checklists(own)
    assert caught.value.message.count(";") >= 2


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_checklists(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_checklists(tmp_path / "b.toml")


def test_what_config_validate_sees(tmp_path: Path) -> None:
    own = written(tmp_path, "[post-deploy.team]\nenabled = false\n")
    assert ChecklistInspection(None).lists() == ChecklistFacts(4, 21, None)
    assert ChecklistInspection(own).lists() == ChecklistFacts(4, 20, str(own))


# -- answers

POST = load_checklists()[ListName.POST_DEPLOY]


def test_answers_in_toml_and_in_json(tmp_path: Path) -> None:
    toml = written(
        tmp_path,
        'team = "skip"\ndocumentation = true\n[test-payment]\nanswer = "no"\n'
        'comment = "declined\\n twice"\nby = "ci"\n',
    )
    answers = {
        "team": Answer(Reply.SKIP),
        "documentation": Answer(Reply.YES),
        "test-payment": Answer(Reply.NO, "declined twice", "ci"),
    }
    assert read_answers(toml, POST) == answers
    said = {"answer": "no", "comment": "declined twice", "by": "ci"}
    text = json.dumps({"team": "skip", "documentation": True, "test-payment": said})
    assert read_answers(written(tmp_path, text, "answers.JSON"), POST) == answers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('teem = "yes"', "post-deploy has no item teem; it has test-payment, user-flow,"),
        ('monitoring = "yes"', "monitoring is automatic: it is looked at, not answered"),
        ('team = "maybe"', 'team.answer is "maybe"'),
        ("team = 1", "team.answer is 1"),
        ("team = 2026-01-01", 'team.answer is "2026-01-01"'),
        ('[team]\ncomment = "x"', "team has no answer"),
        ('[team]\nanswer = "yes"\nwho = "x"', "team.who is no field"),
        ('[team]\nanswer = "yes"\nby = 1', "team.by is a text"),
        (f'[team]\nanswer = "yes"\ncomment = "{"x" * 501}"', "longer than 500"),
        ("team = ", "cannot be read: Invalid value (at end of document)"),
    ],
)
def test_answers_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_answers(path, POST)
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_answers_that_are_no_object_or_not_there(tmp_path: Path) -> None:
    for path in (written(tmp_path, "[]", "a.json"), tmp_path / "none.toml"):
        with pytest.raises(UsageError, match=r"--assume .*(no JSON object|No such file)"):
            read_answers(path, POST)
