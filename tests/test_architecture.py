"""House rules that no linter knows: each reads the source (or a fresh interpreter) and names file and line."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("api", "audit", "evaluation", "hashing", "linkage")
LONGEST_MODULE = 300

CLOCKS = {
    "audit/witness_cli.py": "the command: when a witness cosigns",
    "api/clock.py": "the service's clock, handed on as an argument",
    "api/rates.py": "the clock by which the library of limits counts",
    "evaluation/cli.py": "the command: the day by which ages are told",
    "hashing/cli.py": "the command: what day it is for the person at the keyboard",
    "hashing/key_commands.py": "the commands: when a join request is made, and answered",
    "linkage/cube/noise_command.py": "the command: the year whose budget pays",
    "linkage/packet/command.py": "the command: the day that is printed on a packet",
    "hashing/second_person_commands.py": "the command: from when on a key's end is counted",
    "hashing/transport.py": "the client's side of a request: the moment at which it is signed",
}
ENVIRONMENT = {"api/settings.py": "settings are read once, here, and handed on"}
DISCLOSURE = {
    "linkage/disclosure.py": "the one door",
    "linkage/noise.py": "the other one: with noise",
    "linkage/cube/typed.py": "sums of released numbers and typed ones, as percentage() is",
}
LOGGED = {
    "error": "what the disk or the log refused",
    "run_id": "which linkage failed",
    "job_id": "which other job failed",
    "kind": "the name of an error's class",
    "act": "which act could not be logged",
    "work": "what a service does regularly",
    "file": "the name of a note in the data folder",
} | {
    name: "what kind of request it was; a route is a template" for name in ("method", "route", "status", "milliseconds")
}
SERVICE_LOGS = ["hub", "jobs", "journal", "logs", "metrics", "outside", "processes", "regularly", "serve", "tasks"]
LOGGING = {
    "evaluation/plaintext_splink.py": "keeps Splink quiet",
    "linkage/model.py": "keeps Splink quiet",
    "hashing/failures.py": "keeps the words of libraries off the screen",
    **{f"api/{name}.py": "the service's own log" for name in SERVICE_LOGS},
}


def paths(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 1)}"


def nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths(*folders):
        yield from ((path, node) for node in ast.walk(tree(path)))


def calls(*folders: str) -> Iterator[tuple[Path, ast.Call]]:
    yield from ((path, node) for path, node in nodes(*folders) if isinstance(node, ast.Call))


def name_of(node: ast.expr) -> str:
    """``b`` of ``b`` and of ``a.b``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def outside(allowed: Mapping[str, str], found: Iterable[tuple[Path, ast.AST]]) -> list[str]:
    return [place(path, node) for path, node in found if path.relative_to(ROOT).as_posix() not in allowed]


# -- SQL ---------------------------------------------------------------------------------------------------------

RUNS_SQL = {"execute", "executemany", "executescript", "sql", "query", "exec_driver_sql", "text"}


