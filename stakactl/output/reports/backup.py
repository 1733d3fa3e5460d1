"""Reports of the `backup` commands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stakactl.domain.backups import Backup, Manifest
from stakactl.output.view import STATES, Cell, Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.operations.backup import BackupReport, VerifyReport

_COLUMNS = (
    Column("name", "backup", max_width=32),
    Column("created_at", "made", Kind.DATE),
    Column("state", "state", style={**STATES, "damaged": "red"}),
    Column("rows", "rows", Kind.NUMBER, priority=1),
    Column("bytes", "bytes", Kind.NUMBER, priority=2),
    Column("schema", "schema", priority=3),
    Column("problem", "problem", priority=1),
)


def created_view(report: "BackupReport") -> View:
    backup, manifest = report.backup, report.backup.manifest
    return View(
        title="Backup",
        summary={
            "name": backup.name,
            "rows": manifest.rows if manifest else 0,
            "bytes": backup.bytes,
            "verified": True,
            "removed": list(report.removed),
            "warnings": list(report.warnings),
        },
        notes=(
            f"stakactl backup restore {backup.name} brings it back",
            "Keep a copy on another machine: stakactl backup verify accepts a path",
        ),
    )


def list_view(backups: Sequence[Backup]) -> View:
    return View(
        title="Backups",
        summary={"backups": len(backups)},
        items=[_item(each.name, each.manifest, each.bytes) for each in backups],
        columns=_COLUMNS,
        empty="There is no backup.",
        notes=() if backups else ("stakactl backup create makes one",),
    )


def verified_view(report: "VerifyReport") -> View:
    damaged = sum(each.damage is not None for each in report.checked)
    return View(
        outcome=report.outcome,
        title="Backups",
        summary={"checked": len(report.checked), "damaged": damaged},
        items=[_item(each.name, each.manifest, None, each.damage) for each in report.checked],
        columns=_COLUMNS,
        notes=("Damaged backups cannot be restored: stakactl backup create makes a new one",)
        if damaged
        else (),
    )


def planned_view(manifest: Manifest) -> View:
    return View(
        title="Would be restored",
        summary=manifest_summary(manifest) | {"dry_run": True},
    )


def manifest_summary(manifest: Manifest) -> dict[str, Cell]:
    return {
        "made": manifest.created_at,
        "by_version": manifest.version,
        "schema": manifest.schema,
        "account": manifest.account_id,
        "rows": manifest.rows,
    }


def _item(
    name: str, manifest: Manifest | None, size: int | None, damage: str | None = None
) -> Item:
    sound = manifest is not None and damage is None
    return {
        "name": name,
        "created_at": manifest.created_at if manifest else None,
        "state": "ok" if sound else "damaged",
        "rows": manifest.rows if manifest else None,
        "bytes": size,
        "schema": manifest.schema if manifest else None,
        "problem": damage if damage or manifest else "it cannot be read",
    }
