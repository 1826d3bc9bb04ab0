"""Puts a measured table between its markers in docs/measurements.md."""

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "measurements.md"


def replace_region(text: str, name: str, content: str) -> str:
    """Replaces the text between a region's markers.

    Args:
      text: the page, with the lines "<!-- name: start -->" and "<!-- name: end -->" once each.
      name: which region.
      content: Markdown.

    Returns:
      The page with the new content.

    Raises:
      ValueError: if the page does not have each marker once, in order.
    """
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ValueError(
            f"The page must have the line {start} once, and the line {end} once after it."
        )
    before, rest = text.split(start)
    after = rest.split(end)[1]
    return f"{before}{start}\n{content.strip()}\n{end}{after}"


def write(name: str, content: str) -> None:
    """Writes a region of docs/measurements.md.

    Args:
      name: the region, such as "accuracy" or "speed".
      content: Markdown.
    """
    text = replace_region(PAGE.read_text(encoding="utf-8"), name, content)
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote the {name} table into docs/{PAGE.name}.")


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """Makes a Markdown table that is also readable as plain text.

    Args:
      header: the columns' names.
      rows: lists of cells, one cell for each column.

    Returns:
      Lines of equal width; the first column is left-aligned, the others right-aligned.
    """
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(cells: list[str]) -> str:
        padded = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * width if column == 0 else "-" * (width - 1) + ":"
        for column, width in enumerate(widths)
    ]
    return "\n".join([line(header), line(rule), *(line(row) for row in rows)])
