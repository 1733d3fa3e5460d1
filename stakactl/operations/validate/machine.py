"""`env.*`, `home.*`, `disk.*`: the settings file, the folder of what stakactl owns, its disk."""

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.here import EnvFileFacts, HomeFacts
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading

_MB = 1_000_000
_FULL_BYTES = 100 * _MB
_SCARCE_BYTES = 1_000 * _MB
_SCARCE_PERCENT = 80
_OTHERS_BITS = 0o077


def _read_env_file(inspection: Inspection, found: Found) -> EnvFileFacts:
    facts = inspection.machine.env_file()
    if facts is None:
        raise NotWanted("there is no .env: the settings come from the environment")
    return facts


ENV_FILE = Reading("the settings file", _read_env_file, local=True)
HOME: Reading[HomeFacts] = Reading(
    "the home folder", lambda inspection, found: inspection.machine.home(), local=True
)


def _mode(found: Found) -> Verdict:
    file = found[ENV_FILE]
    if file.mode is None:
        return skipped("this system has no file modes")
    if file.mode & _OTHERS_BITS:
        return failed(
            f"{file.path} has mode {file.mode:04o}: other users of this machine may use it",
            f"chmod 600 {file.path}",
        )
    return passed(f"mode {file.mode:04o}")


def _writable(found: Found) -> Verdict:
    home = found[HOME]
    if home.exists and not home.is_folder:
        return failed(f"{home.path} is no folder", "set STAKACTL_HOME to a folder")
    if not home.writable:
        return failed(
            f"{home.looked_at} is not writable for the user that runs stakactl",
            f"chown it to that user, or set STAKACTL_HOME: chown -R USER {home.looked_at}",
        )
    return passed(f"{home.path} is writable" if home.exists else f"{home.path} can be made")


def _full(found: Found) -> Verdict:
    home = found[HOME]
    if home.free_bytes < _FULL_BYTES:
        return failed(f"{_free(home)}: invoices and mails will fail", _make_room(home))
    return passed(_free(home))


def _scarce(found: Found) -> Verdict:
    home = found[HOME]
    if home.free_bytes < _FULL_BYTES:
        return skipped("the disk is full (disk.full)")
    if home.free_bytes < _SCARCE_BYTES or home.used_percent > _SCARCE_PERCENT:
        return failed(f"{_free(home)}, {home.used_percent} % in use", _make_room(home))
    return passed(f"{_free(home)}, {home.used_percent} % in use")


def _free(home: HomeFacts) -> str:
    megabytes = home.free_bytes // _MB
    free = f"{megabytes} MB" if megabytes < 10_000 else f"{megabytes // 1000} GB"
    return f"{free} free at {home.looked_at}"


def _make_room(home: HomeFacts) -> str:
    return f"make room (du -sh {home.looked_at}/*), or move STAKACTL_HOME to another disk"


CHECKS: tuple[Check, ...] = (
    Check(
        "env.mode",
        "Only its owner can read the settings file",
        _mode,
        (ENV_FILE,),
        severity=Severity.WARNING,
        answers_for=ENV_FILE,
    ),
    Check("home.writable", "The home folder can be written", _writable, (HOME,)),
    Check("disk.full", "There is room for the work", _full, (HOME,), answers_for=HOME),
    Check(
        "disk.space",
        "There is room for some time",
        _scarce,
        (HOME,),
        severity=Severity.WARNING,
    ),
)
