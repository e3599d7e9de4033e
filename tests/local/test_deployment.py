"""Makefile, Dockerfile and docker-compose.yml, against each other and against the documentation."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from porfse.local.product import product_commands

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def services():
    """The text of each service by name; the file is two levels deep, indented by two spaces."""
    section = COMPOSE.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    parts = re.split(r"^  (\w+):\n", section, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_services_and_their_images():
    found = services()
    assert set(found) == {"db", "redis", "migrate", "web", "worker", "beat"}
    assert "image: postgres:16\n" in found["db"]
    assert "image: redis:7\n" in found["redis"]
    assert [name for name, text in found.items() if "healthcheck:" in text] == [
        "db",
        "redis",
        "web",
    ]
    built = [name for name, text in found.items() if "<<: *product" in text]
    assert built == ["migrate", "web", "worker", "beat"]


def test_what_serves_waits_for_the_migrations():
    found = services()
    assert all("depends_on: *after-migrate" in found[name] for name in ("web", "worker", "beat"))
    assert "migrate:\n    condition: service_completed_successfully" in COMPOSE
    assert found["migrate"].count("condition: service_healthy") == 2


def test_volumes_are_declared():
    declared = set(re.findall(r"^  (\w+):$", COMPOSE.split("\nvolumes:\n")[1], re.MULTILINE))
    assert set(re.findall(r"^ +- (\w+):/", COMPOSE, re.MULTILINE)) == declared


def test_variables_are_documented():
    documented = (ROOT / ".env.example").read_text()
    used = set(re.findall(r"\$\{(\w+)", COMPOSE)) | {"DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"}
    assert {name for name in used if not re.search(rf"\b{name}=", documented)} == set()


def test_processes_are_those_of_the_launcher():
    """One form for `local run` and the containers, but for address and end of a stuck worker."""
    web, worker, beat = (
        " ".join(command.argv[2:]) for command in product_commands(8000, on_ready=dict)
    )
    served = " ".join(
        shlex.split(re.sub(r"[,\\]", " ", DOCKERFILE.split("CMD [")[1].rstrip("]\n")))
    )
    assert web == served.replace("--host 0.0.0.0", "--host 127.0.0.1").replace(
        " porfse.wsgi", " --workers-kill-timeout 5 porfse.wsgi"
    )
    for name, command in (("worker", worker), ("beat", beat)):
        given = re.search(r"command: \[(.+)\]", services()[name])[1]
        assert " ".join(shlex.split(given.replace(",", " "))) == command


def test_the_image_does_not_run_as_root():
    lines = DOCKERFILE.splitlines()
    assert lines[1] == "FROM python:3.11-slim"
    assert lines.index("USER porfse") < next(n for n, x in enumerate(lines) if x.startswith("CMD"))


def make(folder, *arguments):
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def empty_project(tmp_path):
    """The Makefile with nothing to install, in a path with spaces."""
    folder = tmp_path / "un progetto vuoto"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.lock").touch()
    return folder


def test_setup_is_done_again_only_for_a_newer_lock(empty_project):
    installed = empty_project / ".venv/installed"
    assert make(empty_project, "--question", "setup").returncode == 1

    installed.parent.mkdir()
    installed.touch()
    assert make(empty_project, "--question", "setup").returncode == 0

    os.utime(installed, (1, 1))
    assert make(empty_project, "--question", "setup").returncode == 1


def test_setup_without_a_python_says_what_to_do(empty_project):
    done = make(empty_project, "setup", "PYTHON=/manca/python3")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "Serve Python 3.11 o successivo con il modulo venv: installarlo"
        " (Debian: «apt install python3 python3-venv») o indicarlo con PYTHON=/percorso."
    )
    assert not (empty_project / ".venv").exists()
