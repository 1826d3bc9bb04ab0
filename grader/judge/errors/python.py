"""Python's own errors while a program runs."""

from grader.judge.errors.entry import Entry

# Names that a file has by its first lines.
LIBRARIES = (
    "np|numpy|jnp|jax|nn|flax|optax|lib|plt|matplotlib|os|sys|math|random|time|csv|json|re|io"
    "|functools|itertools|collections|dataclasses|Path|pathlib|partial|Image|Sequence|Mapping|Any"
)
CALL = r"^TypeError: (?:[\w.<>]*<locals>\.)?(?P<name>[\w.]*<?\w+>?)\(\) "
BINARY = r"^TypeError: unsupported operand type\(s\) for (?P<sign>[^\n:]{1,20}): "

ENTRIES = (
    Entry(
        "library_not_imported",
        rf"^NameError: name '(?P<name>{LIBRARIES})' is not defined",
        "$name is the usual name of a library or of a part of one, and this file does not import "
        "it.",
        "Write the import at the top of the file; the stub's first lines have those of the week.",
    ),
    Entry(
        "name_self",
        r"^NameError: name 'self' is not defined",
        "self is no argument of this function.",
        "Write it first in the brackets of the def: def f(self, x), in a class.",
    ),
    Entry(
        "name_of_a_constant",
        r"^NameError: name '(?P<name>true|false|null|none|nil|TRUE|FALSE|NULL|nan|inf)' is not def",
        "Python has no $name.",
        "It writes True, False and None; jnp.nan and jnp.inf are numbers of jnp.",
    ),
    Entry(
        "name_unknown",
        r"^NameError: name '(?P<name>\w{1,80})' is not defined",
        "At this line nothing is called $name.",
        "Compare the spelling; what another function has made comes here as an argument or as "
        "what that function returns.",
    ),
    Entry(
        "local_before_assignment",
        r"^UnboundLocalError: (?:cannot access )?local variable '(?P<name>\w{1,80})'",
        "This function assigns to $name, so $name is its own, and it has no value yet.",
        "Give it one before this line, in every branch; a value from outside comes in as an "
        "argument, under another name.",
    ),
    Entry(
        "metric_missing",
        r"^TypeError: '[<>]=?' not supported between instances of .*'NoneType'.*\n>.*\.get\(",
        ".get gave None, which it does where the key is missing, and None compares with nothing.",
        'Name what to take then: logs.get("accuracy", 0.0).',
    ),
    Entry(
        "none_used",
        r"^(?:TypeError|AttributeError): .*\bNoneType\b",
        "Something on this line is None.",
        "Does a function further up forget its return? Methods that change an object in place, "
        "such as append and sort, return None too.",
    ),
    Entry(
        "shape_called",
        r"^TypeError: '(?:tuple|int|dtype\S*|numpy\.dtypes\.\w+)' object is not callable.*\n>.*"
        r"\.(?P<name>shape|size|ndim|dtype)\(",
        "$name is a value, not a function.",
        "Leave the round brackets out: x.$name; x.shape[0] is its first number.",
    ),
    Entry(
        "array_called",
        r"^TypeError: '?(?:[\w.]*ArrayImpl|\w*Tracer|numpy\.ndarray|numpy\.float\d+)'? object is "
        r"not callable",
        "Round brackets call a function, and this is an array or a number.",
        "An element is x[0], in square brackets; a product needs its *.",
    ),
    Entry(
        "module_called",
        r"^TypeError: 'module' object is not callable",
        "A module was called, and only what is in it can be.",
        "Name the function after a dot: module.function(…).",
    ),
    Entry(
        "text_for_a_function",
        r"^TypeError: 'str' object is not callable.*\n>.*\b(?P<name>\w+)=[\"'](?P<text>\w+)[\"']",
        "$name takes a function, and got the text $text.",
        "Give it the function itself: $name=nn.$text.",
    ),
    Entry(
        "paths_joined",
        r"^TypeError: unsupported operand type\(s\) for (?:/: 'str' and 'str'|\+: '\w*Path' and "
        r"'str'|\+: 'str' and '\w*Path')",
        "Texts are joined with +, and paths with /.",
        "Make a path of the first one: Path(folder) / name.",
    ),
    Entry(
        "power_written_as_xor",
        r"^TypeError: .*(?:for \^: |xor)",
        "^ is no power in Python: it compares the bits of whole numbers.",
        "Write x ** 2.",
    ),
    Entry(
        "folder_that_is_a_file",
        r"^NotADirectoryError",
        "This path is a file, and its parent was asked for what is in it.",
        "Go on with folders alone: if path.is_dir().",
    ),
    Entry(
        "value_called",
        r"^TypeError: '(?P<type>str|int|float|list|dict|tuple|set|bool|bytes|complex|range)' object"
        r" is not callable",
        "Round brackets call a function, and here a value of type $type stands before them.",
        "Is a * missing, or are square brackets meant? Or has a variable taken the name of a "
        "function, such as max, sum or list?",
    ),
    Entry(
        "object_called",
        r"^TypeError: '(?P<type>[\w.]{1,80})' object is not callable",
        "An object of type $type was called like a function, and its class has no __call__.",
        "Call one of its methods, object.method(…), or define __call__ in the class.",
    ),
    Entry(
        "position_out_of_range",
        r"^IndexError: (?P<type>list|tuple|string|range object)(?: assignment)? index out of range",
        "This $type has fewer items than the index needs: they are counted from 0.",
        "The last one is [-1]; a loop over all is range(len(items)).",
    ),
    Entry(
        "pop_from_empty",
        r"^IndexError: pop from (?:an )?empty",
        "pop takes the last item away, and there is none left.",
        "Ask first whether there is one: if items.",
    ),
    Entry(
        "unpack_count",
        r"^ValueError: (?P<how>too many|not enough) values to unpack \(expected (?:at least )?"
        r"(?P<expected>\d+)",
        "$expected names are to be filled, and there are $how values for that.",
        "Print what stands right of = (or after in), and name each of its values once.",
    ),
    Entry(
        "unpack_function",
        r"^TypeError: cannot unpack non-iterable (?:\w*[Ff]unction|method|type) object",
        "On the right stands a function, not the values that it returns.",
        "Call it: jax.value_and_grad(loss) makes a function, and "
        "jax.value_and_grad(loss)(params) gives value and gradients.",
    ),
    Entry(
        "unpack_one_value",
        r"^TypeError: cannot unpack non-iterable (?P<type>[\w.]{1,60}) object",
        "Left of = stand several names, and on the right is one $type.",
        "Return several values, separated by commas, or write one name.",
    ),
    Entry(
        "loop_over_number",
        r"^TypeError: '(?P<type>int|float|bool)' object is not iterable",
        "A single $type stands where several values are expected.",
        "A loop that counts is for i in range(n); one value in a list is [n], in a shape (n,).",
    ),
    Entry(
        "loop_over_object",
        r"^TypeError: '(?P<type>[\w.]{1,80})' object is not (?:iterable|an iterator)",
        "An object of type $type stands where several values are expected, and it cannot be looped "
        "over.",
        "Put it into square brackets where a list of one is meant: [value].",
    ),
    Entry(
        "method_misses_self",
        r"^TypeError: (?:[\w.<>]*<locals>\.)?(?P<type>[A-Za-z_]\w*)\.(?P<name>\w+)\(\) takes "
        r"(?P<takes>\d+) positional arguments? but (?P<got>\d+) (?:was|were) given",
        "$name takes $takes and got $got, where the object itself counts as the first.",
        "Is self the first argument in its def? If it is, count those in the call.",
    ),
    Entry(
        "class_for_object",
        CALL + r"missing \d+ required positional arguments?: 'self'",
        "$name is a method, and was called on the class instead of on an object.",
        "Make an object first, with brackets behind the class: Counter().add(…).",
    ),
    Entry(
        "argument_missing",
        CALL + r"missing \d+ required (?:positional|keyword-only) arguments?: "
        r"(?P<missing>[^\n]{1,120})",
        "$name was called without $missing.",
        "Count the arguments in this call, and compare them with its def.",
    ),
    Entry(
        "arguments_of_builtin",
        r"^TypeError: (?P<name>\w+)(?:\(\))? (?:expected|takes) (?:at least |at most |exactly )?"
        r"\w+ (?:positional )?arguments?(?:, got \d+| \(\d+ given\))",
        "$name was called with another number of arguments than it takes.",
        "Count the arguments in this call; help($name) tells what they are.",
    ),
    Entry(
        "constructor_misspelt",
        r"^TypeError: (?P<type>\w+)\(\) takes no arguments",
        "$type is made without arguments, as its class has no __init__ that takes any.",
        "Compare its spelling: def __init__(self, …), two underscores on each side, indented into "
        "the class.",
    ),
    Entry(
        "arguments_too_many",
        CALL + r"takes (?P<takes>[\w ]{1,20}?) positional arguments? but (?P<got>\d+) (?:was|were)",
        "$name takes $takes and got $got.",
        "Count the arguments in this call; one with a default may have to be named: name=value.",
    ),
    Entry(
        "argument_unknown",
        CALL + r"got an unexpected keyword argument '(?P<argument>\w{1,80})'",
        "$name has no argument called $argument.",
        "Compare the spelling with its def or its documentation.",
    ),
    Entry(
        "argument_twice",
        CALL + r"got multiple values for argument '(?P<argument>\w{1,80})'",
        "$name got $argument twice: once by its position and once by its name.",
        "Leave one of them out.",
    ),
    Entry(
        "attribute_of_self",
        r"^AttributeError: '(?P<type>\w+)' object has no attribute '(?P<name>\w+)'.*\n>.*"
        r"\bself\.(?P=name)\b",
        "This $type keeps no $name.",
        "Set it in __init__, self.$name = …: a name without self. is gone when __init__ ends. And "
        "compare the spelling.",
    ),
    Entry(
        "list_arithmetic",
        BINARY + r".*'(?P<type>list|tuple)'|^TypeError: can(?:'t multiply sequence by non-int|"
        r" only concatenate (?:list|tuple))",
        "Lists and tuples (and texts) do not calculate: + joins them, and * n repeats them.",
        "Make an array of it first: jnp.asarray(values).",
    ),
    Entry(
        "dict_arithmetic",
        BINARY + r".*'dict'",
        "A dict cannot be calculated with ($sign); parameters and gradients are dicts.",
        "Do it array by array: jax.tree.map(lambda p, g: p - rate * g, params, grads).",
    ),
    Entry(
        "function_arithmetic",
        BINARY + r".*'(?:function|method|type|builtin_function_or_method|PjitFunction|\w*jit\w*)'",
        "A function stands in a calculation ($sign), not the value that it returns.",
        "Call it, with its arguments in brackets.",
    ),
    Entry(
        "text_arithmetic",
        BINARY
        + r".*'(?:str|bytes)'|^TypeError: can(?:'t concat (?:str|bytes)| only concatenate str)",
        "Text and something else cannot be joined or calculated with.",
        'f"loss {value}" puts a value into a text; float(text) makes a number of one.',
    ),
    Entry(
        "types_in_calculation",
        BINARY + r"'(?P<left>[\w.]{1,60})' and '(?P<right>[\w.]{1,60})'",
        "$left and $right cannot be calculated with each other ($sign).",
        "Print type(…) of both: one of them is not what it should be.",
    ),
    Entry(
        "types_compared",
        r"^TypeError: '(?P<sign>[<>]=?)' not supported between instances of "
        r"'(?P<left>[\w.]{1,60})' and '(?P<right>[\w.]{1,60})'",
        "$left and $right cannot be compared by $sign.",
        "Print both; a text that was read from a file becomes a number by float(text).",
    ),
    Entry(
        "key_missing",
        r"^KeyError: (?P<key>[^\n]{1,80})",
        "There is no key $key here.",
        "d.get(key, other) gives `other` then; print(list(d)) shows its keys.",
    ),
    Entry(
        "list_as_array",
        r"^AttributeError: '(?P<type>list|tuple|float|int)' object has no attribute '(?P<name>shape"
        r"|dtype|mean|sum|std|astype|reshape|ndim|size|T|at|max|min|argmax|flatten|transpose)'",
        "$name belongs to arrays, and this is of type $type.",
        "Make an array of it, jnp.asarray(x); of a tuple that a function returned, take the item "
        "that is meant.",
    ),
    Entry(
        "tuple_attribute",
        r"^AttributeError: 'tuple' object has no attribute '(?P<name>\w{1,40})'",
        "A tuple has no $name: this is several values in one.",
        "Unpack it, state, history = lib.fit(…), or take one by its position, pair[0].",
    ),
    Entry(
        "dict_attribute",
        r"^AttributeError: '(?:dict|FrozenDict)' object has no attribute '(?P<name>\w{1,40})'",
        "A dict has no $name after a dot.",
        'Its items are reached by key: params["$name"].',
    ),
    Entry(
        "function_attribute",
        r"^AttributeError: '(?:function|method|builtin_function_or_method|PjitFunction)' object "
        r"has no attribute '(?P<name>\w{1,40})'",
        "A function has no $name: this is the function, not the value that it returns.",
        "Call it with its arguments in brackets, then ask for .$name.",
    ),
    Entry(
        "attribute_of_module",
        r"^AttributeError: (?:partially initialized )?module '(?P<module>[\w.]{1,60})' has no "
        r"attribute '(?P<name>\w{1,60})'",
        "$module has no $name.",
        "Compare the spelling with its documentation; dir($module) lists what it has.",
    ),
    Entry(
        "attribute_unknown",
        r"^AttributeError: (?:type object )?'?(?P<type>[\w.]{1,80})'?(?: object)? has no "
        r"attribute '(?P<name>\w{1,80})'",
        "$type has no $name.",
        "Compare the spelling; print(dir(x)) lists what x has.",
    ),
    Entry(
        "function_indexed",
        r"^TypeError: '(?:function|method|builtin_function_or_method|type|PjitFunction)' object is "
        r"not subscriptable",
        "Square brackets stand behind a function or a class.",
        "It is called with round brackets: f(x); of what it returns, f(x)[0] is an item.",
    ),
    Entry(
        "class_indexed",
        r"^TypeError: type '(?P<type>[\w.]{1,60})' is not subscriptable",
        "Square brackets stand behind the class $type.",
        "Make an object of it with round brackets: $type(…).",
    ),
    Entry(
        "generator_used_as_list",
        r"^TypeError: (?:object of type )?'(?P<type>map|zip|filter|generator|enumerate|dict_keys"
        r"|dict_values|dict_items|reversed)' (?:object )?(?:is not subscriptable|has no len)",
        "What $type gives comes one item after the other; it has no positions and no length.",
        "Make a list of it first: list(…).",
    ),
    Entry(
        "value_indexed",
        r"^TypeError: '(?P<type>[\w.]{1,60})' object is not subscriptable",
        "Square brackets stand behind a value of type $type, which has no items.",
        "Print it just before this line; a single number needs no index.",
    ),
    Entry(
        "value_without_length",
        r"^TypeError: object of type '(?P<type>[\w.]{1,60})' has no len\(\)",
        "A value of type $type has no length.",
        "Print it just before this line: a list, an array or a tuple is expected.",
    ),
    Entry(
        "list_indexed_as_array",
        r"^TypeError: (?P<type>list|tuple|string) indices must be integers(?: or slices)?, not "
        r"'?tuple",
        "A $type takes one index, and got two with a comma.",
        "rows[0][1], or make an array of it: jnp.asarray(rows)[0, 1].",
    ),
    Entry(
        "list_indexed_by_text",
        r"^TypeError: (?P<type>list|tuple|string) indices must be integers(?: or slices)?, not "
        r"'?str",
        "A $type is indexed by a number, and got a text; only a dict has keys.",
        "Take one item first, rows[0], or loop over all.",
    ),
    Entry(
        "position_not_whole",
        r"^TypeError: (?:'(?:float|numpy\.float\d+)' object cannot be interpreted as an integer"
        r"|slice indices must be integers|\w+ indices must be integers(?: or slices)?, not )",
        "A whole number is needed here, and this is none.",
        "/ always gives a float: divide with //, or convert with int(x) or round(x).",
    ),
    Entry(
        "divided_by_zero",
        r"^ZeroDivisionError: ",
        "Something was divided by 0.",
        "Print the number below the line: is a list empty, or a count still 0?",
    ),
    Entry(
        "calls_itself",
        r"^RecursionError: ",
        "A function calls itself without end.",
        "Give it a case in which it returns without calling itself, and let every call come nearer "
        "to it.",
    ),
    Entry(
        "package_missing",
        r"^(?:ModuleNotFoundError|ImportError): (?:No module named '(?P<name>[\w.]{1,80})'"
        r"|(?P<module>[\w.]{1,80}) is not there: its import failed \(No module)",
        "There is no module $name$module.",
        "Only the standard library, jax, flax, optax, numpy, matplotlib, PIL and lib are there; a "
        "file of your own cannot be imported: the week's file has to hold everything.",
    ),
    Entry(
        "import_misspelt",
        r"^ImportError: cannot import name '(?P<name>\w{1,80})' from '(?P<module>[\w.]{1,80})'",
        "$module has no $name.",
        "Compare the spelling with its documentation.",
    ),
    Entry(
        "text_is_no_number",
        r"^ValueError: (?:could not convert string to float: (?P<text>[^\n]{1,80})"
        r"|invalid literal for int\(\) with base 10: (?P<other_text>[^\n]{1,80}))",
        "The text $text$other_text cannot be read as a number of this kind.",
        "Is it a heading, an empty line or a name? Leave it out; int() reads whole numbers only.",
    ),
    Entry(
        "assertion",
        r"^AssertionError: .*\n> *assert\b",
        "What this assert says does not hold.",
        "Print both sides just before it.",
    ),
    Entry(
        "iterator_empty",
        r"^StopIteration: ",
        "next() asked for another item, and there is none left.",
        "Give it what to take then, next(items, None), or use a for loop.",
    ),
    Entry(
        "unhashable",
        r"^TypeError: .*unhashable type: '(?P<type>[\w.]{1,80})'",
        "A key of a dict or an item of a set must never change, and something of type $type can.",
        "Use a tuple of a list, tuple(x), and a number or a text of an array: int(label).",
    ),
    Entry(
        "changed_while_looping",
        r"^RuntimeError: (?P<type>\w+) (?:changed size|keys changed|mutated) during iteration",
        "The body of the loop changes the $type that the loop goes through.",
        "Loop over a copy: for name in list(counts).",
    ),
    Entry(
        "item_cannot_be_assigned",
        r"^TypeError: '(?P<type>tuple|str|bytes|range)' object does not support item assignment",
        "A $type cannot be changed after it was made.",
        "Make a list of it, list(x), change that, and convert it back; or build a new one.",
    ),
    Entry(
        "bytes_for_text",
        r"^TypeError: .*(?:must be bytes|bytes-like object is required|must be str)\b.*"
        r"\bnot '?(?:str|bytes)",
        "Text and bytes met, and they are two things.",
        'b"…" is bytes; text.encode() makes bytes of a text, data.decode() text of bytes.',
    ),
    Entry(
        "bytes_are_no_text",
        r"^UnicodeDecodeError: ",
        "These bytes are no text, as those of a picture are not, or text in another encoding.",
        "Read a picture with PIL.Image.open, other bytes with path.read_bytes().",
    ),
    Entry(
        "zip_lengths",
        r"^ValueError: zip\(\) argument \d+ is (?:shorter|longer) than",
        "The lists that zip goes through together are not equally long.",
        "Print the len of each.",
    ),
    Entry(
        "no_such_item",
        r"^ValueError: .* is not in (?P<type>list|tuple)|^ValueError: list\.remove\(x\)",
        "The item that is looked for is not there.",
        "Ask first, if x in items; and compare the spelling and the type: '3' is not 3.",
    ),
)