def is_pasted(node: ast.AST) -> bool:
    """Whether text is put together there: an f-string, ``%`` or ``+`` with a text, ``.format``, ``", ".join``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        joins = node.func.attr == "join" and isinstance(node.func.value, ast.Constant)
        return joins or node.func.attr == "format"
    return isinstance(node, ast.JoinedStr)


def pasted_sql(module: ast.Module) -> list[ast.Call]:
    found = (node for node in ast.walk(module) if isinstance(node, ast.Call) and name_of(node.func) in RUNS_SQL)
    return [call for call in found if any(is_pasted(part) for part in _inside(call))]


def _inside(call: ast.Call) -> Iterator[ast.AST]:
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield from ast.walk(argument)


def test_no_sql_is_pasted_together():
    assert [place(path, call) for path in paths(*PACKAGES, "bench") for call in pasted_sql(tree(path))] == []


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ('db.execute(f"SELECT {x}")', True),
        ('db.sql("SELECT %s" % x)', True),
        ('db.sql("SELECT " + x)', True),
        ('db.execute("SELECT {}".format(x))', True),
        ('db.execute(text(f"SELECT {x}"))', True),
        ('db.execute(", ".join(parts))', True),
        ('db.execute("SELECT ?", [x])', False),
        ("db.execute(select(A).join(B))", False),
        ('db.sql(statement("count_all"), params={"n": a + b})', False),
    ],
)
def test_pasted_sql_would_be_caught(source, caught):
    assert bool(pasted_sql(ast.parse(source))) is caught


@pytest.mark.parametrize("path", sorted((ROOT / "linkage" / "sql").glob("*.sql")), ids=lambda path: path.stem)
def test_a_statement_says_what_it_finds_and_is_one(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r"-- [A-Z][^\n]*\.\n", text)
    assert ";" not in text
    assert any(f'"{path.stem}"' in module.read_text(encoding="utf-8") for module in paths("linkage"))


# -- clock, environment, logging ---------------------------------------------------------------------------------

READS_CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
               ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime")}  # fmt: skip


def test_the_time_is_an_argument_but_in_the_shells():
    found = (
        (path, call)
        for path, call in calls(*PACKAGES)
        if isinstance(call.func, ast.Attribute) and (name_of(call.func.value), call.func.attr) in READS_CLOCK
    )
    assert outside(CLOCKS, found) == []


def test_nobody_imports_the_clocks_bare_name():
    imports = ((path, node) for path, node in nodes(*PACKAGES) if isinstance(node, ast.ImportFrom))
    assert [place(path, node) for path, node in imports if node.module == "time"] == []


def test_the_environment_is_read_in_one_place():
    found = (
        (path, node)
        for path, node in nodes(*PACKAGES)
        if name_of(node) in {"environ", "environb", "getenv", "putenv"}
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    )  # fmt: skip
    assert outside(ENVIRONMENT, found) == []


def test_only_the_service_keeps_a_log_of_itself():
    imports = ((path, node) for path, node in nodes(*PACKAGES) if isinstance(node, ast.Import | ast.ImportFrom))
    found = ((path, node) for path, node in imports if "logging" in {*_imported(node)})
    assert outside(LOGGING, found) == []


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield (node.module or "").split(".")[0]
    else:
        yield from (alias.name.split(".")[0] for alias in node.names)


LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def unsafe_log_calls(module: ast.Module) -> list[ast.Call]:
    """Log calls whose message is not a literal, or that log anything but the few names of LOGGED."""
    found = (node for node in ast.walk(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    logs = [call for call in found if call.func.attr in LEVELS and (call.args or call.keywords)]
    return [call for call in logs if not _is_safe(call)]


def _is_safe(call: ast.Call) -> bool:
    message, *values = (*call.args, *(keyword.value for keyword in call.keywords))
    literal = isinstance(message, ast.Constant) and isinstance(message.value, str)
    return literal and all(isinstance(value, ast.Name) and value.id in LOGGED for value in values)


def test_no_secret_and_no_row_is_logged():
    assert [place(path, call) for path in paths(*PACKAGES) for call in unsafe_log_calls(tree(path))] == []


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ('log.info(f"linked {row}")', True),
        ('log.info("linked %s", row)', True),
        ('log.info("opened %r", secret)', True),
        ('log.debug(row)', True),
        ('log.error("failed: %s", error)', False),
    ],
)  # fmt: skip
def test_a_logged_row_or_secret_would_be_caught(source, caught):
    assert bool(unsafe_log_calls(ast.parse(source))) is caught


# -- the one door ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SafeCount", "SafeCell", "SafeRow", "SafeTable", "Released"])
def test_what_may_leave_is_made_in_one_place(kind):
    found = ((path, call) for path, call in calls(*PACKAGES, "bench") if name_of(call.func) == kind)
    assert outside(DISCLOSURE, found) == []


def test_a_safe_type_is_not_altered_either():
    """``dataclasses.replace`` would be a second door."""
    inside = {
        path
        for path in paths(*PACKAGES)
        if re.search(r"\b(Safe(Count|Cell|Row|Table)|Released)\b", path.read_text("utf-8"))
    }
    found = ((path, call) for path, call in calls(*PACKAGES) if name_of(call.func) == "replace" and path in inside)
    changed = [(path, call) for path, call in found if isinstance(call.func, ast.Name) or _is_dataclasses(call.func)]
    assert outside(DISCLOSURE, changed) == []


def _is_dataclasses(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and name_of(function.value) in {"dataclasses", "structs"}


# -- modules -----------------------------------------------------------------------------------------------------


def test_no_module_is_too_long_to_see():
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths(*PACKAGES, "bench")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_a_module_is_named_after_what_it_does():
    empty = re.compile(r"(util|helper|manager|service|common|misc)s?|.*_(utils?|helpers?|managers?)")
    named = {*paths(*PACKAGES, "bench", "tests")} - {ROOT / "hashing" / "services.py"}  # services that clients receive
    assert [place(path) for path in sorted(named) if empty.fullmatch(path.stem)] == []


def test_every_module_says_what_it_is_for():
    assert [place(path) for path in paths(*PACKAGES, "bench") if not ast.get_docstring(tree(path))] == []


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in paths(*PACKAGES)}
    assert [place(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


# -- what an import loads ----------------------------------------------------------------------------------------


def loaded_by(*modules: str) -> set[str]:
    """The modules that a fresh interpreter holds after importing *modules*."""
    script = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def modules_of(*packages: str) -> list[str]:
    """All modules but the migrations' own, which only Alembic can load, and the ``python -m`` entries."""
    found = (path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths(*packages))
    names = (name.removesuffix(".__init__") for name in found)
    return [name for name in names if ".migrations." not in name and not name.endswith("__main__")]


