"""Habits of Keras, PyTorch and TensorFlow: what they call it, and what it is here."""

from grader.judge.errors.entry import Entry

# How Flax, and how Python, say that an object lacks an attribute.
MODEL = (
    r"^AttributeError: \"(?P<type>\w+)\" object has no attribute \"(?P<name>{})\""
    r"(?!.*\n>.*\bself\.(?P=name)\b)"
)
ARRAY = (
    r"^AttributeError: '?(?:[\w.]*ArrayImpl|\w*Tracer|numpy\.ndarray)'? "
    r"object has no attribute '(?P<name>{})'"
)
MODULE = r"^AttributeError: module '(?P<module>{})' has no attribute '(?P<name>{})'"
ARGUMENT = r"^TypeError: (?P<layer>{})(?:\.__init__)?\(\) got an unexpected keyword argument '{}'"
LAYERS = r"(?:\w+\.)?(?:Dense|Conv|ConvTranspose|Embed|BatchNorm|Dropout)"

ENTRIES = (
    Entry(
        "import_of_another_framework",
        r"^(?:ModuleNotFoundError|ImportError): (?:No module named ')?"
        r"(?P<module>torch\w*|tensorflow\w*|keras\w*|tf_keras)(?:\.[\w.]*)?"
        r"(?:'| is not there: its import failed \(No module)",
        "$module is not installed: everything here is JAX, Flax and Optax.",
        "Delete the import. There are jax, flax, optax, numpy, matplotlib, PIL and lib: layers are "
        "those of flax.linen, optimizers those of Optax, and lib has fit, evaluate and predict.",
    ),
    Entry(
        "name_of_another_framework",
        r"^NameError: name '(?P<name>tf|torch|keras|F)' is not defined",
        "$name is the usual name of a part of TensorFlow, Keras or PyTorch, and this file has no "
        "such name.",
        "Use what the file imports: nn.relu and the layers of flax.linen, jnp for arrays, optax, "
        "lib.",
    ),
    Entry(
        "model_compile",
        MODEL.format("compile"),
        "A Flax model has no compile: optimizer and loss belong to the training state.",
        "state = lib.create_state(model, optax.adam(0.001), images, key), then lib.fit(state, …).",
    ),
    Entry(
        "model_fit",
        MODEL.format("fit|fit_generator|train_on_batch"),
        "A Flax model has no $name: it only says how to compute.",
        "Train a state: state, history = lib.fit(state, images, labels, epochs=…, key=key).",
    ),
    Entry(
        "model_predict",
        MODEL.format("predict|evaluate|predict_classes|predict_on_batch"),
        "A Flax model has no $name: it holds no parameters to predict with.",
        "Use a trained state with lib.predict or lib.evaluate, or "
        'model.apply({"params": params}, images).',
    ),
    Entry(
        "model_summary",
        MODEL.format("summary"),
        "A Flax model has no summary: its sizes depend on the input.",
        "print(lib.summary(model, (1, 28, 28, 1))), with the shape of your input.",
    ),
    Entry(
        "model_layers",
        MODEL.format("layers|get_layer|children|modules|named_modules|output|input"),
        "A Flax model keeps no list of its layers' objects; it has no $name.",
        "lib.summary(model, shape) lists the layers, lib.activations gives their outputs; what "
        "setup made is there only while init or apply runs.",
    ),
    Entry(
        "model_add",
        MODEL.format("add|pop|add_module|append"),
        "A Flax model cannot be changed after it was made; it has no $name.",
        "List the layers when you make it: nn.Sequential([first, second]).",
    ),
    Entry(
        "model_weights",
        MODEL.format(
            "get_weights|set_weights|weights|trainable_weights|trainable_variables"
            "|parameters|named_parameters|state_dict|load_state_dict|count_params|trainable"
            "|requires_grad_?|load_weights|save_weights"
        ),
        "A Flax model holds no parameters, so it has no $name: they are a tree of their own.",
        'params = model.init(key, images)["params"], or state.params; jax.tree.leaves(params) '
        "lists the arrays.",
    ),
    Entry(
        "model_params",
        MODEL.format("params|parameters_dict|kernel|bias"),
        "A Flax model holds no parameters, so it has no $name.",
        'They are what init returns, model.init(key, images)["params"], or state.params after '
        "training.",
    ),
    Entry(
        "model_mode",
        MODEL.format("train|eval|training"),
        "A Flax model has no mode that is switched; it has no $name.",
        "Whether it learns is an argument of the call: model.apply(variables, x, train=True).",
    ),
    Entry(
        "model_save",
        MODEL.format("save|to_json|load|export"),
        "A Flax model has no $name: what is worth saving is its parameters.",
        "Save the parameters with lib, as the lesson shows, and make the model again from its "
        "class.",
    ),
    Entry(
        "state_method",
        r"^AttributeError: 'TrainState' object has no attribute '(?P<name>fit|predict|evaluate"
        r"|summary|save|train|compile)'",
        "A training state has no $name: functions of lib take the state.",
        "lib.fit(state, …), lib.evaluate(state, …), lib.predict(state, …); its numbers are "
        "state.params.",
    ),
    Entry(
        "model_forward",
        MODEL.format("forward|call"),
        "A Flax model has no $name.",
        'Define __call__(self, x), and run the model with model.apply({"params": params}, x).',
    ),
    Entry(
        "model_device",
        MODEL.format("to|cuda|cpu|half|float"),
        "A Flax model has no $name: it holds no arrays that could be moved.",
        "Leave it out; JAX uses the device by itself.",
    ),
    Entry(
        "stop_training",
        r"^(?:AttributeError|FrozenInstanceError|SetAttributeFrozenModuleError): .*\n>.*"
        r"\.stop_training\b",
        "Nothing here has a stop_training that could be set: that is how Keras stops.",
        "Let on_epoch_end return True to stop and False to go on.",
    ),
    Entry(
        "callback_model",
        r"^AttributeError: '(?P<type>\w+)' object has no attribute 'model'.*\n>.*\bself\.model\b",
        "This $type has no model: its __init__ sets none, and lib.fit sets none on a callback, as "
        "Keras does.",
        "In a callback use the arguments of on_epoch_end: logs holds the numbers, state.params the "
        "parameters.",
    ),
    Entry(
        "history_of_keras",
        r"^AttributeError: 'History' object has no attribute 'history'",
        "The history is already what Keras keeps in history.history.",
        'Read it directly: history["accuracy"].',
    ),
    Entry(
        "backward",
        ARRAY.format("backward|grad|requires_grad_?|grad_fn|zero_grad"),
        "An array remembers no calculation here, so it has no $name.",
        "Write the loss as a function of the parameters: value, grads = "
        "jax.value_and_grad(loss)(params).",
    ),
    Entry(
        "tensor_to_numpy",
        ARRAY.format("numpy|detach"),
        "An array has no $name here.",
        "Leave it out; where a NumPy array is needed, np.asarray(x) makes one (outside jit and "
        "grad).",
    ),
    Entry(
        "tensor_device",
        ARRAY.format("cuda|cpu|to|half"),
        "An array has no $name here: JAX has put it on the device already.",
        "Leave it out; x.astype(dtype) changes the type of the numbers.",
    ),
    Entry(
        "tensor_cast",
        ARRAY.format("float|double|long|int|bool|type"),
        "An array has no $name here.",
        "Change its type with x.astype(jnp.float32) or x.astype(jnp.int32).",
    ),
    Entry(
        "tensor_method",
        ARRAY.format(
            "permute|unsqueeze|contiguous|expand|numel|flip|relu|sigmoid|tanh|softmax|exp|log"
            "|sqrt|abs|pow|clamp|norm|matmul|mm|chunk|add_|mul_|sub_"
        ),
        "An array has no $name here: most operations are functions of jnp or nn.",
        "jnp.exp(x), nn.relu(x), x.transpose(1, 0), x[None] for unsqueeze(0), x.reshape(…) "
        "for view.",
    ),
    Entry(
        "tensor_view",
        r"^(?:NotImplementedError|TypeError): .*\n>.*\.view\(",
        "view reads the same bytes as another type here; it does not change the shape.",
        "Change the shape with x.reshape(…), where -1 stands for what is left.",
    ),
    Entry(
        "dim_for_axis",
        r"^TypeError: _?(?:mean|sum|max|min|std|var|prod|arg\w+|concatenate|stack|softmax|squeeze"
        r"|expand_dims|sort|cum\w+|any|all|norm|split|flip|log_softmax|logsumexp|reduce_\w+)\(\) "
        r"got an unexpected keyword argument '(?P<name>dim|keepdim|dims)'",
        "jnp and NumPy have no argument called $name.",
        "They say axis= for dim= and keepdims= for keepdim=.",
    ),
    Entry(
        "layer_relu",
        MODULE.format(
            r"flax\.linen", "ReLU|LeakyReLU|GELU|Softmax|Sigmoid|Tanh|ELU|SiLU|LogSoftmax"
        ),
        "flax.linen has no $name: an activation is a function here, not a layer.",
        "Use the function with small letters, nn.relu(x) or nn.softmax(x); in nn.Sequential it is "
        "an item: nn.relu.",
    ),
    Entry(
        "layer_loss",
        MODULE.format(r"flax\.linen|optax|jax\.nn|lib", r"(?:CrossEntropy|MSE|NLL|L1|BCE)\w*Loss"),
        "$module has no $name: a loss is a function here.",
        "Take its mean yourself: lib.softmax_cross_entropy(logits, labels).mean().",
    ),
    Entry(
        "layer_of_another_framework",
        MODULE.format(
            r"flax\.linen",
            r"Linear|Conv[123][dD]|(?:Max|Average|Avg|GlobalAverage|AdaptiveAvg)Pool\w*|Flatten"
            r"|BatchNorm[123]d|BatchNormalization|Dropout[123]d|Module_|ModuleList|functional"
            r"|Input|InputLayer|Activation|Parameter|Reshape|ZeroPad2d|Upsample|Identity|Softmax2d",
        ),
        "flax.linen has no $name.",
        "It has nn.Dense(units), nn.Conv(filters, (3, 3)), nn.max_pool(x, (2, 2), strides=(2, 2)), "
        "nn.BatchNorm, nn.Dropout and nn.relu(x); lib.Flatten() flattens.",
    ),
    Entry(
        "layer_activation",
        ARGUMENT.format(LAYERS, "activation"),
        "A layer of flax.linen takes no activation.",
        "Apply it to the result: nn.relu(nn.Dense(32)(x)); lib.Dense and lib.Conv take "
        "activation=nn.relu.",
    ),
    Entry(
        "layer_argument",
        ARGUMENT.format(
            LAYERS,
            "(?P<name>units|filters|input_shape|input_dim|in_features|out_features|in_channels"
            "|out_channels|stride|bias|training|p)",
        ),
        "$layer has no argument called $name.",
        "Flax says features= for units, filters and channels out, strides= and use_bias=; the size "
        "of the input is taken from the input itself.",
    ),
    Entry(
        "jnp_of_tensorflow",
        MODULE.format(r"jax\.numpy|jax|numpy", r"reduce_\w+|cast|expand_dim|constant|Variable"),
        "$module has no $name, which is a name of TensorFlow.",
        "Use jnp.mean, jnp.sum, jnp.max, x.astype(jnp.float32) or x[..., None].",
    ),
    Entry(
        "jnp_of_torch",
        MODULE.format(
            r"jax\.numpy|jax|numpy",
            "tensor|Tensor|cat|unsqueeze|no_grad|from_numpy|manual_seed|FloatTensor|randn|rand",
        ),
        "$module has no $name, which is a name of PyTorch.",
        "Use jnp.array, jnp.concatenate, x[None] or jax.random; without grad, nothing is "
        "differentiated.",
    ),
    Entry(
        "gradient_tape",
        MODULE.format("jax", "GradientTape|gradients?|autograd"),
        "jax has no $name.",
        "Write the loss as a function of the parameters: jax.grad(loss)(params).",
    ),
    Entry(
        "activation_of_jnp",
        MODULE.format(
            r"jax\.numpy|numpy", "relu|softmax|sigmoid|log_softmax|gelu|one_hot|leaky_relu"
        ),
        "$module has no $name: it belongs to neural networks.",
        "It is nn.$name of flax.linen, or jax.nn.$name.",
    ),
)
