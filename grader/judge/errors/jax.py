"""Errors of JAX: arrays that do not change, traced values, keys, gradients, loops."""

from grader.judge.errors.entry import Entry

CONCRETE = r"^(?:ConcretizationTypeError|TypeError|TracerIntegerConversionError): "
# Nothing on the line calculates before this operator.
FIRST_OPERATOR = r"(?! *(?:return\b|\w+ *=) *-)[^-+*/@<>,\n]*[\w)\]] *[-+*/] *"
# A sum or maximum along the last of two axes, without keepdims: y.max(axis=1), jnp.sum(y, axis=1).
PLAIN = r"(?:[^-+*/@()\n]|\((?:[^-+*/@()\n]|\([^-+*/@()\n]*\))*\))*"
REDUCTION = (
    r"\(?(?:\w+\.(?:log|exp|sqrt|abs)\()?"
    rf"(?:[\w.]+(?:\({PLAIN}\))?\.(?=[a-z]+\((?:axis=)?-?1 *\))|[\w.]+\.(?=[a-z]+\({PLAIN},))"
    r"(?P<name>max|min|sum|mean|std|var|logsumexp)\("
    rf"(?:{PLAIN}, *)?(?P<axis>(?:axis=)?-?1) *\)(?![\[.])"
)
# jax.grad without argnums, as written: the function that it makes, and a call with several values.
GRAD = r"(?:jax\.)?(?:value_and_)?grad\((?![^\n]*argnums)[^\n]*"
FIRST_ALONE = GRAD + r"\)\([^\n]*,[^\n]*\)"

