"""Errors of Flax Linen: models, their parameters, init and apply."""

from grader.judge.errors.entry import Entry

LACKS = r"^AttributeError: \"(?P<type>\w+)\" object has no attribute \"(?P<name>{})\""

ENTRIES = (
    Entry(
        "params_twice",
        r"^ApplyScopeInvalidVariablesStructureError: ",
        'apply got {"params": {"params": …}}: what init returns has the key "params" already.',
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
        "They come from another model, or lie one level too deep: compare "
        'jax.tree.map(jnp.shape, params) with that of model.init(key, x)["params"].',
    ),
    Entry(
        "params_of_another_shape",
        r"^ScopeParamShapeError: .* in \"(?P<place>[^\"\n]{0,80})\".* shape (?P<new>\([\d, ]*\)), "
        r"but .* shape (?P<old>\([\d, ]*\))",
        "The parameters belong to inputs of another shape, or to another model: at $place this "
        "input needs $new, and they have $old.",
        "Compare the input's shape with the one given to init: pictures are (n, height, width, "
        "channels), channels last, a single one too.",
    ),
    Entry(
        "params_key_missing",
        r"^KeyError: 'params'",
        'This dict has no key "params".',
        'init returns {"params": …}: take ["params"] of that once, and not of the parameters '
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
        "A model or layer was called like a function, outside of init and apply; there it has no "
        "parameters.",
        'Run it with model.apply({"params": params}, x); a layer belongs into a model\'s __call__.',
    ),
    Entry(
        "call_missing",
        LACKS.format("__call__"),
        "$type has no __call__, which is what init and apply run.",
        "Call the method that computes __call__(self, x): two underscores on each side, indented "
        "into the class.",
    ),
    Entry(
        "setup_outside",
        LACKS.format(r"\w+") + r"\. If .{1,80} is defined in",
        "There is no $name here: what a model's setup makes exists only while init or apply runs.",
        'Use model.apply({"params": params}, x) instead of calling the model or reaching into it; '
        "and compare the spelling with setup's self.$name.",
    ),
    Entry(
        "setup_not_defined",
        LACKS.format(r"\w+"),
        "$type has no $name.",
        "Assign it in setup, self.$name = …, or declare it as a field with its type, as in "
        "$name: int = 4.",
    ),
    Entry(
        "constructor_own",
        r"^IncorrectPostInitOverrideError: ",
        "This model defines __init__ or __post_init__, which Flax makes itself.",
        "Leave it out: write its arguments as fields with a type (units: int = 32), and make the "
        "layers in setup, or in __call__ under @nn.compact.",
    ),
    Entry(
        "compact_missing",
        r"^AssignSubModuleError: |^ValueError: Parameters must be initialized in",
        "A layer or a parameter is made in a method without @nn.compact.",
        "Write @nn.compact on the line above def __call__, or make it in setup.",
    ),
    Entry(
        "collection_immutable",
        r"^ModifyScopeVariableError: .* because collection \"(?P<name>\w+)\" is immutable",
        "In this call the model changes $name, and apply changes nothing unless allowed.",
        'out, changed = model.apply(variables, x, mutable=["$name"]), and keep '
        'changed["$name"] for the next step.',
    ),
    Entry(
        "collection_missing",
        r"^ScopeCollectionNotFound: .* from collection \"(?P<name>\w+)\"",
        "The model needs its $name, and apply got none.",
        'Pass it beside the parameters: model.apply({"params": params, "$name": …}, x).',
    ),
    Entry(
        "random_key_missing",
        r"^InvalidRngError: .*needs PRNG for \"(?P<name>\w+)\"",
        'The model draws random numbers called "$name", and apply got no key for them.',
        'While it learns, pass one: model.apply(…, rngs={"$name": key}); otherwise switch the '
        "drawing off (deterministic=True).",
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
        "A layer does not know whether the model is learning.",
        "Give __call__ an argument train=False, and the layer $name=not train.",
    ),
    Entry(
        "call_without_mode",
        r"^TypeError: .*__call__\(\) missing .*"
        r"'(?P<name>train|training|is_training|deterministic)'",
        "The net is given pictures and nothing else, and its __call__ also wants $name.",
        "Let the argument have a default, that of a trained net in use.",
    ),
    Entry(
        "init_without_input",
        r"^TypeError: [\w.<>]*__call__\(\) missing \d+ required positional arguments?: .*\n>.*"
        r"\.(?:init|apply)\(",
        "init and apply run __call__, and it did not get its input.",
        "Write model.init(key, x) and model.apply(variables, x); for init zeros of the right shape "
        "will do, jnp.zeros((1, 28, 28, 1)).",
    ),
    Entry(
        "assigned_in_call",
        r"^SetAttribute(?:Frozen|InModuleSetup)\w*Error: Can't set (?P<name>\w{1,40})",
        "$name is set on a model outside of setup, where a model cannot change.",
        "In __call__ use a plain variable, $name = …, without self.",
    ),
    Entry(
        "class_for_model",
        r"^InvalidInstanceModuleError: ",
        "This is the class of a model, not a model.",
        "Put () behind its name to make one: return Net().",
    ),
    Entry(
        "name_twice",
        r"^NameInUseError: Could not create \w+ \"(?P<name>\w+)\"",
        'Two parts of one model are called "$name".',
        "Give each a name that no other layer or field has, or leave name= out.",
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
        "The field $name has no default and follows one that has a default.",
        "Put the fields with a default last, or give $name a default too.",
    ),
    Entry(
        "sequential_without_list",
        r"^TypeError: __init__\(\) takes 2 positional arguments but .*\n>.*\bSequential\((?!\[)"
        r"|^ValueError: 'layers' must be a sequence",
        "nn.Sequential takes one list of layers, and got the layers themselves.",
        "Put square brackets around them: nn.Sequential([first, second]).",
    ),
    Entry(
        "window_is_number",
        r"^TypeError: object of type 'int' has no len\(\).*\n>.*\b(?P<name>\w+_pool)\(",
        "The window and the strides of $name are tuples, and one of them is a number.",
        "Write nn.$name(x, (2, 2), strides=(2, 2)).",
    ),
    Entry(
        "parameter_initializer",
        r"^TypeError: '.*ArrayImpl' object is not callable.*\n>.*\.param\(",
        "self.param takes a function that makes the first value, and got an array.",
        'Write self.param("w", nn.initializers.zeros, (3,)).',
    ),
    Entry(
        "layer_not_called",
        r"^TypeError: (?:unsupported operand type\(s\) for .*'(?P<layer>Dense|Conv|Sequential|"
        r"Dropout|BatchNorm|MaxPool|AvgPool|Flatten)'|.*<class '(?:flax|lib)[\w.]*\."
        r"(?P<other>Dense|Conv|Sequential|Dropout|BatchNorm|MaxPool|AvgPool|Flatten)'>)",
        "The layer $layer$other itself stands where its result is needed.",
        "Call it on its input, with a second pair of brackets: nn.Dense(10)(x).",
    ),
    Entry(
        "constructor_argument",
        r"^TypeError: [\w.<>]*?(?P<type>\w+)\.__init__\(\) got an unexpected keyword argument "
        r"'(?P<name>\w+)'",
        "$type takes no argument called $name when it is made.",
        "Compare the spelling; a field of a Flax model counts only with its type: "
        "$name: int = 4, not $name = 4.",
    ),
    Entry(
        "constructor_arguments_too_many",
        r"^TypeError: __init__\(\) takes (?P<takes>\d+) positional arguments? but (?P<got>\d+) "
        r"(?:was|were) given",
        "This class was made with more arguments than it takes ($got for $takes; the object itself "
        "counts).",
        "A field of a Flax model counts only with its type: units: int = 4, not units = 4; "
        "otherwise count the arguments.",
    ),
)
