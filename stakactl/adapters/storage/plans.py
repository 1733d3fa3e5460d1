"""Plans of repairs as files: JSON for a person to read, with a checksum over what it says.

The checksum tells a file that was changed by hand or on the way; it is no signature. It does not
need to be one: a change is made only where stakactl itself would plan the same one.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stakactl import __version__
from stakactl.adapters.storage import files
from stakactl.domain.changes import Change, ChangeTarget, FieldValue
from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.plans import PlannedRepair, RepairPlan, StoreIdentity
from stakactl.domain.runs import Mode
from stakactl.errors import DiskError, Refused, UsageError

FORMAT = "stakactl repair plan"
VERSION = 1
_ANEW = "write it anew: stakactl reconcile --plan-out FILE"

Json = dict[str, Any]


class PlanFiles:
    """Writes a plan once, and reads it back as it was written or not at all."""

    def require_new(self, path: Path) -> None:
        """Raises UsageError when something is there already: a plan under review stays."""
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path} exists already", hint="name another file for the new plan")
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}", hint="make it first")

    def write(self, path: Path, plan: RepairPlan) -> str:
        """Write a new file, readable by its owner only; returns its checksum."""
        content = _content(plan)
        content["sha256"] = _checksum(content)
        text = json.dumps(content, indent=2, ensure_ascii=True) + "\n"
        try:
            created = files.create(path, text.encode())
        except OSError as error:
            message, hint = files.explain(error, "write", path)
            raise DiskError(message, hint=hint) from error
        if not created:
            self.require_new(path)
        return str(content["sha256"])

    def read(self, path: Path) -> RepairPlan:
        """Raises UsageError for what is no plan, Refused for one that was changed."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise UsageError(f"there is no file {path}", hint=_ANEW) from None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            place = f"byte {error.start}"
            raise UsageError(f"{path}, {place}: it is not UTF-8", hint=_ANEW) from None
        content = _parsed(text, path)
        _require_known(content, path)
        if content.get("sha256") != _checksum(content):
            raise Refused(
                f"{path} was changed after it was written: its SHA-256 does not fit", hint=_ANEW
            )
        return _Reader(path).plan(content)


def _content(plan: RepairPlan) -> Json:
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "sha256": "",
        "stakactl_version": __version__,
        "store_id": plan.store.store_id,
        "account_id": plan.store.account_id,
        "mode": str(plan.mode),
        "created_at": _iso(plan.created_at),
        "run_id": plan.run_id,
        "repairs": [_repair(repair) for repair in plan.repairs],
    }


def _repair(repair: PlannedRepair) -> Json:
    finding, change = repair.finding, repair.change
    return {
        "finding_id": finding.finding_id,
        "class": str(finding.discrepancy),
        "state": str(finding.state),
        "since": _iso(finding.since),
        "expected": finding.expected,
        "seen": finding.seen,
        "hint": finding.hint,
        "order_id": finding.order_id,
        "session_id": finding.session_id,
        "payment_intent_id": finding.payment_intent_id,
        "invoice_number": finding.invoice_number,
        "refs": dict(finding.refs),
        "target": str(change.target),
        "target_id": change.target_id,
        "before": dict(change.before),
        "after": dict(change.after),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _checksum(content: Mapping[str, Any]) -> str:
    """Over everything but itself, whatever the blanks and the order of the keys."""
    said = {key: value for key, value in content.items() if key != "sha256"}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _parsed(text: str, path: Path) -> Json:
    def once(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):  # a reader would see another one than we do
            twice = next(key for key in found if sum(key == name for name, _ in pairs) > 1)
            raise UsageError(f"{path}: {twice!r} stands twice in one object", hint=_ANEW)
        return found

    def no_float(text: str) -> Any:
        raise UsageError(f"{path}: {text[:40]} is no whole number", hint=_ANEW)

    try:
        content = json.loads(
            text, object_pairs_hook=once, parse_float=no_float, parse_constant=no_float
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path}, {place}: {error.msg}", hint=_ANEW) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no JSON that stakactl wrote", hint=_ANEW) from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no JSON object", hint=_ANEW)
    return content


