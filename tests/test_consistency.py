"""The repository guards itself: addresses, settings, templates, sizes, dependencies, paths."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Path = settings.BASE_DIR
APPS = ("porfse", "programme", "cigd", "crisi", "measures", "reports")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


IGNORED = [
    line.rstrip("/")
    for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    if not line.startswith("#")
]


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository: all but those that .gitignore names; git need not be there."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name != ".git" and not ignored(name)]
        found += [Path(folder, name) for name in files if not ignored(name)]
    return tuple(sorted(found))


def ignored(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in IGNORED)


def product() -> list[Path]:
    """The modules of the product; migrations are generated."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in {*APPS, "manage.py"}
        and "migrations" not in path.parts
    ]


def texts() -> Iterator[tuple[str, str]]:
    """Each file that is text, with its name."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield str(path.relative_to(ROOT)), content.decode("utf-8")


def test_the_product_is_found():
    assert {path.relative_to(ROOT).parts[0] for path in product()} == {*APPS, "manage.py"}


# --- Addresses ----------------------------------------------------------------------------------
OPEN_TO_ALL = {
    "accessibilita/",
    "accesso/2fa/authenticate/",  # the second step of the login
    "accesso/confirm-email/1/",
    "accesso/inactive/",
    "accesso/login/",
    "accesso/logout/",
    "accesso/oidc/1/login/",
    "accesso/oidc/1/login/callback/",
    "accesso/password/reset/",
    "accesso/password/reset/done/",
    "accesso/password/reset/key/1-1/",
    "accesso/password/reset/key/done/",
    "accesso/3rdparty/login/cancelled/",
    "privacy/",
    "salute/",
}


def addresses(resolver=None, prefix: str = "") -> Iterator[str]:
    """Every address of the product, with 1 for what varies."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry.pattern, RoutePattern):
            part = re.sub(r"<[^>]+>", "1", str(entry.pattern))
        else:
            part = re.sub(r"\(\?P<\w+>[^)]+\)", "1", str(entry.pattern)).strip("^$")
        if isinstance(entry, URLPattern):
            yield prefix + part
        else:
            yield from addresses(entry, prefix + part)


def asks_for_login(url: str) -> bool:
    answers = [Client().get(url), Client().post(url)]
    # What was sent is lost: the login leads back to the page that sent it, here to none.
    expected = [f"/accesso/login/?next={page}" for page in (url, "/inizio/")]
    return [getattr(answer, "url", "") for answer in answers] == expected


@pytest.mark.django_db
def test_no_address_is_open_to_who_is_not_logged_in_but_these():
    found = set(addresses())
    assert {"cifre/", "", "amministrazione/utenti/1/password/"} <= found
    assert {url for url in found if not asks_for_login(f"/{url}")} == OPEN_TO_ALL


# --- Settings -----------------------------------------------------------------------------------
# Of the machine, not of the product.
FOREIGN = {"PATH", "DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED"}


def variables(path: Path) -> Iterator[str]:
    """The names of the environment that a module reads: `env.str("X")`, `os.environ["X"]`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env") | ast.Attribute(attr="environ")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name
            case ast.Call(
                func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name
            case ast.Subscript(
                value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))
            ):
                yield name


def test_every_variable_is_documented_and_none_is_made_up():
    read = {name for path in product() for name in variables(path)} - FOREIGN
    read |= set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    documented = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert {"SECRET_KEY", "DATABASE_URL", "OIDC_CLIENT_SECRET", "PORT"} <= read
    assert documented == read


def test_every_documented_variable_has_its_words():
    blocks = (ROOT / ".env.example").read_text(encoding="utf-8").split("\n\n")
    for block in blocks:
        assert block.startswith("#"), block


# --- Templates ----------------------------------------------------------------------------------
TEMPLATES = ROOT / "templates"
# Django looks for them by name; allauth for the last.
ERRORS = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html", "429.html"}
LIBRARY = Path(allauth.__file__).parent / "templates"


def test_every_template_is_used():
    names = {str(path.relative_to(TEMPLATES)) for path in tracked() if TEMPLATES in path.parents}
    # Ours replace those of the library by having their name: one that it no longer has is dead.
    replacing = {name for name in names if (LIBRARY / name).is_file()}
    sources = product() + [path for path in tracked() if TEMPLATES in path.parents]
    named = {
        name
        for path in sources
        for name in re.findall(r"""["']([\w/.-]+\.(?:html|txt))["']""", path.read_text("utf-8"))
    }
    assert "base.html" in names
    assert names - named - replacing - ERRORS == set()


