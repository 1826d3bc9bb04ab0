"""What Python says about a line that it cannot read."""

from grader.judge.errors.entry import Entry

ENTRIES = (
    Entry(
        "block_not_indented",
        r"^\w+: expected an indented block after (?P<what>[^\n]{1,60}?) on line",
        "The lines that belong to the $what above are not indented.",
        "Indent them by four spaces; a body with nothing in it yet needs pass.",
    ),
    Entry(
        "indented_too_far",
        r"^\w+: unexpected indent",
        "This line is indented further than the one above, and nothing above opens a block.",
        "Give it as many spaces as the line above has.",
    ),
    Entry(
        "indented_unlike_above",
        r"^\w+: unindent does not match any outer indentation level",
        "This line is indented by a number of spaces that no line above it has.",
        "Give it exactly the spaces of the block that it continues.",
    ),
    Entry(
        "tabs_and_spaces",
        r"^\w+: inconsistent use of tabs and spaces",
        "Tabs and spaces are mixed in the indentation.",
        "Replace each tab by four spaces; most editors do that for a whole file.",
    ),
    Entry(
        "colon_missing",
        r"^\w+: expected ':'",
        "A line that opens a block (def, class, if, else, for, while, with) lacks its colon.",
        "Put : at its end.",
    ),
    Entry(
        "bracket_never_closed",
        r"^\w+: '(?P<sign>[(\[{])' was never closed",
        "The bracket $sign that opens here is never closed.",
        "Pair the brackets of this line and of the next ones.",
    ),
    Entry(
        "bracket_never_opened",
        r"^\w+: (?:closing parenthesis '(?P<sign>.)' does not match|unmatched '(?P<other>.)')",
        "The closing bracket $sign$other does not belong to the one that was opened last.",
        "Pair the brackets of this line and of the one above.",
    ),
    Entry(
        "comma_missing",
        r"^\w+: invalid syntax\. Perhaps you forgot a comma",
        "Two values stand side by side, with nothing between them.",
        "Put a comma or an operator such as * between them.",
    ),
    Entry(
        "equals_sign",
        r"^\w+: .*(?:[Mm]aybe you meant '==' |perhaps you meant \"==\")",
        "A single = gives a value to a name; here it stands where it cannot.",
        "Compare with ==; to keep a result, write the name on the left: result = f(x).",
    ),
    Entry(
        "text_not_closed",
        r"^\w+: unterminated (?:triple-quoted )?(?:f-)?string literal",
        "A text begins with a quotation mark and never ends.",
        "Close it with the mark that opened it, on the same line unless there are three.",
    ),
    Entry(
        "outside_function",
        r"^\w+: '(?P<word>return|yield|await)' outside (?:async )?function",
        "This $word stands in no function.",
        "Indent it as far as the other lines of its function's body.",
    ),
    Entry(
        "outside_loop",
        r"^\w+: '(?P<word>break|continue)' (?:outside|not properly in) loop",
        "This $word stands in no loop.",
        "Indent it into the loop's body; a function is left with return.",
    ),
    Entry(
        "print_without_brackets",
        r"^\w+: Missing parentheses in call to '(?P<word>\w+)'",
        "$word is a function of Python 3, and a function needs brackets.",
        "Write $word(…).",
    ),
    Entry(
        "character_unknown",
        r"^\w+: invalid (?:non-printable )?character",
        "This line holds a character that Python does not know, as text copied from a page does.",
        "Type the quotation marks, the minus or the space again on the keyboard.",
    ),
    Entry(
        "number_before_name",
        r"^\w+: invalid \w+ literal",
        "A digit is followed directly by a letter.",
        "Multiply with *, as in 2 * x, and begin no name with a digit.",
    ),
    Entry(
        "argument_order",
        r"^\w+: positional argument follows keyword argument",
        "In this call an argument without a name follows one with a name.",
        "Put the arguments without a name first, or name them all.",
    ),
    Entry(
        "default_order",
        r"^\w+: (?:non-default argument follows default argument"
        r"|parameter without a default follows parameter with a default)",
        "In this def an argument without a default follows one that has a default.",
        "Put those with a default last.",
    ),
    Entry(
        "try_alone",
        r"^\w+: expected 'except' or 'finally' block",
        "The try above has no except.",
        "Write except, the error's name and a colon below its body, as far left as try.",
    ),
    Entry(
        "line_not_python",
        r"^SyntaxError: invalid syntax(?!\. \w)",
        "This line is no Python: a word or a sign stands where none can.",
        "If it looks right, look at the line above: a bracket or a text may be left open there.",
    ),
)
