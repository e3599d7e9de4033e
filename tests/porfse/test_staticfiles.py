import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from porfse.staticfiles import PACKAGE_FILES, PackageFileFinder, PackageStorage, package_path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
THEME = "vendor/bootstrap-italia.min.css"


def test_every_package_file_is_installed():
    assert PackageFileFinder().check() == []


def test_a_file_that_its_package_has_moved_is_an_error(monkeypatch):
    monkeypatch.setitem(PACKAGE_FILES, "vendor/x.js", ("plotly", "package_data/x.js"))
    errors = PackageFileFinder().check()
    assert [(error.id, error.obj) for error in errors] == [("porfse.E003", "vendor/x.js")]
    assert errors[0].msg == "Manca il file package_data/x.js del pacchetto plotly."


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(PACKAGE_FILES, "vendor/x.js", ("no_such_package", "x.js"))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        package_path("vendor/x.js")


def test_find_knows_its_own_names_only():
    finder = PackageFileFinder()
    assert finder.find(THEME) == str(package_path(THEME))
    assert finder.find(THEME, find_all=True) == [str(package_path(THEME))]
    assert finder.find("porfse.css") == []
    assert finder.find("porfse.css", find_all=True) == []


def test_list_gives_every_file_but_the_ignored():
    names = {name for name, _storage in PackageFileFinder().list(["*.js"])}
    assert names == {name for name in PACKAGE_FILES if not name.endswith(".js")}


def test_stylesheets_lose_embedded_fonts_and_source_maps():
    with PackageStorage().open(THEME) as stylesheet:
        text = stylesheet.read().decode()
    assert "sourceMappingURL" not in text
    assert not re.search(r"@font-face\{[^}]*data:", text)
    assert len(text) > 500_000


def test_collected_files_get_hashed_names(tmp_path, settings):
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    ours = (tmp_path / staticfiles_storage.stored_name("porfse.css")).read_text(encoding="utf-8")
    fonts = re.findall(r'url\("(vendor/[^"]+)"\)', ours)
    assert len(fonts) == 4
    assert all(re.fullmatch(r"vendor/titillium-web-[\w-]+\.[0-9a-f]{12}\.woff2", f) for f in fonts)
    assert all((tmp_path / font).is_file() for font in fonts)


def test_every_static_file_that_a_template_names_exists():
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"{% static '([^']+)' %}", template.read_text(encoding="utf-8"))
    }
    assert named
    assert {name for name in named if not finders.find(name)} == set()


@pytest.mark.parametrize(
    "forbidden",
    [r"\sstyle=", r"<style", r"\son[a-z]+=", r"<script(?![^>]*\bsrc=)", r"javascript:"],
)
def test_no_template_has_what_the_policy_forbids(forbidden):
    found = [
        str(template.relative_to(ROOT))
        for template in TEMPLATES
        if re.search(forbidden, template.read_text(encoding="utf-8"))
    ]
    assert found == []
