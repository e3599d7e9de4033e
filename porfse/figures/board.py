"""The figures of one page: asked for one by one, evaluated together, shown as links."""

from decimal import Decimal
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse import money
from porfse.figures.expressions import Expression
from porfse.figures.sources import Unit, Value, evaluate, label_of, raw


class Figure:
    """A figure on a page: `{{ figure }}` shows it in full, `{{ figure.mln }}` in millions."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self.value: Value  # set by Board.load

    @property
    def amount(self) -> Decimal | None:
        return self.value.amount

    @property
    def url(self) -> str:
        return f"{reverse('cifra')}?f={quote(str(self.expression), safe='(),=:')}"

    @property
    def label(self) -> str:
        return label_of(self.expression)

    @property
    def raw(self) -> str:
        return raw(self.amount)

    @property
    def exported(self) -> Decimal | int | None:
        """The figure for a file: a count is whole, the rest has two decimals."""
        if self.amount is None:
            return None
        counted = self.value.unit in (Unit.NUMERO, Unit.PERSONE)
        return int(self.amount) if counted else money.half_up(self.amount, 2)

    @property
    def scope(self) -> str:
        return " + ".join(sorted(self.value.scope))

    @property
    def text(self) -> str:
        """The figure in full, without a link."""
        return self._text(mln=False)

    @property
    def full(self) -> SafeString:
        return self._link(self.text)

    def __str__(self) -> str:
        return self.full

    @property
    def mln(self) -> SafeString:
        """The figure in millions of euro."""
        return self._link(self._text(mln=True))

    @property
    def delta(self) -> SafeString:
        """The figure with its sign, in millions if it is euro; "n.d." without the reason."""
        return self._link(self.value.unit.show(self.amount, mln=True, signed=True))

    @property
    def short(self) -> SafeString:
        """The figure in full; "n.d." without the reason, which its link gives."""
        return self._link(self.value.unit.show(self.amount))

    @property
    def short_mln(self) -> SafeString:
        """The figure in millions of euro; "n.d." without the reason."""
        return self._link(self.value.unit.show(self.amount, mln=True))

    def linked(self, text: str) -> SafeString:
        """Other words for the same figure, e.g. as a document prints it."""
        return self._link(text)

    def _text(self, *, mln: bool) -> str:
        text = self.value.unit.show(self.amount, mln=mln)
        return f"{text} ({self.value.missing})" if self.value.missing else text

    def _link(self, text: str) -> SafeString:
        value = self.value
        classes = ["cifra"]
        classes += ["cifra--nd"] if value.amount is None else []
        classes += ["cifra--derivata"] if value.derived else []
        classes += ["cifra--esempio"] if value.example else []
        marks = [*(["derivata"] if value.derived else []), *(["esempio"] if value.example else [])]
        scope = f"Perimetro: {self.scope}. " if value.scope else ""
        return format_html(
            '<a class="{}" href="{}" data-valore="{}" title="{}Da dove viene questa cifra">'
            "{}{}</a>",
            " ".join(classes),
            self.url,
            self.raw,
            scope,
            text,
            format_html(' <small class="cifra-nota">({})</small>', ", ".join(marks))
            if marks
            else "",
        )


class Board:
    """Collects the figures of a page, so that each source is queried once for all of them."""

    def __init__(self) -> None:
        self._figures: dict[Expression, Figure] = {}
        self._values: dict[Expression, Value] = {}

    def __call__(self, expression: Expression) -> Figure:
        """Put a figure on the board; the same expression gives the same figure."""
        return self._figures.setdefault(expression, Figure(expression))

    def load(self) -> None:
        """Evaluate every figure that has no value yet; what is known is not asked again."""
        waiting = [figure for figure in self._figures.values() if not hasattr(figure, "value")]
        self._values = evaluate((figure.expression for figure in waiting), self._values)
        for figure in waiting:
            figure.value = self._values[figure.expression]
