"""What goes wrong in a browser without anyone seeing it."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response

_STATUS = "Failed to load resource: the server responded with a status of "


class Watch:
    """Collects console errors (the policy's violations included), failed requests, bad answers.

    A test that asks for a page with an error adds its status to `expected`.
    """

    def __init__(self) -> None:
        self.expected: set[int] = set()
        self._problems: list[tuple[int | None, str]] = []

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("requestfailed", self._failed)
        page.on("response", self._answer)

    @property
    def problems(self) -> list[str]:
        return [text for status, text in self._problems if status not in self.expected]

    def _console(self, message: ConsoleMessage) -> None:
        # The browser's own word on a bad answer says no more than `_answer`.
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS):
            self._problems.append((None, f"{message.type}: {message.text}"))

    def _error(self, error: Error) -> None:
        self._problems.append((None, f"eccezione: {error}"))

    def _failed(self, request: Request) -> None:
        # Given up by the browser itself: the page was left, or a download took its place.
        if request.failure != "net::ERR_ABORTED":
            self._problems.append((None, f"{request.url}: {request.failure}"))

    def _answer(self, response: Response) -> None:
        if response.status >= 400:
            self._problems.append((response.status, f"{response.url}: {response.status}"))


def barriers(page: Page) -> list[str]:
    """Return what axe finds on a page: the rule, and for each element where it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # a script tag would break the policy
    return page.evaluate(
        """async () => {
          const { violations } = await axe.run({ resultTypes: ["violations"] });
          return violations.flatMap(({ id, nodes }) =>
            nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
        }"""
    )


def overflow(page: Page) -> list[str]:
    """Return the elements that make the page wider than the window, none when it fits."""
    return page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > width
              && !element.parentElement.closest(".table-responsive"))
            .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
