"""What `__init__` offers."""

from __future__ import annotations

import contextlib
import decimal
import json
import math
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._program import executable

Value = Union[str, int, float, bool]
Path = Union[str, "os.PathLike[str]"]


class MeterstormError(Exception):
    """The program ended without a result. `status` is its exit code, `text` what it wrote to standard error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text.strip() or f"meterstorm ended with status {status}")
        self.status = status
        self.text = text


class BadUsage(MeterstormError):
    """An argument that the program does not accept (exit code 64)."""


class BadInput(MeterstormError):
    """A scenario, design, price book or data file that is wrong (exit code 65): the text begins with file:line:column."""


class InternalError(MeterstormError):
    """An internal error (exit code 70)."""


class Interrupted(MeterstormError):
    """The program was interrupted (exit code 130)."""


_ERRORS = {64: BadUsage, 65: BadInput, 70: InternalError, 130: Interrupted}


class Record(Mapping[str, Any]):
    """What `--format json` prints, as a mapping. Its shape is that of `meterstorm schema record`."""

    def __init__(self, values: dict[str, Any], passed: Optional[bool]) -> None:
        self._values = values
        self._passed = passed

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        shown = [f"{key}={self[key]!r}" for key in ("scenario", "design", "seed") if key in self]
        if self.verdict is not None:
            shown.append(f"verdict={self.verdict!r}")
        return f"Record({', '.join(shown)})"

    @property
    def verdict(self) -> Optional[str]:
        """`pass` or `fail`; `None` for a record that is no verdict: an explanation, or a comparison without `fail_if`."""
        return None if self._passed is None else "pass" if self._passed else "fail"

    @property
    def passed(self) -> Optional[bool]:
        """Whether every invariant held and every expectation was met: the program's exit code; `None` where `verdict` is."""
        return self._passed

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits: the same for the same version, scenario and seed."""
        return str(self["fingerprint"])

    @property
    def violations(self) -> list[dict[str, Any]]:
        """What broke: each violation with the `invariant`, its `number` for `explain`, `at`, `ids`, `expected` and `actual`.

        Raises `KeyError` for a record that is not of a run.
        """
        found: list[dict[str, Any]] = []
        for invariant in self["invariants"]:
            for violation in invariant["violations"]:
                found.append({"invariant": invariant["name"], "number": len(found) + 1, **violation})
        return found

    def tables(self) -> list[str]:
        """The names of everything in the record that is a list of objects, such as `erps` or `invariants`."""
        found: list[str] = []

        def look(prefix: str, value: Any) -> None:
            if isinstance(value, dict):
                for key, inner in value.items():
                    look(f"{prefix}.{key}" if prefix else key, inner)
            elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
                found.append(prefix)

        look("", self._values)
        return found

    def table(self, name: str) -> list[dict[str, Any]]:
        """A table as a list of dictionaries, one per row; objects within a row are spread over columns such as `postingLatency.p99`.

        Raises `KeyError` where there is no such table, with the names of those that there are.
        """
        value: Any = self._values
        for key in name.split("."):
            if not isinstance(value, dict) or key not in value:
                raise KeyError(f"no table {name!r} in this record; there are: {', '.join(self.tables())}")
            value = value[key]
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise KeyError(f"{name!r} is not a table; there are: {', '.join(self.tables())}")
        return [dict(_flat(row)) for row in value]

    def frame(self, name: str, library: Optional[str] = None) -> Any:
        """A table as a data frame of pandas or polars.

        `library` names one of them; without it, pandas where it is installed, else polars. Raises `ImportError` where neither is.
        """
        rows = self.table(name)
        for candidate in [library] if library else ["pandas", "polars"]:
            if candidate not in ("pandas", "polars"):
                raise ValueError(f"library must be 'pandas' or 'polars', not {candidate!r}")
            with contextlib.suppress(ImportError):
                module = __import__(candidate)
                return module.DataFrame(rows)
        raise ImportError("data frames need pandas or polars: pip install pandas")


def _flat(row: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


@dataclass(frozen=True)
class Outcome:
    """One seed of a campaign that has been run."""

    seed: int
    #: `pass` or `fail`.
    verdict: str
    #: Names of the invariants that were broken and of the expectations that were missed.
    broken: tuple[str, ...]
    fingerprint: str
    #: Whether it was in the database before this campaign began.
    kept: bool = False

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"


def _names(column: str) -> tuple[str, ...]:
    """A list in a results database: of names, or of objects that have one."""
    return tuple(str(entry["invariant"] if isinstance(entry, dict) else entry) for entry in json.loads(column))


@dataclass(frozen=True)
class Progress:
    """How far a study has come, in the program's words."""

    text: str
    #: Seconds since it began.
    elapsed: float


