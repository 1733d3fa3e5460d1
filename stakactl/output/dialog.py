"""Going through a list on a terminal: what became of each item, and the questions, on stderr."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from stakactl.domain.checklists import MAX_COMMENT, Answer, ItemRecord, ItemState, Reply
from stakactl.output.tables import make_console
from stakactl.output.text import clean, plain
from stakactl.output.view import STATES

if TYPE_CHECKING:
    from rich.console import Console

_REPLIES = {
    **dict.fromkeys("y yes o oui".split(), Reply.YES),
    **dict.fromkeys("n no non".split(), Reply.NO),
    **dict.fromkeys("s skip na n/a".split(), Reply.SKIP),
}
_QUESTION = "[y]es [n]o [s]kip, and a comment if any; Enter: later > "
_WHY = "Why? > "
_HELP = "Begin with yes, no or skip (it does not apply), then the comment."


class Dialog:
    """A Person on this terminal. When the input ends, the rest is left for later. `typed` makes
    of a hint what has to be typed here."""

    def __init__(self, typed: Callable[[str], str] = str) -> None:
        self._typed = typed
        self._console: Console = make_console(sys.stderr)
        self._is_over = False

    def tell(self, item: ItemRecord, place: str) -> None:
        self._heading(item, place, item.state)
        for text in filter(None, (_said(item), item.detail)):
            self._line(plain(text))
        if item.hint and not item.state.is_closed:
            self._line(Text("→ ", "cyan").append(clean(self._typed(item.hint))))

    def ask(self, item: ItemRecord, place: str) -> Answer | None:
        if self._is_over:
            return None
        self._heading(item, place, None)
        if item.answer is not None:
            self._line(plain(f"so far {_said(item)}"))
        if item.hint:
            self._line(Text("→ ", "cyan").append(clean(self._typed(item.hint))))
        while line := self._read(_QUESTION):
            word, _, comment = line.partition(" ")
            reply = _REPLIES.get(word.rstrip(",:;.").lower())
            if reply is None:
                self._line(plain(_HELP))
                continue
            if reply is not Reply.YES and not comment:
                comment = self._read(_WHY)
            if len(comment) <= MAX_COMMENT:
                return Answer(reply, comment)
            self._line(plain(f"The comment is longer than {MAX_COMMENT} characters."))
        return None

    def _heading(self, item: ItemRecord, place: str, state: ItemState | None) -> None:
        text = Text(place, "dim").append(f"  {clean(item.title)}", "bold")
        if state is not None:
            text.append(": ").append(state, STATES.get(state, ""))
        self._console.print(text)

    def _line(self, text: Text) -> None:
        self._console.print(Padding(text, (0, 0, 0, 5), expand=False))

    def _read(self, prompt: str) -> str:
        """One line without what a terminal should not show; "" for none."""
        sys.stderr.write(f"     {prompt}")
        sys.stderr.flush()
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            raise
        except UnicodeDecodeError:
            return "?"
        if not line:
            self._is_over = True
            sys.stderr.write("\n")
        return " ".join(clean(line).split())


def _said(item: ItemRecord) -> str:
    if item.answer is None:
        return ""
    at = f" on {item.noted_at:%Y-%m-%d %H:%M} UTC" if item.noted_at else ""
    return f"{item.answer}, by {item.by}{at}{f': {item.comment}' if item.comment else ''}"
