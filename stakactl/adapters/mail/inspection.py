"""The letters as `config validate` sees them: each one written with sample data, none sent."""

from collections.abc import Callable, Iterator
from pathlib import Path

from stakactl.domain.invoicing import Company
from stakactl.domain.letters import Language
from stakactl.errors import ConfigurationError, StakactlError
from stakactl.operations.letters import sample_contents
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Clock, LetterWriter
from stakactl.operations.ports.inspection.here import LetterFacts, LetterSample

_SUFFIX = ".j2"


class LetterInspection:
    """A LetterInspector. `folder` is the user's own, `bundled` the one of ours; `open_writer`
    raises ConfigurationError where the settings of letters are no good."""

    def __init__(
        self,
        open_writer: Callable[[], LetterWriter],
        company: Company,
        clock: Clock,
        bundled: Path,
        folder: Path | None,
    ) -> None:
        self._open_writer = open_writer
        self._company = company
        self._clock = clock
        self._bundled = bundled
        self._folder = folder

    def letters(self) -> LetterFacts:
        writer = self._open_writer()
        own = _templates(self._folder) if self._folder else ()
        known = set(_templates(self._bundled))
        return LetterFacts(
            samples=tuple(
                sample for language in Language for sample in self._samples(writer, language)
            ),
            folder=str(self._folder) if self._folder else None,
            folder_exists=self._folder is not None and self._folder.is_dir(),
            own=own,
            taken=tuple(name for name in own if name in known),
        )

    def _samples(self, writer: LetterWriter, language: Language) -> Iterator[LetterSample]:
        now = self._clock.now()
        sampling = Sampling(self._company, language, now, self._clock.local_date(now))
        for content in sample_contents(sampling):
            name = f"{content.template}.{language}"
            try:
                writer.write(sampling.mail(content.kind), content)
            except StakactlError as error:
                yield LetterSample(name, error.message, error.hint or "")
            else:
                yield LetterSample(name)


def _templates(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in folder.glob(f"*{_SUFFIX}")))
    except OSError as error:
        raise ConfigurationError(
            f"the templates in {folder} cannot be read: {error.strerror}",
            hint="check NOTIFICATION_TEMPLATES_PATH and who may read the folder",
        ) from error