def of(packages: Iterable[str]) -> Callable[[str], bool]:
    wanted = set(packages)
    return lambda module: module.split(".")[0] in wanted


SHARED = {"hashing", "hashing.kinds", "hashing.schema"}


def test_the_service_never_loads_the_code_that_sees_names():
    loaded = loaded_by(*modules_of("api", "linkage", "audit"))
    assert {name for name in loaded if of(["hashing"])(name)} == SHARED
    assert {"api.app", "linkage.run", "audit.log"} <= loaded


def test_the_shared_schema_loads_nothing_else_of_ours():
    assert {name for name in loaded_by("hashing.schema") if of(PACKAGES)(name)} == SHARED


def test_the_log_loads_nothing_of_ours_so_that_an_auditor_needs_nothing_else():
    assert not {name for name in loaded_by(*modules_of("audit")) if of({*PACKAGES} - {"audit"})(name)}


SERVER = {"alembic", "dbos", "duckdb", "fastapi", "jinja2", "pyarrow", "scipy", "splink", "sqlalchemy", "starlette",
          "uvicorn"}  # fmt: skip
EVALUATION = {"evaluation", "matplotlib", "pandas", "recordlinkage", "sklearn"}


def test_no_service_loads_what_only_an_evaluation_needs():
    assert not {name for name in loaded_by(*modules_of("api", "linkage", "audit")) if of(EVALUATION)(name)}


def test_an_agencys_computer_needs_nothing_of_the_server():
    loaded = loaded_by(*modules_of("hashing"))
    assert not {name for name in loaded if of(SERVER | EVALUATION)(name) or of({"api", "linkage"})(name)}


def test_the_command_starts_without_loading_what_is_heavy():
    """``headcount --help`` is answered on an old laptop too."""
    loaded = loaded_by("hashing.cli", "linkage.cli", "audit.cli", "api.cli", "evaluation.cli")
    assert not {name for name in loaded if of(SERVER | EVALUATION - {"evaluation"})(name)}


# -- what is in the repository -----------------------------------------------------------------------------------


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def lines_with(pattern: str) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if wanted.search(line)
    ]


REGISTRIES = ("py" + "pi.", "python" + "hosted", "npm" + "js", "ana" + "conda.", "arti" + "factory", "jfr" + "og")


def test_no_file_names_a_package_registry():
    """Where packages come from is the business of whoever installs, and of pip's own settings."""
    assert lines_with("|".join(re.escape(name) for name in REGISTRIES)) == []
    assert lines_with(r"--(extra-)?index-" + "url|--find" + "-links|--trusted" + "-host") == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on():
    assert lines_with(r"\.\./" + r"shared\b|(?<![\w./-])/wo" + r"rk\b") == []


def test_no_file_holds_a_secret():
    """A founding secret or a private key, as Headcount or OpenSSH would write it."""
    assert lines_with("headcount-" + r"secret-1 epoch=\d+ [A-Za-z0-9_-]{43} |BEGIN [A-Z ]*PRIVATE" + " KEY") == []
