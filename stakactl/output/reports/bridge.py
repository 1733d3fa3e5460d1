"""The bridge: a column per settlement currency for people, a record for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from stakactl.domain.bridge import Bridge, Presentment
from stakactl.domain.money import Money
from stakactl.operations.bridge import BridgeReport
from stakactl.output.view import Cell, Section

#: What each line is called, and the attribute of the bridge that it shows.
_LINES = (
    ("opening balance", "opening"),
    ("+ gross", "gross"),
    ("- refunds", "refunds"),
    ("- disputes", "disputes"),
    ("- fees", "fees"),
    ("+ other", "other"),
    ("- payouts", "payouts"),
    ("= closing balance", "closing"),
    ("residual", "residual"),
)
_LABEL = max(len(label) for label, _ in _LINES)
_WIDTH = 76

STYLES = {r"^residual +(?=.*[1-9]).*": "bold red"}


def bridge_summary(report: BridgeReport | None) -> dict[str, Cell]:
    """Keys of a summary: `bridge`, and why there is none."""
    if report is None:
        return {"bridge": [], "bridge_missing": "not drawn for one order"}
    return {
        "bridge": [_record(bridge) for bridge in report.bridges],
        "bridge_missing": report.missing,
    }


def bridge_sections(report: BridgeReport | None) -> tuple[Section, ...]:
    if report is None:
        return ()
    if report.missing is not None:
        return (Section("Bridge", (f"not drawn: {report.missing}",)),)
    if not report.bridges:
        return ()
    first = report.bridges[0]
    begin = "the first day" if first.since is None else _moment(first.since)
    lines = (*_table(report.bridges), *_beside(report.bridges))
    return (Section(f"Bridge from {begin} to {_moment(first.until)}", lines, STYLES),)


def _record(bridge: Bridge) -> dict[str, Cell]:
    amounts: dict[str, Cell] = {name: getattr(bridge, name) for _, name in _LINES}
    return {
        "currency": bridge.currency,
        "since": bridge.since,
        "until": bridge.until,
        **amounts,
        "presentment": [_presentment(one) for one in bridge.presentment],
    }


def _presentment(one: Presentment) -> dict[str, Cell]:
    return {
        "gross": one.gross,
        "refunds": one.refunds,
        "settled_gross": one.settled_gross,
        "settled_refunds": one.settled_refunds,
    }


def _table(bridges: Sequence[Bridge]) -> Iterator[str]:
    """As many currencies beside each other as fit."""
    columns = [_column(bridge) for bridge in bridges]
    while columns:
        room, shown = _WIDTH - _LABEL, 0
        while shown < len(columns) and (shown == 0 or len(columns[shown][0]) <= room):
            room -= len(columns[shown][0])
            shown += 1
        for number, label in enumerate(["", *(label for label, _ in _LINES)]):
            cells = "".join(column[number] for column in columns[:shown])
            yield f"{label:<{_LABEL}}{cells}"
        columns = columns[shown:]


def _column(bridge: Bridge) -> list[str]:
    amounts: list[Money] = [getattr(bridge, name) for _, name in _LINES]
    cells = [bridge.currency.upper(), *(f"{amount.to_decimal():f}" for amount in amounts)]
    width = max(map(len, cells)) + 3
    return [cell.rjust(width) for cell in cells]


def _beside(bridges: Sequence[Bridge]) -> Iterator[str]:
    for bridge in bridges:
        for one in bridge.presentment:
            yield f"sold in {one.gross}, settled as {one.settled_gross}"
            if one.refunds:
                yield f"given back {one.refunds}, settled as {one.settled_refunds}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