def _require_known(content: Json, path: Path) -> None:
    if content.get("format") != FORMAT:
        raise UsageError(f"{path} is no plan of repairs of stakactl", hint=_ANEW)
    version = content.get("format_version")
    if version != VERSION:
        raise Refused(
            f"{path} is of format version {str(version)[:20]}, this stakactl knows {VERSION}",
            hint="apply it with the stakactl that wrote it, or " + _ANEW,
        )
    if not isinstance(content.get("sha256"), str):
        raise UsageError(f"{path}: sha256 is missing", hint=_ANEW)


class _Reader:
    """Every value checked where it stands."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def plan(self, content: Json) -> RepairPlan:
        repairs = content.get("repairs")
        if not isinstance(repairs, list):
            raise self._bad("repairs", "must be a list")
        return RepairPlan(
            StoreIdentity(
                self._text(content, "store_id", ""), self._maybe(content, "account_id", "")
            ),
            self._one_of(Mode, content, "mode", ""),
            self._moment(content, "created_at", ""),
            self._text(content, "run_id", ""),
            tuple(self._repair(each, f"repairs[{n}]") for n, each in enumerate(repairs)),
        )

    def _repair(self, found: Any, place: str) -> PlannedRepair:
        if not isinstance(found, dict):
            raise self._bad(place, "must be an object")
        finding = Finding(
            self._one_of(Discrepancy, found, "class", place),
            since=self._moment(found, "since", place),
            expected=self._text(found, "expected", place),
            seen=self._text(found, "seen", place),
            hint=self._text(found, "hint", place),
            order_id=self._maybe(found, "order_id", place),
            session_id=self._maybe(found, "session_id", place),
            payment_intent_id=self._maybe(found, "payment_intent_id", place),
            invoice_number=self._maybe(found, "invoice_number", place),
            refs=self._refs(found, place),
            state=self._one_of(FindingState, found, "state", place),
        )
        if found.get("finding_id") != finding.finding_id:
            raise self._bad(f"{place}.finding_id", "does not fit the ids of the finding")
        before, after = (self._fields(found, key, place) for key in ("before", "after"))
        if before.keys() != after.keys():
            raise self._bad(place, "before and after must name the same fields")
        change = Change(
            self._text(found, "target_id", place),
            finding.finding_id,
            str(finding.discrepancy),
            before,
            after,
            self._one_of(ChangeTarget, found, "target", place),
        )
        return PlannedRepair(finding, change)

    def _bad(self, place: str, what: str) -> UsageError:
        return UsageError(f"{self._path}, {place.lstrip('.')}: {what}", hint=_ANEW)

    def _text(self, found: Json, key: str, place: str) -> str:
        value = found.get(key)
        if not isinstance(value, str):
            raise self._bad(f"{place}.{key}", "must be a text")
        return value

    def _maybe(self, found: Json, key: str, place: str) -> str | None:
        return None if found.get(key) is None else self._text(found, key, place)

    def _moment(self, found: Json, key: str, place: str) -> datetime:
        try:
            moment = datetime.fromisoformat(self._text(found, key, place))
        except ValueError:
            raise self._bad(f"{place}.{key}", "must be a time") from None
        if moment.tzinfo is None:
            raise self._bad(f"{place}.{key}", "must be a time with its zone")
        return moment.astimezone(UTC)

    def _one_of(self, kind: Any, found: Json, key: str, place: str) -> Any:
        text = self._text(found, key, place)
        if text not in set(kind):
            raise self._bad(f"{place}.{key}", f"must be one of {', '.join(kind)}")
        return kind(text)

    def _refs(self, found: Json, place: str) -> dict[str, str]:
        refs = found.get("refs")
        if not isinstance(refs, dict) or not all(isinstance(v, str) for v in refs.values()):
            raise self._bad(f"{place}.refs", "must be an object of texts")
        return refs

    def _fields(self, found: Json, key: str, place: str) -> dict[str, FieldValue]:
        fields = found.get(key)
        if not isinstance(fields, dict) or not all(map(_is_field_value, fields.values())):
            raise self._bad(f"{place}.{key}", "must be an object of texts, whole numbers and nulls")
        return fields


def _is_field_value(value: object) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))
