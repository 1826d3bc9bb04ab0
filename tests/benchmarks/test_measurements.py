"""Writing a table into a page changes only that table."""

import pytest

from benchmarks.measurements import markdown_table, replace_region

PAGE = "before\n<!-- speed: start -->\nold\n<!-- speed: end -->\nafter\n"


def test_a_region_is_replaced_and_the_rest_stays():
    assert replace_region(PAGE, "speed", "\nnew\n") == (
        "before\n<!-- speed: start -->\nnew\n<!-- speed: end -->\nafter\n"
    )


def test_replacing_twice_is_replacing_once():
    once = replace_region(PAGE, "speed", "new")
    assert replace_region(once, "speed", "new") == once


@pytest.mark.parametrize(
    "page",
    ["nothing", PAGE + PAGE, "<!-- speed: end --><!-- speed: start -->", PAGE.replace("end", "e")],
)
def test_a_page_without_its_markers_is_refused(page):
    with pytest.raises(ValueError, match="speed: start"):
        replace_region(page, "speed", "new")


def test_table_is_aligned_markdown():
    assert markdown_table(["net", "images/s"], [["dense", "31"], ["conv", "1,000"]]) == (
        "| net   | images/s |\n| ----- | -------: |\n| dense |       31 |\n| conv  |    1,000 |"
    )