ENTRIES = (
    # Arrays do not change.
    Entry(
        "item_assignment",
        r"^TypeError: .*(?:JAX arrays are immutable"
        r"|(?:ArrayImpl|Tracer)' object does not support item)",
        "JAX arrays do not change, so you cannot assign to an element.",
        "Make a new array: x = x.at[index].set(value), or .add(value) for +=.",
    ),
    Entry(
        "at_assigned",
        r"^TypeError: '_IndexUpdate\w+' object does not support item assignment",
        "x.at[index] = value does not work: you cannot assign to x.at.",
        "Call set, and keep what it returns: x = x.at[index].set(value).",
    ),
    Entry(
        "at_called",
        r"^TypeError: '_IndexUpdate\w+' object is not callable",
        "Your code calls x.at or x.at[index] like a function.",
        "Use square brackets, then the operation: x = x.at[index].set(value).",
    ),
    Entry(
        "at_misspelt",
        r"^AttributeError: '_IndexUpdate(?P<part>Ref|Helper)' object has no attribute "
        r"'(?P<name>\w{1,40})'",
        "x.at has no $name here.",
        "Write x = x.at[index].set(value), with an index. Besides set, there are add, multiply, "
        "min and max.",
    ),
    Entry(
        "at_unfinished",
        r"^TypeError: .*_IndexUpdate(?:Ref|Helper)",
        "x.at[index] alone is not a value.",
        "x[index] reads an element; x = x.at[index].set(value) makes an array with a new one.",
    ),
    Entry(
        "buffer_deleted",
        r"^(?:RuntimeError|ValueError|JaxRuntimeError|XlaRuntimeError): .*"
        r"(?:Array has been deleted|deleted or donated buffer)",
        "This array was donated to a step that reuses its memory, or deleted.",
        "Continue with what the step returned: state = step(state). If you need the old state, "
        "copy it before the step.",
    ),
    # Traced values.
    Entry(
        "traced_maximum",
        r"^TracerBoolConversionError: .*\n>(?!.*\b(?:if|and|or|not|while|assert)\b).*"
        r"(?<![\w.])(?P<name>max|min|sorted)\(",
        "Python's $name compares values that are not known yet inside jit, grad or vmap.",
        "Use jnp.maximum(a, b), jnp.minimum(a, b) or jnp.sort(x).",
    ),
    Entry(
        "traced_while",
        r"^TracerBoolConversionError: .*\n> *while\b",
        "`while` needs a value that is not known yet inside jit, grad or vmap.",
        "Use jax.lax.while_loop, or a for loop with a fixed number of iterations.",
    ),
    Entry(
        "traced_if",
        r"^TracerBoolConversionError: ",
        "This line needs to know whether a value is true, and inside jit, grad or vmap it is not "
        "known yet.",
        "Replace `if` with jnp.where(condition, a, b), and replace `and`, `or`, `not` with &, |, "
        "~. Mark an argument that selects a mode as static.",
    ),
    Entry(
        "traced_count",
        CONCRETE + r".*(?:jnp\.nonzero|jnp\.unique|size argument|argwhere)",
        "The number of elements here depends on values that are not known inside jit, grad or "
        "vmap.",
        "Use jnp.where(condition, a, b) with three arguments, which keeps the shape, or pass "
        "size=.",
    ),
    Entry(
        "traced_shape",
        CONCRETE + r".*(?:Shapes must be 1D sequences of concrete values.*Tracer"
        r"|jnp\.(?:arange|linspace|eye|full|repeat)|one_hot)",
        "A size depends on a value that is not known inside jit, grad or vmap.",
        "Take sizes from x.shape, or mark the argument as static: jax.jit(f, "
        "static_argnames=('n',)).",
    ),
    Entry(
        "traced_number",
        r"^ConcretizationTypeError: .*(?:`(?P<name>float|int|bool|complex)` function"
        r"|(?P<method>item|tolist)\(\) method)",
        "$name$method() needs a value that is not known yet inside jit, grad or vmap.",
        "Do without float(), int() and .item() there: compute with jnp, use x.astype(…), and "
        "convert the result outside.",
    ),
    Entry(
        "traced_index",
        r"^TracerIntegerConversionError: ",
        "A list index or range needs a value that is not known yet inside jit, grad or vmap.",
        "Index an array instead of a list, or mark the argument as static: jax.jit(f, "
        "static_argnames=…).",
    ),
    Entry(
        "traced_slice",
        r"^IndexError: .*(?:[Ss]lice entries must be static|must have static start/stop/step)",
        "The bounds of this slice are traced, so jit cannot know the shape of the result.",
        "Use jax.lax.dynamic_slice with a fixed size, or mark the bound as static: "
        "jax.jit(f, static_argnames=…).",
    ),
    Entry(
        "traced_numpy",
        r"^TracerArrayConversionError: ",
        "NumPy cannot read a value that jit, grad or vmap traces.",
        "Use the jnp function of the same name, and jnp.asarray instead of np.asarray.",
    ),
    Entry(
        "traced_mask",
        r"^NonConcreteBooleanIndexError: ",
        "x[mask] has one element for each True in the mask, and inside jit, grad or vmap their "
        "number is not known.",
        "Keep the shape: jnp.where(mask, x, 0).",
    ),
    Entry(
        "traced_value_kept",
        r"^UnexpectedTracerError: ",
        "A global, a list or an attribute kept a traced value after jit, grad or vmap had ended.",
        "Return it from the function instead.",
    ),
    Entry(
        "traced_other",
        r"^ConcretizationTypeError: ",
        "This function needs a value, for example a size or an axis, that is not known yet inside "
        "jit, grad or vmap.",
        "Mark the argument as static, jax.jit(f, static_argnames=…), or do this part outside.",
    ),
    Entry(
        "traced_format",
        r"^TypeError: unsupported format string passed to \w*Tracer\.__format__",
        "Inside jit, grad or vmap a value is not known yet, so a format such as :.2f cannot show "
        "it.",
        'Print it when the code runs: jax.debug.print("{x}", x=x).',
    ),
    # Random keys.
    Entry(
        "key_first",
        r"^TypeError: (?:unexpected PRNG key type|.*invalid PRNG key data)",
        "The first argument of this jax.random function is not a key.",
        "Put the key first: jax.random.normal(key, (3,)). jax.random.key(0) turns a seed into a "
        "key.",
    ),
    Entry(
        "keys_many",
        r"^ValueError: \w+ accepts a single key, but was given a key array of shape",
        "This function takes one key and got several.",
        "Take one of them, keys[0], or unpack them: key, other = jax.random.split(key).",
    ),
    Entry(
        "key_without_seed",
        r"^TypeError: (?P<name>key|PRNGKey)\(\) missing \d+ required positional argument.*"
        r"\n>.*\brandom\.(?P=name)\(",
        "Your code calls jax.random.$name without a seed.",
        "Pass a whole number: jax.random.key(0).",
    ),
    Entry(
        "key_calculated_with",
        r"^TypeError: (?P<name>\w+) does not accept dtypes? .*key<",
        "You used $name on a random key, which is not a number.",
        "Draw numbers with it: jax.random.normal(key, shape). jax.random.split(key) makes new "
        "keys.",
    ),
    Entry(
        "key_method",
        r"^AttributeError: 'PRNGKeyArray' object has no attribute '(?P<name>\w{1,40})'",
        "A key has no method $name.",
        "Pass the key to a function of jax.random: jax.random.split(key), jax.random.normal(key, "
        "shape).",
    ),
    Entry(
        "key_reused",
        r"^KeyReuseError: ",
        "Your code uses the same random key twice, so the two draws are not independent.",
        "Split it first: key, other = jax.random.split(key).",
    ),
    Entry(
        "keys_unpacked",
        r"^ValueError: (?:not enough|too many) values to unpack.*\n>.*\brandom\.split\(",
        "jax.random.split gives two keys unless you ask for a different number.",
        "Ask for as many keys as there are names: a, b, c = jax.random.split(key, 3).",
    ),
    Entry(
        "random_arguments",
        r"^TypeError: (?P<name>\w+)\(\) missing \d+ required positional arguments?: "
        r"(?P<missing>[^\n]{1,80})\n>.*\brandom\.(?P=name)\(",
        "Your code calls jax.random.$name without $missing.",
        "Its first argument is always a key: jax.random.permutation(key, x), "
        "jax.random.randint(key, shape, low, high).",
    ),
    Entry(
        "random_name",
        r"^AttributeError: module 'jax\.random' has no attribute '(?P<name>\w{1,40})'",
        "jax.random has no $name; unlike NumPy's functions, its functions take a key.",
        "Write key = jax.random.key(0), then jax.random.normal(key, shape), uniform, randint, "
        "permutation or choice.",
    ),
    # Gradients.
    Entry(
        "gradient_of_the_first_alone",
        rf"^IndexError: [Tt]oo many indices.* 0-dimensional.*\n> (?:[^\n]*{FIRST_ALONE}\[\d\]"
        rf"|[^\n]*?\b(?P<name>\w+)\[\d\][^\n]*\n@ .*(?:\b(?P=name) = {FIRST_ALONE}"
        rf"|\b(?P<made>\w+) = {GRAD}\)\n.*\b(?P=name) = (?P=made)\([^\n]*,))",
        "jax.grad differentiates only with respect to the first argument, so this gradient is a "
        "single number.",
        "For both, write argnums=(0, 1): jax.grad(loss, argnums=(0, 1))(weight, bias).",
        code=True,
    ),
    Entry(
        "gradient_of_nothing",
        r"^TypeError: Gradient only defined for scalar-output functions\. Output was None",
        "The function passed to grad returns None.",
        "Return its loss as one number.",
    ),
    Entry(
        "gradient_of_several",
        r"^TypeError: Gradient only defined for scalar-output functions\. Output was [(\[{]",
        "The function passed to grad returns several values, but grad needs one number.",
        "Return the loss alone, or the pair (loss, other) with has_aux=True.",
    ),
    Entry(
        "gradient_of_many",
        r"^TypeError: Gradient only defined for scalar-output",
        "The function passed to grad returns an array, but grad needs one number.",
        "Is the mean of the losses missing? Return jnp.mean(losses).",
    ),
    Entry(
        "gradient_by_integers",
        r"^TypeError: grad requires real- or complex-valued inputs.* but got (?P<dtype>\w+)",
        "grad cannot differentiate with respect to whole numbers ($dtype). It takes the first "
        "argument, or the one that argnums names.",
        "Pass floats, 1.0 or x.astype(jnp.float32), or choose another argument: argnums=1.",
    ),
    Entry(
        "gradient_aux",
        r"^TypeError: expected function with aux output to return a two-element tuple",
        "With has_aux=True, the function must return a pair.",
        "Return (loss, other), or leave has_aux out.",
    ),
    Entry(
        "gradient_argnums",
        r"^TypeError: (?:Only integer scalar arrays|'\w+' object cannot be interpreted as an "
        r"integer).*\n>.*\bgrad\([\w.]+, ",
        "The second argument of grad is argnums: the number of the argument to differentiate with "
        "respect to.",
        "Pass the values to the function that grad returns: jax.grad(loss)(params, x).",
    ),
    Entry(
        "gradient_argnums_beyond",
        r"^(?:TypeError|ValueError): differentiating with respect to argnums=(?P<argnums>[^ \n]+) ",
        "argnums=$argnums names an argument that this call does not have.",
        "Count from 0, and pass that argument by position.",
    ),
    Entry(
        "function_expected",
        r"^TypeError: Expected a callable value, got",
        "grad, jit or vmap got a value where it needs a function.",
        "Pass the function without calling it, then call the result: jax.grad(loss)(params).",
    ),
    # jit, vmap.
    Entry(
        "jit_of_method",
        r"^TypeError: (?:Error interpreting argument|Cannot interpret).*at path self\b",
        "jit on a method tries to trace self, which is not an array.",
        "Use jit on a plain function of arrays, or mark self as static: "
        "@functools.partial(jax.jit, static_argnums=0).",
    ),
    Entry(
        "jit_argument",
        r"^TypeError: (?:Error interpreting argument to .*as an abstract array.*<class '(?P<type>"
        r"[\w.]*)'>|Argument .* of type <class '(?P<other>[\w.]*)'> is not a valid JAX type)",
        "An argument is of type $type$other. jit, grad and vmap take arrays, numbers, and lists "
        "or dicts of them.",
        "Use it from outside instead of passing it, or mark it as static: jax.jit(f, "
        "static_argnames=('mode',)).",
    ),
    Entry(
        "jit_result",
        r"^TypeError: .*returned a value of type <class '(?P<type>[\w.]*)'>.*not a valid JAX type",
        "A function under jit, grad or vmap returns something of type $type. It can return only "
        "arrays, numbers, and lists or dicts of them.",
        "Return the arrays, and make strings or objects of them outside.",
    ),
    Entry(
        "static_unhashable",
        r"^ValueError: Non-hashable static arguments",
        "A static argument must never change, but a list, a dict or an array can.",
        "Pass a tuple instead of a list. An array cannot be static: leave it out of "
        "static_argnums.",
    ),
    Entry(
        "vmap_sizes",
        r"^ValueError: vmap got inconsistent sizes",
        "vmap goes through its arguments together, and their lengths differ.",
        "Compare their shapes. For an argument that is the same for all, write None: in_axes=(0, "
        "None).",
    ),
    Entry(
        "vmap_axis",
        r"^ValueError: vmap was requested to map its argument along axis (?P<axis>-?\d+)",
        "vmap cannot go along axis $axis: an argument has no such axis.",
        "For an argument that is the same for all, write None: jax.vmap(f, in_axes=(0, None)).",
    ),
    Entry(
        "vmap_axes_count",
        r"^ValueError: vmap in_axes must be",
        "in_axes needs one entry for each argument.",
        "Write 0 to go through an argument and None to keep it: in_axes=(0, None).",
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
        "What a loop carries must keep its shape, type and structure in every iteration.",
        "Start with what the body returns: the same shapes, and floats (0.0) for floats.",
    ),
    Entry(
        "loop_condition",
        r"^TypeError: cond_fun must return a boolean scalar",
        "The condition of while_loop does not return a single True or False.",
        "Return a comparison of single numbers, such as x < 3.",
    ),
    Entry(
        "loop_arguments",
        r"^TypeError: .* takes \d+ positional arguments? but \d+ (?:was|were) given.*\n>.*"
        r"(?P<name>fori_loop|scan|while_loop)\(",
        "$name passes its function the wrong number of arguments.",
        "fori_loop calls body(i, value), scan calls body(carry, x), while_loop calls body(value).",
    ),
    Entry(
        "branches_differ",
        r"^TypeError: (?:cond branch|switch branch|true_fun and false_fun)",
        "The branches of cond return different shapes or types.",
        "Return the same from both. For plain arrays, jnp.where(condition, a, b) is simpler.",
    ),
    # Shapes and arguments.
    Entry(
        "axis_dropped",
        r"^(?:TypeError|ValueError): [^\n]*\((?P<n>\d+), ?\d+\),? \((?P=n),\)[^\n]*"
        r"\n>" + FIRST_OPERATOR + REDUCTION,
        "Shapes (n, k) and (n,) do not match: shapes are compared from the right.",
        "$name($axis) dropped the axis: add keepdims=True, so that (n,) becomes (n, 1).",
    ),
    Entry(
        "rows_and_columns",
        r"^(?:TypeError|ValueError): .*[(\[](?:(?P<n>\d+),\),? \((?P=n), ?\d+\)"
        r"|(?P<m>\d+), ?\d+\),? \((?P=m),\))",
        "Shapes (n,) and (n, k) do not match: shapes are compared from the right.",
        "x[:, None] makes a column, and a sum or a maximum with keepdims=True keeps its axis. If "
        "(n,) are labels, this needs one-hot rows; lib.softmax_cross_entropy takes integer labels.",
    ),
    Entry(
        "shapes_multiplied",
        r"^(?:TypeError|ValueError): (?:dot_general requires contracting|matmul|.*not aligned"
        r"|.*core dimension)",
        "These shapes do not match in a product: the last axis of the first must be as long as the "
        "last but one of the second.",
        "Print both .shape just before this line. x.T transposes a matrix; * multiplies element "
        "by element.",
    ),
    Entry(
        "convolution_channels",
        r"^ValueError: conv_general_dilated lhs feature dimension",
        "The images do not have as many channels as the kernels need.",
        "Print both .shape: images are (n, height, width, channels), kernels (height, width, "
        "channels in, channels out).",
    ),
    Entry(
        "shapes_do_not_fit",
        r"^(?:TypeError|ValueError): (?:.*[Ii]ncompatible shapes|Incompatible types for broadcast"
        r"|operands could not be broadcast|could not broadcast input array|.*contracting dim)",
        "These shapes do not match: compared from the right, sizes must be equal, or one of them "
        "must be 1.",
        "Print both .shape just before this line.",
    ),
    Entry(
        "list_as_index",
        r"^TypeError: Using a non-tuple sequence for multidimensional indexing",
        "You cannot index a JAX array with a list.",
        "Make it an array: x[jnp.array([0, 1])]. For row and column, write x[0, 1].",
    ),
    Entry(
        "value_for_array",
        r"^TypeError: (?P<name>\w+) requires ndarray or scalar arguments, got "
        r"<class '(?P<type>[\w.]+)'>",
        "$name takes arrays, but got something of type $type.",
        "jnp.asarray(values) turns a list of numbers into an array. None comes from a function "
        "without return. For dicts, use jax.tree.map.",
    ),
    Entry(
        "shape_not_whole",
        r"^TypeError: Shapes must be 1D sequences of concrete values of integer type",
        "A shape consists of whole numbers, and this one does not.",
        "Divide with //, which gives a whole number, and pass a tuple: jnp.zeros((2, 3)).",
    ),
    Entry(
        "trees_differ",
        r"^(?:ValueError|TypeError): (?:pytree structure error|.*(?:Dict key|List arity|Tuple arity"
        r"|Custom node type|pytree) mismatch|Expected (?:dict|list|tuple), got)",
        "Two trees of arrays have different structures.",
        "Print jax.tree.map(jnp.shape, tree) of both: they must have the same keys in the same "
        "places.",
    ),
    Entry(
        "removed_from_jax",
        r"^AttributeError: .*\bjax(?:\.ops|\.tree_util)?' has no attribute "
        r"'(?P<name>tree_map|tree_multimap|tree_leaves|index_update|index_add|ops|experimental_map)'"
        r"|^AttributeError: jax\.(?P<other>tree_map|tree_multimap|tree_leaves)",
        "jax no longer has $name$other.",
        "Use jax.tree.map(f, tree) and jax.tree.leaves(tree). x.at[index].set(value) replaces "
        "index_update.",
    ),
    Entry(
        "padding_unknown",
        r"^(?:RuntimeError|ValueError): (?:Unrecognized|Unknown) padding",
        "JAX does not know this padding.",
        'Write "SAME" or "VALID".',
    ),
    Entry(
        "dtype_is_array",
        r"^ValueError: Passing an array as a dtype argument",
        "This argument should be a type of numbers, and it is an array.",
        "Pass the type: jnp.asarray(x, jnp.float32). The type of another array is y.dtype.",
    ),
    Entry(
        "power_of_integers",
        r"^(?:TypeError|ValueError): Integers (?:cannot be raised )?to negative (?:integer )?power",
        "Whole numbers have no negative powers.",
        "Convert them to floats first: x.astype(jnp.float32) ** -1, or 1 / x.",
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
        "Pass one start and one size for each axis, and no size larger than its axis.",
    ),
)
