"""Errors of JAX: arrays that do not change, values that are traced, keys, gradients, loops."""

from grader.judge.errors.entry import Entry

CONCRETE = r"^(?:ConcretizationTypeError|TypeError|TracerIntegerConversionError): "

ENTRIES = (
    # Arrays do not change.
    Entry(
        "item_assignment",
        r"^TypeError: .*(?:JAX arrays are immutable"
        r"|(?:ArrayImpl|Tracer)' object does not support item)",
        "An element of a JAX array was assigned to, and JAX arrays do not change.",
        "Make a new one: x = x.at[index].set(value), or .add(value) for +=.",
    ),
    Entry(
        "at_assigned",
        r"^TypeError: '_IndexUpdate\w+' object does not support item assignment",
        "x.at[index] = value was written, and nothing can be assigned to x.at.",
        "Call set, and keep what it returns: x = x.at[index].set(value).",
    ),
    Entry(
        "at_called",
        r"^TypeError: '_IndexUpdate\w+' object is not callable",
        "x.at or x.at[index] was called like a function.",
        "Square brackets, then the operation: x = x.at[index].set(value).",
    ),
    Entry(
        "at_misspelt",
        r"^AttributeError: '_IndexUpdate(?P<part>Ref|Helper)' object has no attribute "
        r"'(?P<name>\w{1,40})'",
        "x.at has no $name at this place.",
        "The form is x = x.at[index].set(value), with an index; beside set there are add, "
        "multiply, min and max.",
    ),
    Entry(
        "at_unfinished",
        r"^TypeError: .*_IndexUpdate(?:Ref|Helper)",
        "x.at[index] alone is no value.",
        "x[index] reads an element; x = x.at[index].set(value) makes an array with another one.",
    ),
    Entry(
        "buffer_deleted",
        r"^(?:RuntimeError|ValueError|JaxRuntimeError|XlaRuntimeError): .*"
        r"(?:Array has been deleted|deleted or donated buffer)",
        "This array was given away to a step that reuses its memory (donated), or deleted.",
        "Go on with what the step returned: state = step(state); what you still need of the old "
        "one, copy before.",
    ),
    # Traced values.
    Entry(
        "traced_maximum",
        r"^TracerBoolConversionError: .*\n>(?!.*\b(?:if|and|or|not|while|assert)\b).*"
        r"(?<![\w.])(?P<name>max|min|sorted)\(",
        "Python's $name compares values, and inside jit, grad or vmap they are not known yet.",
        "Use jnp.maximum(a, b), jnp.minimum(a, b) or jnp.sort(x).",
    ),
    Entry(
        "traced_while",
        r"^TracerBoolConversionError: .*\n> *while\b",
        "Inside jit, grad or vmap a value is not known yet, so `while` cannot look at it.",
        "Use jax.lax.while_loop, or a for loop with a fixed number of turns.",
    ),
    Entry(
        "traced_if",
        r"^TracerBoolConversionError: ",
        "Inside jit, grad or vmap a value is not known yet, and this line needs to know whether it "
        "is true.",
        "For `if` use jnp.where(condition, a, b), for and, or, not the signs &, |, ~; an argument "
        "that steers, such as a mode, is marked static.",
    ),
    Entry(
        "traced_count",
        CONCRETE + r".*(?:jnp\.nonzero|jnp\.unique|size argument|argwhere)",
        "How many elements this gives depends on values, which are not known inside jit, grad or "
        "vmap.",
        "Use jnp.where(condition, a, b) with three arguments, which keeps the shape, or pass "
        "size=.",
    ),
    Entry(
        "traced_shape",
        CONCRETE + r".*(?:Shapes must be 1D sequences of concrete values.*Tracer"
        r"|jnp\.(?:arange|linspace|eye|full|repeat)|one_hot)",
        "A size depends on a value that is not known inside jit, grad or vmap.",
        "Take sizes from x.shape, or mark the argument: jax.jit(f, static_argnames=('n',)).",
    ),
    Entry(
        "traced_number",
        r"^ConcretizationTypeError: .*(?:`(?P<name>float|int|bool|complex)` function"
        r"|(?P<method>item|tolist)\(\) method)",
        "$name$method() needs a value, and inside jit, grad or vmap it is not known yet.",
        "Leave float(), int() and .item() out there: compute with jnp, use x.astype(…), and "
        "convert what comes out.",
    ),
    Entry(
        "traced_index",
        r"^TracerIntegerConversionError: ",
        "Inside jit, grad or vmap a value is not known yet, and so is no index of a list, and no "
        "number for range.",
        "Index an array instead of a list, or mark the argument: jax.jit(f, static_argnames=…).",
    ),
    Entry(
        "traced_slice",
        r"^IndexError: .*(?:[Ss]lice entries must be static|must have static start/stop/step)",
        "The bounds of a slice are traced, and would make a shape that jit cannot know.",
        "Use jax.lax.dynamic_slice with a fixed size, or mark the bound as static: "
        "jax.jit(f, static_argnames=…).",
    ),
    Entry(
        "traced_numpy",
        r"^TracerArrayConversionError: ",
        "NumPy cannot look into a value that jit, grad or vmap traces.",
        "Use the function of the same name in jnp, and jnp.asarray for np.asarray.",
    ),
    Entry(
        "traced_mask",
        r"^NonConcreteBooleanIndexError: ",
        "x[mask] has as many elements as the mask has True, which is not known inside jit, grad "
        "or vmap.",
        "Keep the shape: jnp.where(mask, x, 0).",
    ),
    Entry(
        "traced_value_kept",
        r"^UnexpectedTracerError: ",
        "A traced value was kept after jit, grad or vmap had ended: in a global, a list or an "
        "attribute.",
        "Return it from the function instead.",
    ),
    Entry(
        "traced_other",
        r"^ConcretizationTypeError: ",
        "Inside jit, grad or vmap a value is not known yet, and this function needs it, for a "
        "size, an axis or the like.",
        "Mark the argument as static, jax.jit(f, static_argnames=…), or do this part outside.",
    ),
    Entry(
        "traced_format",
        r"^TypeError: unsupported format string passed to \w*Tracer\.__format__",
        "Inside jit, grad or vmap a value is not known yet, so it cannot be written with a format "
        "such as :.2f.",
        'Print it when it is there: jax.debug.print("{x}", x=x).',
    ),
    # Random keys.
    Entry(
        "key_first",
        r"^TypeError: (?:unexpected PRNG key type|.*invalid PRNG key data)",
        "A function of jax.random got something as its first argument that is no key.",
        "The key comes first: jax.random.normal(key, (3,)); a seed becomes a key by "
        "jax.random.key(0).",
    ),
    Entry(
        "keys_many",
        r"^ValueError: \w+ accepts a single key, but was given a key array of shape",
        "Several keys were given where one is used.",
        "Take one of them, keys[0], or unpack them: key, other = jax.random.split(key).",
    ),
    Entry(
        "key_without_seed",
        r"^TypeError: (?P<name>key|PRNGKey)\(\) missing \d+ required positional argument.*"
        r"\n>.*\brandom\.(?P=name)\(",
        "jax.random.$name was called without a seed.",
        "Give it a whole number: jax.random.key(0).",
    ),
    Entry(
        "key_calculated_with",
        r"^TypeError: (?P<name>\w+) does not accept dtypes? .*key<",
        "A random key took part in a calculation ($name), and it is no number.",
        "Draw with it: jax.random.normal(key, shape); new keys come from jax.random.split(key).",
    ),
    Entry(
        "key_method",
        r"^AttributeError: 'PRNGKeyArray' object has no attribute '(?P<name>\w{1,40})'",
        "A key has no method $name.",
        "Functions of jax.random take the key: jax.random.split(key), "
        "jax.random.normal(key, shape).",
    ),
    Entry(
        "key_reused",
        r"^KeyReuseError: ",
        "One random key was used twice, and what it draws twice is not independent.",
        "Split it first: key, other = jax.random.split(key).",
    ),
    Entry(
        "keys_unpacked",
        r"^ValueError: (?:not enough|too many) values to unpack.*\n>.*\brandom\.split\(",
        "jax.random.split gives two keys unless it is asked for another number.",
        "Ask for as many as there are names: a, b, c = jax.random.split(key, 3).",
    ),
    Entry(
        "random_arguments",
        r"^TypeError: (?P<name>\w+)\(\) missing \d+ required positional arguments?: "
        r"(?P<missing>[^\n]{1,80})\n>.*\brandom\.(?P=name)\(",
        "jax.random.$name was called without $missing.",
        "Its first argument is always a key: jax.random.permutation(key, x), "
        "jax.random.randint(key, shape, low, high).",
    ),
    Entry(
        "random_name",
        r"^AttributeError: module 'jax\.random' has no attribute '(?P<name>\w{1,40})'",
        "jax.random has no $name; unlike NumPy's, its functions take a key.",
        "key = jax.random.key(0), then jax.random.normal(key, shape), uniform, randint, "
        "permutation or choice.",
    ),
    # Gradients.
    Entry(
        "gradient_of_nothing",
        r"^TypeError: Gradient only defined for scalar-output functions\. Output was None",
        "The function given to grad returns None.",
        "Return its loss: one number.",
    ),
    Entry(
        "gradient_of_several",
        r"^TypeError: Gradient only defined for scalar-output functions\. Output was [(\[{]",
        "The function given to grad returns several values, and a gradient is that of one number.",
        "Return the loss alone, or the pair (loss, other) with has_aux=True.",
    ),
    Entry(
        "gradient_of_many",
        r"^TypeError: Gradient only defined for scalar-output",
        "The function given to grad returns an array, and a gradient is that of one number.",
        "Is the mean of the losses missing? Return jnp.mean(losses).",
    ),
    Entry(
        "gradient_by_integers",
        r"^TypeError: grad requires real- or complex-valued inputs.* but got (?P<dtype>\w+)",
        "grad differentiates by its first argument, or by that of argnums, and it holds whole "
        "numbers ($dtype).",
        "Pass floats, 1.0 or x.astype(jnp.float32), or name the argument to differentiate by: "
        "argnums=1.",
    ),
    Entry(
        "gradient_aux",
        r"^TypeError: expected function with aux output to return a two-element tuple",
        "With has_aux=True the function has to return a pair.",
        "Return (loss, other), or leave has_aux out.",
    ),
    Entry(
        "gradient_argnums",
        r"^TypeError: (?:Only integer scalar arrays|'\w+' object cannot be interpreted as an "
        r"integer).*\n>.*\bgrad\([\w.]+, ",
        "The second argument of grad is argnums: which argument to differentiate by, as a number.",
        "Give the values to the function that grad makes: jax.grad(loss)(params, x).",
    ),
    Entry(
        "gradient_argnums_beyond",
        r"^(?:TypeError|ValueError): differentiating with respect to argnums=(?P<argnums>[^ \n]+) ",
        "argnums=$argnums names an argument that the call does not have.",
        "Count from 0, and pass that argument by position.",
    ),
    Entry(
        "function_expected",
        r"^TypeError: Expected a callable value, got",
        "grad, jit or vmap got a value where it takes a function.",
        "Give the function without calling it, then call the result: jax.grad(loss)(params).",
    ),
    # jit, vmap.
    Entry(
        "jit_of_method",
        r"^TypeError: (?:Error interpreting argument|Cannot interpret).*at path self\b",
        "jit was put on a method, so it tries to trace self, which is no array.",
        "Put jit on a plain function of arrays, or mark self: "
        "@functools.partial(jax.jit, static_argnums=0).",
    ),
    Entry(
        "jit_argument",
        r"^TypeError: (?:Error interpreting argument to .*as an abstract array.*<class '(?P<type>"
        r"[\w.]*)'>|Argument .* of type <class '(?P<other>[\w.]*)'> is not a valid JAX type)",
        "An argument is of type $type$other, and jit, grad and vmap take arrays and numbers, and "
        "lists and dicts of them.",
        "Use it from outside instead of passing it, or mark it: "
        "jax.jit(f, static_argnames=('mode',)).",
    ),
    Entry(
        "jit_result",
        r"^TypeError: .*returned a value of type <class '(?P<type>[\w.]*)'>.*not a valid JAX type",
        "A function under jit, grad or vmap returns something of type $type, and only arrays and "
        "numbers, or lists and dicts of them, come out.",
        "Return the arrays; make texts and objects of them outside.",
    ),
    Entry(
        "static_unhashable",
        r"^ValueError: Non-hashable static arguments",
        "A static argument must never change, and a list, a dict or an array can.",
        "Pass a tuple instead of a list; arrays are not static, leave them out of static_argnums.",
    ),
    Entry(
        "vmap_sizes",
        r"^ValueError: vmap got inconsistent sizes",
        "vmap goes through its arguments together, and they are not equally long.",
        "Compare their shapes; an argument that is the same for all gets None: in_axes=(0, None).",
    ),
    Entry(
        "vmap_axis",
        r"^ValueError: vmap was requested to map its argument along axis (?P<axis>-?\d+)",
        "vmap should go along axis $axis of an argument that has no such axis.",
        "An argument that is the same for all gets None: jax.vmap(f, in_axes=(0, None)).",
    ),
    Entry(
        "vmap_axes_count",
        r"^ValueError: vmap in_axes must be",
        "in_axes has not one entry for each argument.",
        "One for each, 0 to go through it, None to keep it: in_axes=(0, None).",
    ),
    # Loops.
    Entry(
        "scan_not_a_pair",
        r"^TypeError: scan body output must be a pair",
        "The function given to scan must return two values.",
        "Return (carry, output), with None for an output that is not needed.",
    ),
    Entry(
        "loop_carry",
        r"^TypeError: (?:scan body function carry|body_fun output|scan carry|while_loop body"
        r"|fori_loop)",
        "What a loop carries must keep its shape, type and structure from turn to turn.",
        "Start with what the body returns: the same shapes, and floats (0.0) for floats.",
    ),
    Entry(
        "loop_condition",
        r"^TypeError: cond_fun must return a boolean scalar",
        "The condition of while_loop does not return one True or False.",
        "Return a comparison of single numbers, such as x < 3.",
    ),
    Entry(
        "loop_arguments",
        r"^TypeError: .* takes \d+ positional arguments? but \d+ (?:was|were) given.*\n>.*"
        r"(?P<name>fori_loop|scan|while_loop)\(",
        "$name calls its function with another number of arguments than it takes.",
        "fori_loop calls body(i, value), scan calls body(carry, x), while_loop calls body(value).",
    ),
    Entry(
        "branches_differ",
        r"^TypeError: (?:cond branch|switch branch|true_fun and false_fun)",
        "The branches of cond do not give the same shape and type.",
        "Let both return the same; for plain arrays jnp.where(condition, a, b) is simpler.",
    ),
    # Shapes and arguments.
    Entry(
        "rows_and_columns",
        r"^(?:TypeError|ValueError): .*[(\[](?:(?P<n>\d+),\),? \((?P=n), ?\d+\)"
        r"|(?P<m>\d+), ?\d+\),? \((?P=m),\))",
        "Shapes (n,) and (n, k) met, and shapes are compared from the right.",
        "If these are labels and logits: this function wants one-hot rows, and "
        "lib.softmax_cross_entropy takes integer labels (n,). Otherwise x[:, None] makes a column.",
    ),
    Entry(
        "shapes_multiplied",
        r"^(?:TypeError|ValueError): (?:dot_general requires contracting|matmul|.*not aligned"
        r"|.*core dimension)",
        "Two shapes do not fit together in a product: the last axis of the first must be as long "
        "as the last but one of the second.",
        "Print both .shape just before this line; x.T turns a matrix, and * multiplies element by "
        "element.",
    ),
    Entry(
        "convolution_channels",
        r"^ValueError: conv_general_dilated lhs feature dimension",
        "The pictures have another number of channels than the kernels are made for.",
        "Print both .shape: pictures are (n, height, width, channels), kernels (height, width, "
        "channels in, channels out).",
    ),
    Entry(
        "shapes_do_not_fit",
        r"^(?:TypeError|ValueError): (?:.*[Ii]ncompatible shapes|Incompatible types for broadcast"
        r"|operands could not be broadcast|could not broadcast input array|.*contracting dim)",
        "Two shapes do not fit together: compared from the right, sizes must be equal, or one of "
        "them 1.",
        "Print both .shape just before this line.",
    ),
    Entry(
        "list_as_index",
        r"^TypeError: Using a non-tuple sequence for multidimensional indexing",
        "A list stands in the square brackets of a JAX array.",
        "Make it an array: x[jnp.array([0, 1])]; for row and column write x[0, 1].",
    ),
    Entry(
        "value_for_array",
        r"^TypeError: (?P<name>\w+) requires ndarray or scalar arguments, got "
        r"<class '(?P<type>[\w.]+)'>",
        "$name takes arrays, and got something of type $type.",
        "A list of numbers becomes an array by jnp.asarray(values); None comes from a function "
        "without return; jax.tree.map works on dicts.",
    ),
    Entry(
        "shape_not_whole",
        r"^TypeError: Shapes must be 1D sequences of concrete values of integer type",
        "A shape is made of whole numbers, and this one is not.",
        "Divide with //, which gives a whole number, and give a tuple: jnp.zeros((2, 3)).",
    ),
    Entry(
        "trees_differ",
        r"^(?:ValueError|TypeError): (?:pytree structure error|.*(?:Dict key|List arity|Tuple arity"
        r"|Custom node type|pytree) mismatch|Expected (?:dict|list|tuple), got)",
        "Two trees of arrays have not the same form.",
        "Print jax.tree.map(jnp.shape, tree) of both: the same keys must stand at the same places.",
    ),
    Entry(
        "removed_from_jax",
        r"^AttributeError: .*\bjax(?:\.ops|\.tree_util)?' has no attribute "
        r"'(?P<name>tree_map|tree_multimap|tree_leaves|index_update|index_add|ops|experimental_map)'"
        r"|^AttributeError: jax\.(?P<other>tree_map|tree_multimap|tree_leaves)",
        "jax has no $name$other any more.",
        "jax.tree.map(f, tree) and jax.tree.leaves(tree) took its place, and "
        "x.at[index].set(value) that of index_update.",
    ),
    Entry(
        "padding_unknown",
        r"^(?:RuntimeError|ValueError): (?:Unrecognized|Unknown) padding",
        "This padding is unknown.",
        'Write "SAME" or "VALID".',
    ),
    Entry(
        "dtype_is_array",
        r"^ValueError: Passing an array as a dtype argument",
        "An array stands where a type of numbers is expected.",
        "Give the type: jnp.asarray(x, jnp.float32); another array's is y.dtype.",
    ),
    Entry(
        "power_of_integers",
        r"^(?:TypeError|ValueError): Integers (?:cannot be raised )?to negative (?:integer )?power",
        "Whole numbers have no negative powers.",
        "Make them floats first: x.astype(jnp.float32) ** -1, or 1 / x.",
    ),
    Entry(
        "out_argument",
        r"^NotImplementedError: .*\bout\b.* argument|^NotImplementedError: out argument",
        "out= would change an array, and JAX arrays do not change.",
        "Keep what the function returns: x = jnp.add(x, y).",
    ),
    Entry(
        "slice_sizes",
        r"^(?:TypeError|ValueError): (?:Length of slice indices must match"
        r"|(?:dynamic_)?slice slice_sizes must be less)",
        "dynamic_slice got a start or a size that does not fit the array's shape.",
        "Give one start and one size for each axis, no size larger than the axis.",
    ),
)
