"""Letters are tried with sample data, from the templates that the settings name."""

from pathlib import Path

import pytest

from stakactl.adapters.mail.inspection import LetterInspection
from stakactl.adapters.resources import templates_dir
from stakactl.adapters.system import SystemClock
from stakactl.config import Settings
from stakactl.domain.mail import MailKind
from stakactl.domain.reminders import Tone
from stakactl.operations.ports.inspection.here import LetterFacts
from stakactl.wiring.letters import open_letters


def looked(tmp_path: Path, folder: Path | None = None) -> LetterFacts:
    clock = SystemClock("Europe/Paris")
    settings = Settings.for_demo(tmp_path)
    if folder is not None:
        settings = settings.model_copy(update={"notification_templates_path": folder})
    return LetterInspection(
        lambda: open_letters(settings, clock),
        settings.company(),
        clock,
        templates_dir() / "letters",
        settings.templates,
    ).letters()


def test_the_bundled_letters_can_be_written_in_both_languages(tmp_path: Path) -> None:
    found = looked(tmp_path)
    stems = {sample.name.rpartition(".")[0] for sample in found.samples}
    for kind in MailKind:
        assert any(stem.startswith(kind) for stem in stems), f"no sample of {kind}"
    assert {f"reminder-{tone}" for tone in Tone} <= stems
    assert {sample.name for sample in found.samples} == {
        f"{stem}.{language}" for stem in stems for language in ("fr", "en")
    }
    assert {sample.problem for sample in found.samples} == {""}
    assert found.folder is None


def test_a_template_of_your_own_that_does_not_work_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "invoice.fr.txt.j2").write_text("Bonjour\n{{ nom }}\n", encoding="utf-8")
    samples = {sample.name: sample for sample in looked(tmp_path, tmp_path).samples}
    french, english = samples["invoice.fr"], samples["invoice.en"]
    assert "invoice.fr.txt.j2" in french.problem
    assert "nom" in french.problem
    assert french.hint
    assert english.problem == ""


def test_templates_run_in_a_sandbox(tmp_path: Path) -> None:
    escape = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    (tmp_path / "invoice.fr.txt.j2").write_text(escape, encoding="utf-8")
    assert "unsafe" in looked(tmp_path, tmp_path).samples[0].problem


@pytest.mark.parametrize("name", ["invoice.fr.hbs", "nested/invoice.fr.txt.j2"])
def test_files_that_are_no_letters_are_not_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{{nom}}", encoding="utf-8")
    found = looked(tmp_path, tmp_path)
    assert found.folder_exists
    assert (found.own, found.taken) == ((), ())
    assert {sample.problem for sample in found.samples} == {""}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    found = looked(tmp_path, tmp_path / "nowhere")
    assert not found.folder_exists
    assert {sample.problem for sample in found.samples} == {""}


def test_a_template_that_is_taken(tmp_path: Path) -> None:
    for name in ("invoice.fr.txt.j2", "_footer.j2"):
        (tmp_path / name).write_text("Bonjour {{ name }}", encoding="utf-8")
    found = looked(tmp_path, tmp_path)
    assert found.own == ("_footer.j2", "invoice.fr.txt.j2")
    assert found.taken == ("invoice.fr.txt.j2",)
