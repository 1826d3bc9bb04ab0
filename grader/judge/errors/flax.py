"""Errors of Flax Linen: models, their parameters, init and apply."""

from grader.judge.errors.entry import Entry

LACKS = r"^AttributeError: \"(?P<type>\w+)\" object has no attribute \"(?P<name>{})\""

ENTRIES = (
    Entry(
        "params_twice",
        r"^ApplyScopeInvalidVariablesStructureError: ",
        'apply got {"params": {"params": …}}: what init returns already has the key "params".',
        'Pass variables itself, or {"params": variables["params"]}.',
    ),
    Entry(
        "params_bare",
        r"^ApplyScopeInvalidVariablesTypeError: "
        r"|^ScopeCollectionNotFound: .* from collection \"params\"",
        'The first argument of apply has no parameters under the key "params".',
        'Name the collection: model.apply({"params": params}, x).',
    ),
    Entry(
        "params_of_another_net",
        r"^ScopeParamNotFoundError: Could not find parameter named \"(?P<name>\w+)\" in scope "
        r"\"(?P<place>[^\"\n]{0,80})\"",
        'The parameters have no "$name" at $place, where the model looks for it.',
        "They come from a different model, or are one level too deep: compare jax.tree.map("
        'jnp.shape, params) with that of model.init(key, x)["params"].',
    ),
    Entry(
        "params_of_another_shape",
        r"^ScopeParamShapeError: .* in \"(?P<place>[^\"\n]{0,80})\".* shape (?P<new>\([\d, ]*\)), "
        r"but .* shape (?P<old>\([\d, ]*\))",
        "The parameters belong to inputs of a different shape, or to a different model: at $place "
        "this input needs $new, but they have $old.",
        "Compare the input's shape with the one passed to init. Images are (n, height, width, "
        "channels), channels last, even a single one.",
    ),
    Entry(
        "params_key_missing",
        r"^KeyError: 'params'",
        'This dict has no key "params".',
        'init returns {"params": …}: take ["params"] of that once, not of the parameters '
        "themselves.",
    ),
    Entry(
        "apply_first_argument",
        r"^(?:TypeError: Array\.__contains__|AttributeError: '(?:list|tuple)' object has no "
        r"attribute 'items').*\n>.*\.apply\(",
        "The first argument of apply is not a dict of variables.",
        'The parameters come first, then the input: model.apply({"params": params}, x).',
    ),
    Entry(
        "model_called",
        r"^CallCompactUnboundModuleError: ",
        "Your code calls a model or layer like a function outside init and apply, where it has no "
        "parameters.",
        'Run it with model.apply({"params": params}, x). Call a layer in a model\'s __call__.',
    ),
    Entry(
        "call_missing",
        LACKS.format("__call__"),
        "$type has no __call__, which init and apply run.",
        "Name the method that computes __call__(self, x), with two underscores on each side, and "
        "indent it into the class.",
    ),
    Entry(
        "setup_outside",
        LACKS.format(r"\w+") + r"\. If .{1,80} is defined in",
        "There is no $name here: what a model's setup makes exists only while init or apply runs.",
        'Use model.apply({"params": params}, x) instead of calling the model or reading its '
        "parts, and compare the spelling with self.$name in setup.",
    ),
    Entry(
        "class_in_sequential",
        r"^(?:TypeError: __init__\(\) takes 1 positional arguments? but 2 "
        r"|IndexError: tuple index out of range"
        r"|AttributeError: \"(?P<kind>\w+)\" object has no attribute ).*"
        r"\n>.*\bSequential\( *\[(?:[^\n]*?,)? *"
        r"(?P<layer>(?:lib|nn|linen)\.(?(kind)(?P=kind)|[A-Z]+[a-z]\w*)) *[,\]]",
        "`$layer` is a class, not a layer: write `$layer()`.",
        "Each layer in the list needs its own brackets, with its arguments if it takes any: "
        "lib.Flatten(), lib.Dense(10).",
    ),
    Entry(
        "setup_not_defined",
        LACKS.format(r"\w+"),
        "$type has no $name.",
        "Assign it in setup, self.$name = …, or declare it as a field with a type, as in $name: "
        "int = 4.",
    ),
    Entry(
        "constructor_own",
        r"^IncorrectPostInitOverrideError: ",
        "This model defines __init__ or __post_init__, which Flax writes for you.",
        "Leave it out: write its arguments as fields with a type (units: int = 32), and make the "
        "layers in setup, or in __call__ under @nn.compact.",
    ),
    Entry(
        "compact_missing",
        r"^AssignSubModuleError: |^ValueError: Parameters must be initialized in",
        "This method makes a layer or a parameter without @nn.compact.",
        "Write @nn.compact on the line above def __call__, or make it in setup.",
    ),
    Entry(
        "collection_immutable",
        r"^ModifyScopeVariableError: .* because collection \"(?P<name>\w+)\" is immutable",
        "The model changes $name in this call, and apply changes nothing unless you allow it.",
        'Write out, changed = model.apply(variables, x, mutable=["$name"]), and keep '
        'changed["$name"] for the next step.',
    ),
    Entry(
        "collection_missing",
        r"^ScopeCollectionNotFound: .* from collection \"(?P<name>\w+)\"",
        "The model needs its $name, and apply did not get it.",
        'Pass it with the parameters: model.apply({"params": params, "$name": …}, x).',
    ),
    Entry(
        "random_key_missing",
        r"^InvalidRngError: .*needs PRNG for \"(?P<name>\w+)\"",
        'The model draws random numbers for "$name", and apply got no key for them.',
        'In training, pass one: model.apply(…, rngs={"$name": key}). Otherwise switch the random '
        "draws off (deterministic=True).",
    ),
    Entry(
        "init_key",
        r"^InvalidRngError: (?:RNGs? should be|First argument)",
        "The first argument of init is not a key.",
        "Write variables = model.init(jax.random.key(0), x).",
    ),
    Entry(
        "dropout_undecided",
        r"^ValueError: Parameter \"(?P<name>deterministic|use_running_average)\" must be",
        "A layer does not know whether the model is training.",
        "Give __call__ an argument train=False, and pass the layer $name=not train.",
    ),
    Entry(
        "call_without_mode",
        r"^TypeError: .*__call__\(\) missing .*"
        r"'(?P<name>train|training|is_training|deterministic)'",
        "The model gets only images, and its __call__ also needs $name.",
        "Give the argument a default: its value when a trained model predicts.",
    ),
    Entry(
        "init_without_input",
        r"^TypeError: [\w.<>]*__call__\(\) missing \d+ required positional arguments?: .*\n>.*"
        r"\.(?:init|apply)\(",
        "init and apply run __call__, and it did not get its input.",
        "Write model.init(key, x) and model.apply(variables, x). For init, zeros of the right "
        "shape are enough: jnp.zeros((1, 28, 28, 1)).",
    ),
    Entry(
        "assigned_in_call",
        r"^SetAttribute(?:Frozen|InModuleSetup)\w*Error: Can't set (?P<name>\w{1,40})",
        "Your code sets $name on a model outside setup, where a model cannot change.",
        "In __call__, use a plain variable, $name = …, without self.",
    ),
    Entry(
        "class_for_model",
        r"^InvalidInstanceModuleError: ",
        "This is the class of a model, not a model.",
        "Add () after its name to make one: return Net().",
    ),
    Entry(
        "name_twice",
        r"^NameInUseError: Could not create \w+ \"(?P<name>\w+)\"",
        'Two parts of this model are called "$name".',
        "Give each a name that no other layer or field has, or leave out name=.",
    ),
    Entry(
        "field_list",
        r"^ValueError: mutable default .* for field (?P<name>\w+) is not allowed",
        "A list, a dict or an array cannot be the default of the field $name.",
        "Use a tuple: $name: tuple = (4, 5).",
    ),
    Entry(
        "field_order",
        r"^TypeError: non-default argument '(?P<name>\w+)' follows default argument",
        "The field $name has no default, and follows one that has.",
        "Put the fields with a default last, or give $name a default too.",
    ),
    Entry(
        "sequential_without_list",
        r"^TypeError: __init__\(\) takes 2 positional arguments but .*\n>.*\bSequential\((?!\[)"
        r"|^ValueError: 'layers' must be a sequence",
        "nn.Sequential takes one list of layers, but got the layers themselves.",
        "Put square brackets around them: nn.Sequential([first, second]).",
    ),
    Entry(
        "window_is_number",
        r"^TypeError: object of type 'int' has no len\(\).*\n>.*\b(?P<name>\w+_pool)\(",
        "The window and the strides of $name must be tuples, and one of them is a number.",
        "Write nn.$name(x, (2, 2), strides=(2, 2)).",
    ),
    Entry(
        "parameter_initializer",
        r"^TypeError: '.*ArrayImpl' object is not callable.*\n>.*\.param\(",
        "self.param takes a function that makes the first value, but got an array.",
        'Write self.param("w", nn.initializers.zeros, (3,)).',
    ),
    Entry(
        "flatten_of_array",
        r"^TypeError: __init__\(\) takes 1 positional arguments? but 2 .*"
        r"\n>.*?(?P<layer>(?:\blib\.)?\bFlatten)\((?!\))",
        "`$layer` is a class, not a layer: `$layer()` makes a layer.",
        "Make the layer first, then call it on its input: $layer()(x).",
    ),
    Entry(
        "layer_not_called",
        r"^TypeError: (?:unsupported operand type\(s\) for .*'(?P<layer>Dense|Conv|Sequential|"
        r"Dropout|BatchNorm|MaxPool|AvgPool|Flatten)'|.*<class '(?:flax|lib)[\w.]*\."
        r"(?P<other>Dense|Conv|Sequential|Dropout|BatchNorm|MaxPool|AvgPool|Flatten)'>)",
        "This line uses the layer $layer$other itself instead of its result.",
        "Call it on its input, with a second pair of brackets: nn.Dense(10)(x).",
    ),
    Entry(
        "constructor_argument",
        r"^TypeError: [\w.<>]*?(?P<type>\w+)\.__init__\(\) got an unexpected keyword argument "
        r"'(?P<name>\w+)'",
        "You cannot make $type with an argument called $name.",
        "Check the spelling. A field of a Flax model counts only with its type: $name: int = 4, "
        "not $name = 4.",
    ),
    Entry(
        "constructor_arguments_too_many",
        r"^TypeError: __init__\(\) takes (?P<takes>\d+) positional arguments? but (?P<got>\d+) "
        r"(?:was|were) given",
        "This class got more arguments than it takes ($got for $takes, counting the object "
        "itself).",
        "A field of a Flax model counts only with its type: units: int = 4, not units = 4. In a "
        "list of layers, write each one with brackets: lib.Flatten(). Otherwise count the "
        "arguments.",
    ),
)
