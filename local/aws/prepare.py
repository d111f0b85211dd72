"""What functions import that is not ours: Lambda's own packages and the dependencies layer, from uv.lock.

Two directories under `.local/`, both filled by `uv` with exactly what uv.lock says, for this machine's
Python: `runtime` (group aws-runtime: what AWS's Python runtime itself provides) and
`layers/dependencies/python` (the project's dependencies). A stamp in each lets a second run do nothing.

Run by itself it prepares both: `python -m local.aws.prepare`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from local.aws.paths import ROOT, STATE

RUNTIME = STATE / "runtime"
DEPENDENCIES = STATE / "layers" / "dependencies"
_STAMP = ".prepared"


class PrepareError(Exception):
    """uv could not install the packages; the message carries what it said."""


def prepare() -> None:
    """Bring both directories up to date with uv.lock; does nothing when they are."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / ".prepare.lock").open("w") as lock:
        # Several starts at once (parallel tests) must not install over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install(RUNTIME, Path(), ["--only-group", "aws-runtime"])
        _install(DEPENDENCIES, Path("python"), ["--no-default-groups"])


def _install(target: Path, below: Path, selection: list[str]) -> None:
    wanted = _fingerprint(selection)
    stamp = target / _STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print(f"local aws: installing {target.relative_to(ROOT)} from uv.lock", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=STATE) as scratch:
        requirements = Path(scratch) / "requirements.txt"
        _uv(
            "export",
            "--frozen",
            "--no-emit-project",
            "--quiet",
            *selection,
            "--output-file",
            str(requirements),
        )
        fresh = Path(scratch) / "fresh"
        _uv(
            *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", sys.executable),
            *("--target", str(fresh / below), "--requirements", str(requirements)),
        )
        (fresh / _STAMP).write_text(wanted)
        if target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(target)


def _fingerprint(selection: list[str]) -> str:
    digest = hashlib.sha256()
    digest.update((ROOT / "uv.lock").read_bytes())
    digest.update(repr((selection, sys.version_info[:3], sysconfig.get_platform())).encode())
    return digest.hexdigest()


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if uv is None:
        raise PrepareError("uv is missing beside this Python; `make` installs it into .venv")
    done = subprocess.run(  # noqa: S603 - the arguments are ours
        [uv, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PrepareError(f"uv {arguments[0]} failed:\n{done.stderr.strip()}")


def main() -> int:
    """Prepare; 1 with uv's message when it fails."""
    try:
        prepare()
    except PrepareError as error:
        print(f"local aws: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
