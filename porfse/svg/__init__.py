"""Charts as SVG, from the figures of `porfse.charts`: for print, where no browser draws them.

Words stay words, in the typeface of the interface; a blank is a gap that says so, never a bar of
zero. The same figure gives the same text, always.
"""

from collections.abc import Callable
from decimal import Decimal

from porfse.charts import Figure
from porfse.svg.bars import lying, standing
from porfse.svg.frame import legend
from porfse.svg.lines import lines
from porfse.svg.markup import coordinate


def svg(figure: Figure, *, width: int, height: int | None = None) -> str:
    """Draw a figure of `grouped_bars`, `target_bars` or `lines`.

    Args:
        figure: with one trace or more, all along the same names or days.
        width: in points; letters are 8 points high whatever the width.
        height: in points; None is what the figure needs.

    Raises:
        ValueError: the figure has no trace.
    """
    traces = figure["data"]
    if not traces:
        raise ValueError("una figura senza serie non si disegna")
    names, top = legend(traces, Decimal(width))
    drawn, total = _maker(traces)(
        figure, top, Decimal(width), None if height is None else Decimal(height)
    )
    tall = coordinate(total)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{tall}"'
        f' viewBox="0 0 {width} {tall}">{"".join([*names, *drawn])}</svg>'
    )


Maker = Callable[[Figure, Decimal, Decimal, Decimal | None], tuple[list[str], Decimal]]


def _maker(traces: list[Figure]) -> Maker:
    if any(trace.get("orientation") == "h" for trace in traces):
        return lying
    return standing if traces[0]["type"] == "bar" else lines
