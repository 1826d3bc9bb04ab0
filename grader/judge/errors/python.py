"""Python's own errors while a program runs."""

from grader.judge.errors.entry import Entry

# Names that the first lines of a file import.
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
        "$name is the usual name of a library or part of one, and this file does not import it.",
        "Write the import at the top of the file. The stub's first lines have the imports of the "
        "week.",
    ),
    Entry(
        "name_self",
        r"^NameError: name 'self' is not defined",
        "self is not an argument of this function.",
        "In a class, make it the first argument: def f(self, x).",
    ),
    Entry(
        "name_of_a_constant",
        r"^NameError: name '(?P<name>true|false|null|none|nil|TRUE|FALSE|NULL|nan|inf)' is not def",
        "Python has no $name.",
        "Python's names are True, False and None; jnp.nan and jnp.inf are numbers in jnp.",
    ),
    Entry(
        "name_unknown",
        r"^NameError: name '(?P<name>\w{1,80})' is not defined",
        "Nothing is called $name at this line.",
        "Check the spelling. If another function made it, pass it as an argument or return it "
        "from there.",
    ),
    Entry(
        "local_before_assignment",
        r"^UnboundLocalError: (?:cannot access )?local variable '(?P<name>\w{1,80})'",
        "This function assigns to $name, so $name is local, and it has no value yet.",
        "Give it a value before this line, in every branch. Pass a value from outside as an "
        "argument, under another name.",
    ),
    Entry(
        "metric_missing",
        r"^TypeError: '[<>]=?' not supported between instances of .*'NoneType'.*\n>.*\.get\(",
        ".get returns None if the key is missing, and you cannot compare None with a number.",
        'Give it a default: logs.get("accuracy", 0.0).',
    ),
    Entry(
        "none_used",
        r"^(?:TypeError|AttributeError): .*\bNoneType\b",
        "Something on this line is None.",
        "Is a return missing in a function further up? Methods that change an object in place, "
        "such as append and sort, also return None.",
    ),
    Entry(
        "shape_called",
        r"^TypeError: '(?:tuple|int|dtype\S*|numpy\.dtypes\.\w+)' object is not callable.*\n>.*"
        r"\.(?P<name>shape|size|ndim|dtype)\(",
        "$name is a value, not a function.",
        "Leave out the round brackets: x.$name. The first size is x.shape[0].",
    ),
    Entry(
        "array_called",
        r"^TypeError: '?(?:[\w.]*ArrayImpl|\w*Tracer|numpy\.ndarray|numpy\.float\d+)'? object is "
        r"not callable",
        "Round brackets call a function, but this is an array or a number.",
        "Take an element with square brackets, x[0]. Write a product with *.",
    ),
    Entry(
        "module_called",
        r"^TypeError: 'module' object is not callable",
        "Your code calls a module, but you can call only what is in it.",
        "Name the function after a dot: module.function(…).",
    ),
    Entry(
        "text_for_a_function",
        r"^TypeError: 'str' object is not callable.*\n>.*\b(?P<name>\w+)=[\"'](?P<text>\w+)[\"']",
        "$name takes a function, but got the string '$text'.",
        "Pass the function itself: $name=nn.$text.",
    ),
    Entry(
        "paths_joined",
        r"^TypeError: unsupported operand type\(s\) for (?:/: 'str' and 'str'|\+: '\w*Path' and "
        r"'str'|\+: 'str' and '\w*Path')",
        "+ joins strings, and / joins paths.",
        "Make the first one a path: Path(folder) / name.",
    ),
    Entry(
        "power_written_as_xor",
        r"^TypeError: .*(?:for \^: |xor)",
        "^ is not a power in Python: it is a bitwise XOR of whole numbers.",
        "Write x ** 2.",
    ),
    Entry(
        "folder_that_is_a_file",
        r"^NotADirectoryError",
        "Your code uses a file as a folder.",
        "Continue only with folders: if path.is_dir().",
    ),
    Entry(
        "value_called",
        r"^TypeError: '(?P<type>str|int|float|list|dict|tuple|set|bool|bytes|complex|range)' object"
        r" is not callable",
        "Round brackets call a function, but the value before them is of type $type.",
        "Is a * missing, or should the brackets be square? Or has a variable taken the name of a "
        "function, such as max, sum or list?",
    ),
    Entry(
        "object_called",
        r"^TypeError: '(?P<type>[\w.]{1,80})' object is not callable",
        "Your code calls an object of type $type like a function, but its class has no __call__.",
        "Call one of its methods, object.method(…), or define __call__ in the class.",
    ),
    Entry(
        "position_out_of_range",
        r"^IndexError: (?P<type>list|tuple|string|range object)(?: assignment)? index out of range",
        "This $type has too few items for this index, which counts from 0.",
        "The last item is [-1]. To loop over all items, use range(len(items)).",
    ),
    Entry(
        "pop_from_empty",
        r"^IndexError: pop from (?:an )?empty",
        "pop removes an item, and there is none left.",
        "First check that there is one: if items.",
    ),
    Entry(
        "unpack_count",
        r"^ValueError: (?P<how>too many|not enough) values to unpack \(expected (?:at least )?"
        r"(?P<expected>\d+)",
        "There are $how values for $expected names.",
        "Print what is right of = (or after in), and give each of its values one name.",
    ),
    Entry(
        "unpack_function",
        r"^TypeError: cannot unpack non-iterable (?:\w*[Ff]unction|method|type) object",
        "The right-hand side is a function, not the values that it returns.",
        "Call it: jax.value_and_grad(loss) makes a function, and jax.value_and_grad(loss)(params) "
        "returns the value and the gradients.",
    ),
    Entry(
        "unpack_one_value",
        r"^TypeError: cannot unpack non-iterable (?P<type>[\w.]{1,60}) object",
        "There are several names left of =, and one $type on the right.",
        "Return several values, separated by commas, or write one name.",
    ),
    Entry(
        "loop_over_number",
        r"^TypeError: '(?P<type>int|float|bool)' object is not iterable",
        "This line needs several values, but got a single $type.",
        "To count, write for i in range(n). A list of one value is [n], a shape (n,).",
    ),
    Entry(
        "loop_over_object",
        r"^TypeError: '(?P<type>[\w.]{1,80})' object is not (?:iterable|an iterator)",
        "This line needs several values, but you cannot loop over an object of type $type.",
        "If you mean a list of one item, put it in square brackets: [value].",
    ),
    Entry(
        "method_misses_self",
        r"^TypeError: (?:[\w.<>]*<locals>\.)?(?P<type>[A-Za-z_]\w*)\.(?P<name>\w+)\(\) takes "
        r"(?P<takes>\d+) positional arguments? but (?P<got>\d+) (?:was|were) given",
        "$name takes $takes and got $got, counting the object itself as the first.",
        "Is self the first argument in its def? If it is, count the arguments in the call.",
    ),
    Entry(
        "class_for_object",
        CALL + r"missing \d+ required positional arguments?: 'self'",
        "$name is a method, and your code calls it on the class instead of an object.",
        "Make an object first, with brackets after the class: Counter().add(…).",
    ),
    Entry(
        "argument_missing",
        CALL + r"missing \d+ required (?:positional|keyword-only) arguments?: "
        r"(?P<missing>[^\n]{1,120})",
        "$name was called without $missing.",
        "Compare the arguments in this call with its def.",
    ),
    Entry(
        "arguments_of_builtin",
        r"^TypeError: (?P<name>\w+)(?:\(\))? (?:expected|takes) (?:at least |at most |exactly )?"
        r"\w+ (?:positional )?arguments?(?:, got \d+| \(\d+ given\))",
        "$name got the wrong number of arguments.",
        "Count the arguments in this call; help($name) lists them.",
    ),
    Entry(
        "constructor_misspelt",
        r"^TypeError: (?P<type>\w+)\(\) takes no arguments",
        "$type takes no arguments: its class has no __init__ that takes any.",
        "Check the spelling: def __init__(self, …), with two underscores on each side, indented "
        "into the class.",
    ),
    Entry(
        "arguments_too_many",
        CALL + r"takes (?P<takes>[\w ]{1,20}?) positional arguments? but (?P<got>\d+) (?:was|were)",
        "$name takes $takes and got $got.",
        "Count the arguments in this call. You may have to name one that has a default: "
        "name=value.",
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
        "Remove one of them.",
    ),
    Entry(
        "attribute_of_self",
        r"^AttributeError: '(?P<type>\w+)' object has no attribute '(?P<name>\w+)'.*\n>.*"
        r"\bself\.(?P=name)\b",
        "This $type has no $name.",
        "Set it in __init__, self.$name = …: a name without self. is gone when __init__ ends. "
        "Check the spelling, too.",
    ),
    Entry(
        "list_arithmetic",
        BINARY + r".*'(?P<type>list|tuple)'|^TypeError: can(?:'t multiply sequence by non-int|"
        r" only concatenate (?:list|tuple))",
        "You cannot do arithmetic with lists, tuples or strings: + joins them, and * n "
        "repeats them.",
        "Make an array first: jnp.asarray(values).",
    ),
    Entry(
        "dict_arithmetic",
        BINARY + r".*'dict'",
        "You cannot do arithmetic with a dict ($sign); parameters and gradients are dicts.",
        "Compute array by array: jax.tree.map(lambda p, g: p - rate * g, params, grads).",
    ),
    Entry(
        "function_arithmetic",
        BINARY + r".*'(?:function|method|type|builtin_function_or_method|PjitFunction|\w*jit\w*)'",
        "This calculation ($sign) uses a function, not the value that it returns.",
        "Call it, with its arguments in brackets.",
    ),
    Entry(
        "text_arithmetic",
        BINARY
        + r".*'(?:str|bytes)'|^TypeError: can(?:'t concat (?:str|bytes)| only concatenate str)",
        "You cannot join a string with another value, or do arithmetic with it.",
        'f"loss {value}" puts a value into a string; float(text) turns a string into a number.',
    ),
    Entry(
        "types_in_calculation",
        BINARY + r"'(?P<left>[\w.]{1,60})' and '(?P<right>[\w.]{1,60})'",
        "You cannot do arithmetic with $left and $right ($sign).",
        "Print type(…) of both: one of them is not what it should be.",
    ),
    Entry(
        "types_compared",
        r"^TypeError: '(?P<sign>[<>]=?)' not supported between instances of "
        r"'(?P<left>[\w.]{1,60})' and '(?P<right>[\w.]{1,60})'",
        "You cannot compare $left and $right with $sign.",
        "Print both: one is not what you expect. If it is a string, float(text) makes it a number.",
    ),
    Entry(
        "key_missing",
        r"^KeyError: (?P<key>[^\n]{1,80})",
        "There is no key $key here.",
        "d.get(key, default) returns a default instead; print(list(d)) shows the keys.",
    ),
    Entry(
        "list_as_array",
        r"^AttributeError: '(?P<type>list|tuple|float|int)' object has no attribute '(?P<name>shape"
        r"|dtype|mean|sum|std|astype|reshape|ndim|size|T|at|max|min|argmax|flatten|transpose)'",
        "Only arrays have $name, and this is of type $type.",
        "Make an array, jnp.asarray(x). If a function returned a tuple, take the item that you "
        "need.",
    ),
    Entry(
        "tuple_attribute",
        r"^AttributeError: 'tuple' object has no attribute '(?P<name>\w{1,40})'",
        "A tuple has no $name: it is several values in one.",
        "Unpack it, state, history = lib.fit(…), or take one item by its position: pair[0].",
    ),
    Entry(
        "dict_attribute",
        r"^AttributeError: '(?:dict|FrozenDict)' object has no attribute '(?P<name>\w{1,40})'",
        "A dict has no $name after a dot.",
        'Take an item by its key: params["$name"].',
    ),
    Entry(
        "function_attribute",
        r"^AttributeError: '(?:function|method|builtin_function_or_method|PjitFunction)' object "
        r"has no attribute '(?P<name>\w{1,40})'",
        "A function has no $name: this is the function, not the value that it returns.",
        "Call it with its arguments in brackets, then use .$name.",
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
        "Check the spelling; print(dir(x)) lists what x has.",
    ),
    Entry(
        "function_indexed",
        r"^TypeError: '(?:function|method|builtin_function_or_method|type|PjitFunction)' object is "
        r"not subscriptable",
        "You used square brackets on a function or a class.",
        "Call it with round brackets: f(x). An item of its result is f(x)[0].",
    ),
    Entry(
        "class_indexed",
        r"^TypeError: type '(?P<type>[\w.]{1,60})' is not subscriptable",
        "You used square brackets on the class $type.",
        "Make an object with round brackets: $type(…).",
    ),
    Entry(
        "generator_used_as_list",
        r"^TypeError: (?:object of type )?'(?P<type>map|zip|filter|generator|enumerate|dict_keys"
        r"|dict_values|dict_items|reversed)' (?:object )?(?:is not subscriptable|has no len)",
        "$type gives its items one after another; it has no positions and no length.",
        "Make a list first: list(…).",
    ),
    Entry(
        "value_indexed",
        r"^TypeError: '(?P<type>[\w.]{1,60})' object is not subscriptable",
        "You used square brackets on a value of type $type, which has no items.",
        "Print it just before this line; a single number needs no index.",
    ),
    Entry(
        "value_without_length",
        r"^TypeError: object of type '(?P<type>[\w.]{1,60})' has no len\(\)",
        "A value of type $type has no length.",
        "Print it just before this line: it should be a list, an array or a tuple.",
    ),
    Entry(
        "list_indexed_as_array",
        r"^TypeError: (?P<type>list|tuple|string) indices must be integers(?: or slices)?, not "
        r"'?tuple",
        "A $type takes one index, but got two with a comma.",
        "Write rows[0][1], or make an array: jnp.asarray(rows)[0, 1].",
    ),
    Entry(
        "list_indexed_by_text",
        r"^TypeError: (?P<type>list|tuple|string) indices must be integers(?: or slices)?, not "
        r"'?str",
        "A $type takes a number as index, but got a string; only a dict has keys.",
        "Take one item first, rows[0], or loop over all of them.",
    ),
    Entry(
        "position_not_whole",
        r"^TypeError: (?:'(?:float|numpy\.float\d+)' object cannot be interpreted as an integer"
        r"|slice indices must be integers|\w+ indices must be integers(?: or slices)?, not )",
        "This must be a whole number, and it is not.",
        "/ always gives a float: divide with //, or convert with int(x) or round(x).",
    ),
    Entry(
        "divided_by_zero",
        r"^ZeroDivisionError: ",
        "Your code divides by 0.",
        "Print the divisor: is a list empty, or a count still 0?",
    ),
    Entry(
        "calls_itself",
        r"^RecursionError: ",
        "A function calls itself without end.",
        "Add a case that returns without another call, and make every call come closer to it.",
    ),
    Entry(
        "package_missing",
        r"^(?:ModuleNotFoundError|ImportError): (?:No module named '(?P<name>[\w.]{1,80})'"
        r"|(?P<module>[\w.]{1,80}) is not available: its import failed \(No module)",
        "There is no module $name$module.",
        "You can import only the standard library, jax, flax, optax, numpy, matplotlib, PIL and "
        "lib. You cannot import your own files: put everything in the week's file.",
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
        "The string $text$other_text is not a number of this kind.",
        "Is it a heading, an empty line or a name? Leave it out. int() reads whole numbers only.",
    ),
    Entry(
        "assertion",
        r"^AssertionError: .*\n> *assert\b",
        "The condition of this assert does not hold.",
        "Print both sides just before it.",
    ),
    Entry(
        "iterator_empty",
        r"^StopIteration: ",
        "next() asked for another item, and there is none left.",
        "Give it a default, next(items, None), or use a for loop.",
    ),
    Entry(
        "unhashable",
        r"^TypeError: .*unhashable type: '(?P<type>[\w.]{1,80})'",
        "A key of a dict or an item of a set must never change, but something of type $type can.",
        "Turn a list into a tuple, tuple(x), and an array into a number or string: int(label).",
    ),
    Entry(
        "changed_while_looping",
        r"^RuntimeError: (?P<type>\w+) (?:changed size|keys changed|mutated) during iteration",
        "The body of the loop changes the $type that it loops over.",
        "Loop over a copy: for name in list(counts).",
    ),
    Entry(
        "item_cannot_be_assigned",
        r"^TypeError: '(?P<type>tuple|str|bytes|range)' object does not support item assignment",
        "A $type cannot change once it is made.",
        "Convert it to a list, list(x), change that, and convert it back; or build a new one.",
    ),
    Entry(
        "bytes_for_text",
        r"^TypeError: .*(?:must be bytes|bytes-like object is required|must be str)\b.*"
        r"\bnot '?(?:str|bytes)",
        "This line mixes text and bytes, which are different types.",
        'b"…" is bytes. text.encode() turns text into bytes; data.decode() turns bytes into text.',
    ),
    Entry(
        "bytes_are_no_text",
        r"^UnicodeDecodeError: ",
        "These bytes are not text, such as those of an image, or are text in a different encoding.",
        "Read an image with PIL.Image.open, and other bytes with path.read_bytes().",
    ),
    Entry(
        "zip_lengths",
        r"^ValueError: zip\(\) argument \d+ is (?:shorter|longer) than",
        "The lists that zip goes through together have different lengths.",
        "Print len(…) of each.",
    ),
    Entry(
        "no_such_item",
        r"^ValueError: .* is not in (?P<type>list|tuple)|^ValueError: list\.remove\(x\)",
        "The item that your code looks for is not there.",
        "Check first: if x in items. Compare the spelling and the type: '3' is not 3.",
    ),
)
