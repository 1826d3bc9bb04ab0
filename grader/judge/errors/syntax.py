"""What Python says about a line that it cannot read."""

from grader.judge.errors.entry import Entry

ENTRIES = (
    Entry(
        "block_not_indented",
        r"^\w+: expected an indented block after (?P<what>[^\n]{1,60}?) on line",
        "The lines that belong to the $what above are not indented.",
        "Indent them by four spaces. If the body is still empty, write pass.",
    ),
    Entry(
        "indented_too_far",
        r"^\w+: unexpected indent",
        "This line is indented further than the one above, and nothing above opens a block.",
        "Indent it by as many spaces as the line above.",
    ),
    Entry(
        "indented_unlike_above",
        r"^\w+: unindent does not match any outer indentation level",
        "The indentation of this line matches no line above it.",
        "Indent it exactly like the block that it continues.",
    ),
    Entry(
        "tabs_and_spaces",
        r"^\w+: inconsistent use of tabs and spaces",
        "The indentation mixes tabs and spaces.",
        "Replace each tab with four spaces; most editors can do that for the entire file.",
    ),
    Entry(
        "colon_missing",
        r"^\w+: expected ':'",
        "A line that opens a block (def, class, if, else, for, while, with) has no colon.",
        "Put : at the end of that line.",
    ),
    Entry(
        "bracket_never_closed",
        r"^\w+: '(?P<sign>[(\[{])' was never closed",
        "The bracket $sign that opens here is never closed.",
        "Match the brackets on this line and the next ones.",
    ),
    Entry(
        "bracket_never_opened",
        r"^\w+: (?:closing parenthesis '(?P<sign>.)' does not match|unmatched '(?P<other>.)')",
        "The closing bracket $sign$other does not match the one opened last.",
        "Match the brackets on this line and the one above.",
    ),
    Entry(
        "comma_missing",
        r"^\w+: invalid syntax\. Perhaps you forgot a comma",
        "There is nothing between two values.",
        "Put a comma or an operator such as * between them.",
    ),
    Entry(
        "equals_sign",
        r"^\w+: .*(?:[Mm]aybe you meant '==' |perhaps you meant \"==\")",
        "A single = assigns a value to a name, and it cannot do that here.",
        "Compare with ==. To keep a result, write the name on the left: result = f(x).",
    ),
    Entry(
        "text_not_closed",
        r"^\w+: unterminated (?:triple-quoted )?(?:f-)?string literal",
        "A string starts with a quotation mark and never ends.",
        "Close it with the same mark. Only a string in triple quotation marks can continue on the "
        "next line.",
    ),
    Entry(
        "outside_function",
        r"^\w+: '(?P<word>return|yield|await)' outside (?:async )?function",
        "This $word is outside any function.",
        "Indent it as far as the other lines of its function's body.",
    ),
    Entry(
        "outside_loop",
        r"^\w+: '(?P<word>break|continue)' (?:outside|not properly in) loop",
        "This $word is outside any loop.",
        "Indent it into the loop's body. To leave a function, use return.",
    ),
    Entry(
        "print_without_brackets",
        r"^\w+: Missing parentheses in call to '(?P<word>\w+)'",
        "In Python 3, $word is a function and needs brackets.",
        "Write $word(…).",
    ),
    Entry(
        "character_unknown",
        r"^\w+: invalid (?:non-printable )?character",
        "This line contains a character that Python does not know, which is common in text copied "
        "from a page.",
        "Type the quotation marks, the minus or the space again.",
    ),
    Entry(
        "number_before_name",
        r"^\w+: invalid \w+ literal",
        "A letter directly follows a digit.",
        "Multiply with *, as in 2 * x. A name cannot start with a digit.",
    ),
    Entry(
        "argument_order",
        r"^\w+: positional argument follows keyword argument",
        "In this call, an argument without a name follows one with a name.",
        "Put the arguments without a name first, or name them all.",
    ),
    Entry(
        "default_order",
        r"^\w+: (?:non-default argument follows default argument"
        r"|parameter without a default follows parameter with a default)",
        "In this def, an argument without a default follows one with a default.",
        "Put the arguments with a default last.",
    ),
    Entry(
        "try_alone",
        r"^\w+: expected 'except' or 'finally' block",
        "The try above has no except.",
        "Below its body, write except, the error's name and a colon, indented like try.",
    ),
    Entry(
        "line_not_python",
        r"^SyntaxError: invalid syntax(?!\. \w)",
        "This line is not valid Python: a word or a sign is in the wrong place.",
        "If it looks right, check the line above for an open bracket or string.",
    ),
)
