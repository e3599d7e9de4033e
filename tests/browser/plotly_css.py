"""Write `static/plotly/plotly.css`: the rules that plotly.js would otherwise write into the page.

The policy forbids styles written by scripts. Run again when plotly changes version
(`tests/porfse/test_charts.py` says so): `python -m tests.browser.plotly_css`.
"""

import re
from pathlib import Path

from porfse.staticfiles import package_path
from tests.browser.install import chromium

TARGET = Path(__file__).resolve().parents[2] / "static" / "plotly" / "plotly.css"
RULES = """() => {
  Plotly.newPlot(document.body.appendChild(document.createElement("div")), [{ y: [1, 2] }]);
  const sheet = document.getElementById("plotly.js-style-global").sheet;
  return [...sheet.cssRules].map((rule) => rule.cssText);
}"""


def version() -> str:
    """Return the version that the installed plotly.js names in its first lines."""
    with package_path("plotly/plotly.min.js").open(encoding="utf-8") as library:
        found = re.search(r"plotly\.js v([\d.]+)", library.read(500))
    if found is None:
        raise LookupError("plotly.min.js no longer names its version")
    return found[1]


def main() -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(path=package_path("plotly/plotly.min.js"))
        rules = page.evaluate(RULES)
    heading = f"/* Rules of plotly.js v{version()}, written by tests/browser/plotly_css.py. */"
    TARGET.write_text("\n".join([heading, *rules, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