def test_every_template_that_is_named_is_there():
    ours = re.compile(r"""{%\s*(?:include|extends)\s+["']([\w/.-]+)["']""")
    named = {
        name
        for path in tracked()
        if TEMPLATES in path.parents
        for name in ours.findall(path.read_text("utf-8"))
    }
    absent = {
        name
        for name in named
        if not (TEMPLATES / name).is_file() and not (LIBRARY / name).is_file()
    }
    assert named
    assert absent == set()


# --- Sizes and habits ---------------------------------------------------------------------------
REASON = re.compile(r"# long: \w+")


def test_no_file_is_longer_than_300_lines_without_a_reason():
    long = {
        str(path.relative_to(ROOT)): count
        for path in product()
        for text in [path.read_text(encoding="utf-8")]
        if (count := len(text.splitlines())) > 300 and not REASON.search(text.partition("\n")[0])
    }
    assert long == {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function that gives no reason for its length, with its lines without the docstring."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = lines[node.lineno - 1 : node.end_lineno]
            if not any(REASON.search(line) for line in body):
                words = len((ast.get_docstring(node, clean=False) or "").splitlines())
                yield f"{path.relative_to(ROOT)}:{node.name}", len(body) - words


def test_no_function_is_longer_than_40_lines_without_a_reason():
    long = {name: count for path in product() for name, count in functions(path) if count > 40}
    assert long == {}


def test_no_amount_becomes_a_float():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in product()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"float", "FloatField"}
        # A spreadsheet stores doubles: they are read as such, and printed exactly (FLOWS).
        and path.name != "xlsx_rows.py"
    ]
    assert found == []


def test_days_and_moments_are_written_in_one_place():
    # A moment formatted where it is shown comes out in UTC: after midnight, the day before.
    found = [path.name for path in product() if "%d.%m" in path.read_text(encoding="utf-8")]
    assert found == ["periods.py"]


# --- Dependencies -------------------------------------------------------------------------------
PROJECT = tomllib.loads(PYPROJECT)
DIRECT = [
    Requirement(line)
    for line in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_every_dependency_has_its_reason_and_its_pin(requirement):
    name = re.escape(requirement.name)
    line = re.search(rf'^    "{name}\b[^"]*",(.*)$', PYPROJECT, re.MULTILINE)
    assert re.search(r"# \w.{6,}", line[1]), "no reason beside it"
    assert PINS[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_pin_has_its_hashes():
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(blocks) == len(re.findall(r"^[\w.-]+==", LOCK, re.MULTILINE))
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_names_no_place_to_load_from():
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\w@ ", LOCK)


# --- The machine --------------------------------------------------------------------------------
# Written in pieces: this file must not name them either. The home of the image is of no machine.
HOMES = "|".join(("wor" + "k", "roo" + "t", "hom" + "e(?!/porfse)", "User" + "s"))
MACHINE = re.compile(rf"(?<![\w.~$*)}}-])/(?:{HOMES})/\w")
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs"),
            ("npmjs", "com"),
            ("hub", "docker"),
            ("crates", "io"),
        )
    )
)


def test_no_file_names_a_path_of_a_machine():
    assert [name for name, text in texts() if MACHINE.search(text)] == []


def test_no_file_names_a_registry():
    assert [name for name, text in texts() if REGISTRIES.search(text)] == []


def test_what_is_looked_for_would_be_found():
    assert MACHINE.search("open('/wor" + "k/x')")
    assert MACHINE.search("=/hom" + "e/anna/")
    assert not MACHINE.search("https://esempio.invalid/hom" + "e/x")
    assert REGISTRIES.search("https://pypi." + "org/simple")