def _options(
    seed: Optional[int], set: Optional[Mapping[str, Value]], design: Optional[Path], defect: Optional[str], extra: Sequence[str]
) -> list[str]:
    words: list[str] = []
    if seed is not None:
        words += ["--seed", _number("seed", seed)]
    for path, value in (set or {}).items():
        words += ["--set", f"{path}={_text(value)}"]
    if design is not None:
        words += ["--design", _file(design)]
    if defect is not None:
        words += ["--defect", defect]
    return words + [str(word) for word in extra]


def _file(path: Path) -> str:
    """A path as an argument: one that begins with a dash is no option."""
    text = os.fsdecode(path)
    return f"./{text}" if text.startswith("-") else text


def _number(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    return str(value)


def _text(value: Value) -> str:
    """A value as a scenario writes it: numbers in digits, without an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value!r} is not a value of a scenario")
        text = format(decimal.Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if not isinstance(value, (str, int)):
        raise TypeError(f"a value must be text, a number or a bool, not {value!r}")
    return str(value)


def _decoded(text: "str | bytes", passed: bool, errors: str) -> "Record":
    try:
        return Record(json.loads(text), passed)
    except ValueError:
        # Where an option asks for something else than a record, such as --help.
        raise MeterstormError(0 if passed else 1, errors or "the program printed no record; 'extra' must not change --format") from None


def _check(status: int, errors: str) -> None:
    """Raises unless the program has a result: 0 and 1 are verdicts."""
    if status in (0, 1):
        return
    if status < 0:
        raise MeterstormError(status, errors or f"meterstorm was ended by signal {-status}")
    raise _ERRORS.get(status, MeterstormError)(status, errors)


def run(
    path: Path,
    *,
    seed: Optional[int] = None,
    set: Optional[Mapping[str, Value]] = None,
    design: Optional[Path] = None,
    defect: Optional[str] = None,
    expect: Sequence[str] = (),
    extra: Sequence[str] = (),
) -> Record:
    """Runs a scenario once and returns its record, whatever the verdict.

    `path` is a file, or the name of a scenario that comes with the program; `set` changes values of it by path, such as
    `{"customers.count": 100}`; `expect` adds expectations, such as `"postingLatency.p99 < 24h"`; `extra` are further options of
    `meterstorm run`.

    Raises `BadInput`, `BadUsage`, `InternalError` or `Interrupted` where there is no record.
    """
    words = ["run", _file(path), "--format", "json", "--quiet", *_options(seed, set, design, defect, extra)]
    for text in expect:
        words += ["--expect", text]
    return _result(words)


def explain(
    path: Path,
    *,
    violation: Optional[int] = None,
    transaction: Optional[str] = None,
    seed: Optional[int] = None,
    set: Optional[Mapping[str, Value]] = None,
    design: Optional[Path] = None,
    defect: Optional[str] = None,
    extra: Sequence[str] = (),
) -> Record:
    """Repeats a run with tracing on, and returns the story of a violation, by its number in `Record.violations`, or of a transaction such
    as `"invoice US-000042"`. It is no verdict: its `passed` is `None`.

    `path`, `seed`, `set`, `design` and `defect` are those of the run.

    Raises as `run` does; `BadUsage` or `BadInput` where there is no such violation or transaction.
    """
    if (violation is None) == (transaction is None):
        raise ValueError("name either a violation or a transaction")
    words = ["explain", _file(path), "--format", "json", *_options(seed, set, design, defect, extra)]
    words += ["--violation", _number("violation", violation)] if violation is not None else ["--transaction", str(transaction)]
    return _result(words, is_verdict=False)


def compare(
    path: Path,
    designs: Sequence[Path] = (),
    *,
    variants: Sequence[str] = (),
    set: Optional[Mapping[str, Value]] = None,
    seed: Optional[int] = None,
    replications: Optional[int] = None,
    fail_if: Sequence[str] = (),
    jobs: Optional[int] = None,
    database: Optional[Path] = None,
    extra: Sequence[str] = (),
) -> Record:
    """Compares designs, and variants such as `"four: design.posting.concurrency=4"`, on the same random numbers; the first is what the others
    are compared with.

    `fail_if` are conditions such as `"postingLatency.p50 > +5%"`: with one that is met, `passed` is false. Without any, it is `None`.

    Raises as `run` does.
    """
    words = ["compare", _file(path), "--format", "json", *_options(seed, set, None, None, extra)]
    if designs:
        words += ["--designs", ",".join(os.fsdecode(design) for design in designs)]
    for text in variants:
        words += ["--variant", text]
    if replications is not None:
        words += ["--replications", _number("replications", replications)]
    for text in fail_if:
        words += ["--fail-if", text]
    if jobs is not None:
        words += ["--jobs", _number("jobs", jobs)]
    if database is not None:
        words += ["--database", _file(database)]
    return _result(words, is_verdict=bool(fail_if))


def gate(
    base: Path,
    candidate: Optional[Path] = None,
    *,
    base_commit: Optional[str] = None,
    candidate_commit: Optional[str] = None,
    fail_if: Sequence[str] = (),
    allow_missing: bool = False,
    extra: Sequence[str] = (),
) -> Record:
    """Compares the results of two commits: two databases, records or folders, or two commits of one database.

    `passed` is true if no condition of `fail_if` is met, by default those of `meterstorm gate`, and both have the same scenarios and kinds
    of evidence, unless `allow_missing` is set.

    Raises as `run` does.
    """
    words = ["gate", _file(base), *([_file(candidate)] if candidate is not None else []), "--format", "json"]
    for name, commit in (("--base", base_commit), ("--candidate", candidate_commit)):
        if commit is not None:
            words += [name, commit]
    for text in fail_if:
        words += ["--fail-if", text]
    if allow_missing:
        words.append("--allow-missing")
    return _result([*words, *(str(word) for word in extra)])


def _result(words: Sequence[str], is_verdict: bool = True) -> Record:
    """What the program prints as JSON."""
    result = subprocess.run([executable(), *words], capture_output=True, text=True, check=False)
    _check(result.returncode, result.stderr)
    record = _decoded(result.stdout, result.returncode == 0, result.stderr)
    return record if is_verdict else Record(dict(record), None)


class _Job:
    """The program at work on something long."""

    def __init__(self, words: Sequence[str]) -> None:
        environment = dict(os.environ, METERSTORM_PROGRESS="json")
        self._begin = time.monotonic()
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [executable(), *words], stdout=self._output, stderr=subprocess.PIPE, text=True, env=environment)
        self._stopped = False
        self._latest: Optional[Progress] = None
        self._errors: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._record: Optional[Record] = None

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            try:
                text = json.loads(line)["progress"]
            except (ValueError, KeyError, TypeError):
                self._errors.append(line)
            else:
                self._latest = Progress(str(text), time.monotonic() - self._begin)

    @property
    def progress(self) -> Optional[Progress]:
        """How far it has come; `None` before anything is known."""
        return self._latest

    @property
    def done(self) -> bool:
        return self._process.poll() is not None

    def stop(self, patience: float = 10.0) -> None:
        """Ends it, and returns once the process is gone: what is complete stays in the database that was named, if one was.

        After `patience` seconds it is no longer asked, but killed. The iterator ends; `result()` raises `Interrupted`, or returns the
        record where the work was complete.
        """
        self._stopped = True
        if not self.done:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def result(self) -> Record:
        """Waits for the end, and returns what `--format json` prints.

        Raises as `run` does.
        """
        if self._record is None:
            self._process.wait()
            self._reader.join()
            _check(self._process.returncode, "".join(self._errors))
            self._output.seek(0)
            self._record = _decoded(self._output.read(), self._process.returncode == 0, "".join(self._errors))
            self._output.close()
        return self._record

    def __del__(self) -> None:
        # Dropped without `with`: nobody would ever read what it finds.
        with contextlib.suppress(Exception):
            self.close()

    def close(self) -> None:
        """Ends it, where it has not ended by itself, and gives its files back."""
        if not self.done:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._output.close()


class Campaign(_Job):
    """A campaign at work: iterating gives an `Outcome` per seed as each is done, at last those that the database had before; `result()` is
    the whole."""

    def __init__(self, words: Sequence[str], database: Optional[Path], seeds: str) -> None:
        first, _, last = seeds.partition("..")
        # What is no range, the program refuses.
        self._first, self._last = (int(text) if text.isdecimal() else 0 for text in (first, last or first))
        self._given: set[int] = set()
        self._folder = None if database is not None else tempfile.TemporaryDirectory(prefix="meterstorm-")
        if database is None:
            assert self._folder is not None
            database = pathlib.Path(self._folder.name) / "campaign.db"
        self._database = os.fsdecode(database)
        if self._database == ":memory:":
            raise ValueError("an in-memory database cannot be shared: leave it out, or name a file")
        self._seen = {(row[0], row[1]) for row in self._rows()}
        super().__init__([*words, "--database", self._database])

    def _rows(self, campaign: Optional[tuple[str, str, str]] = None) -> list[tuple[Any, ...]]:
        """The runs of the database, or those of one campaign: its scenario, options and commit."""
        if not os.path.exists(self._database):
            return []
        try:
            address = pathlib.Path(self._database).absolute().as_uri() + "?mode=ro"
            with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
                columns = "SELECT campaign, seed, verdict, broken, missed, fingerprint FROM run"
                if campaign is None:
                    return list(connection.execute(f"{columns} ORDER BY seed"))
                where = "WHERE campaign = (SELECT id FROM campaign WHERE scenario = ? AND options = ? AND commit_id = ?) ORDER BY seed"
                return list(connection.execute(f"{columns} {where}", campaign))
        except sqlite3.DatabaseError:
            # Its tables are not there yet, it is being written, or it is no database: of that the program tells.
            return []

    def __iter__(self) -> Iterator[Outcome]:
        while True:
            ended = self.done
            for number, seed, verdict, broken, missed, fingerprint in self._rows():
                if (number, seed) in self._seen:
                    continue
                self._seen.add((number, seed))
                self._given.add(int(seed))
                yield Outcome(int(seed), str(verdict), _names(broken) + _names(missed), str(fingerprint))
            if ended:
                if not self._stopped:
                    yield from self._kept(self.result())
                return
            time.sleep(0.05)

    def _kept(self, record: Record) -> Iterator[Outcome]:
        """The seeds of this campaign that were in its database before it began."""
        which = (record["scenario"], "\n".join(record["options"]), record.get("commit", ""))
        for number, seed, verdict, broken, missed, fingerprint in self._rows(which):
            if int(seed) not in self._given and self._first <= int(seed) <= self._last:
                self._given.add(int(seed))
                yield Outcome(int(seed), str(verdict), _names(broken) + _names(missed), str(fingerprint), kept=True)

    def __enter__(self) -> "Campaign":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        super().close()
        if self._folder is not None:
            self._folder.cleanup()


class Capacity(_Job):
    """A capacity study at work: iterating gives a `Progress` whenever there is news; `result()` is the study."""

    def __iter__(self) -> Iterator[Progress]:
        shown: Optional[Progress] = None
        while True:
            ended = self.done
            if self.progress is not None and self.progress is not shown:
                shown = self.progress
                yield shown
            if ended:
                if not self._stopped:
                    self.result()
                return
            time.sleep(0.05)

    def __enter__(self) -> "Capacity":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def campaign(
    path: Path,
    seeds: Union[range, str],
    *,
    set: Optional[Mapping[str, Value]] = None,
    design: Optional[Path] = None,
    defect: Optional[str] = None,
    jobs: Optional[int] = None,
    database: Optional[Path] = None,
    extra: Sequence[str] = (),
) -> Campaign:
    """Begins a campaign.

    >>> with meterstorm.campaign("chaos", range(1, 101)) as campaign:
    ...     failures = [outcome.seed for outcome in campaign if not outcome.passed]

    `seeds` is a range with step 1, or text such as `"1..100"`. In a `database` of one's own, what is there already is not run again: the
    iterator gives it last, with `kept` set.
    """
    if isinstance(seeds, range):
        if seeds.step != 1 or not seeds:
            raise ValueError(f"seeds must be a range with step 1 that is not empty, not {seeds!r}")
        seeds = f"{seeds.start}..{seeds.stop - 1}"
    words = ["campaign", _file(path), "--seeds", seeds, "--format", "json", *_options(None, set, design, defect, extra)]
    if jobs is not None:
        words += ["--jobs", _number("jobs", jobs)]
    return Campaign(words, database, seeds)


def capacity(
    path: Path,
    *,
    vary: Sequence[str] = (),
    objective: Sequence[str] = (),
    study: Optional[str] = None,
    seed: Optional[int] = None,
    set: Optional[Mapping[str, Value]] = None,
    jobs: Optional[int] = None,
    extra: Sequence[str] = (),
) -> Capacity:
    """Begins the capacity studies of a scenario, or one that is given here: `vary=["customers.count=100..5000"]`,
    `objective=["closeCycleTime < 1d"]`.

    >>> with meterstorm.capacity("capacity/outage", study="outage") as study:
    ...     for progress in study:
    ...         print(progress.text)
    ...     record = study.result()
    """
    words = ["capacity", _file(path), "--format", "json", *_options(seed, set, None, None, extra)]
    for text in vary:
        words += ["--vary", text]
    for text in objective:
        words += ["--objective", text]
    if study is not None:
        words += ["--study", study]
    if jobs is not None:
        words += ["--jobs", _number("jobs", jobs)]
    return Capacity(words)
