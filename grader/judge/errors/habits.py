"""Habits from Keras, PyTorch and TensorFlow: what they call it, and what it is here."""

from grader.judge.errors.entry import Entry

# How Flax and Python say that an object lacks an attribute.
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
        r"(?:'| is not available: its import failed \(No module)",
        "$module is not installed: everything here is JAX, Flax and Optax.",
        "Delete the import. There are jax, flax, optax, numpy, matplotlib, PIL and lib. The "
        "layers are in flax.linen, the optimizers in Optax, and lib has fit, evaluate and predict.",
    ),
    Entry(
        "name_of_another_framework",
        r"^NameError: name '(?P<name>tf|torch|keras|F)' is not defined",
        "$name usually means a part of TensorFlow, Keras or PyTorch, and this file has no such "
        "name.",
        "Use what the file imports: nn.relu and the layers of flax.linen, jnp for arrays, optax, "
        "lib.",
    ),
    Entry(
        "model_compile",
        MODEL.format("compile"),
        "A Flax model has no compile: the training state holds the optimizer and the loss.",
        "Write state = lib.create_state(model, optax.adam(0.001), images, key), then "
        "lib.fit(state, …).",
    ),
    Entry(
        "model_fit",
        MODEL.format("fit|fit_generator|train_on_batch"),
        "A Flax model has no $name: it only describes the computation.",
        "Train a state: state, history = lib.fit(state, images, labels, epochs=…, key=key).",
    ),
    Entry(
        "model_predict",
        MODEL.format("predict|evaluate|predict_classes|predict_on_batch"),
        "A Flax model has no $name: it holds no parameters to predict with.",
        'Pass a trained state to lib.predict or lib.evaluate, or use model.apply({"params": '
        "params}, images).",
    ),
    Entry(
        "model_summary",
        MODEL.format("summary"),
        "A Flax model has no summary: its sizes depend on the input.",
        "Write print(lib.summary(model, (1, 28, 28, 1))), with the shape of your input.",
    ),
    Entry(
        "model_layers",
        MODEL.format("layers|get_layer|children|modules|named_modules|output|input"),
        "A Flax model has no $name: it keeps no list of its layers.",
        "lib.summary(model, shape) lists the layers, and lib.activations returns their outputs. "
        "What setup makes exists only while init or apply runs.",
    ),
    Entry(
        "model_add",
        MODEL.format("add|pop|add_module|append"),
        "A Flax model has no $name: it cannot change once it is made.",
        "List the layers when you make it: nn.Sequential([first, second]).",
    ),
    Entry(
        "model_weights",
        MODEL.format(
            "get_weights|set_weights|weights|trainable_weights|trainable_variables"
            "|parameters|named_parameters|state_dict|load_state_dict|count_params|trainable"
            "|requires_grad_?|load_weights|save_weights"
        ),
        "A Flax model has no $name: its parameters are in a separate tree.",
        'Take params = model.init(key, images)["params"], or state.params. '
        "jax.tree.leaves(params) lists the arrays.",
    ),
    Entry(
        "model_params",
        MODEL.format("params|parameters_dict|kernel|bias"),
        "A Flax model has no $name: it holds no parameters.",
        'init returns them, model.init(key, images)["params"]; after training they are in '
        "state.params.",
    ),
    Entry(
        "model_mode",
        MODEL.format("train|eval|training"),
        "A Flax model has no $name: it has no mode to switch.",
        "Say in the call whether it is training: model.apply(variables, x, train=True).",
    ),
    Entry(
        "model_save",
        MODEL.format("save|to_json|load|export"),
        "A Flax model has no $name: only its parameters are worth saving.",
        "Save the parameters with lib, as the lesson shows, and make the model again from its "
        "class.",
    ),
    Entry(
        "state_method",
        r"^AttributeError: 'TrainState' object has no attribute '(?P<name>fit|predict|evaluate"
        r"|summary|save|train|compile)'",
        "A training state has no $name: pass the state to a function of lib.",
        "Use lib.fit(state, …), lib.evaluate(state, …) or lib.predict(state, …). Its parameters "
        "are state.params.",
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
        "A Flax model has no $name: it holds no arrays to move.",
        "Leave it out; JAX chooses the device automatically.",
    ),
    Entry(
        "stop_training",
        r"^(?:AttributeError|FrozenInstanceError|SetAttributeFrozenModuleError): .*\n>.*"
        r"\.stop_training\b",
        "You cannot stop with stop_training here: that is how Keras does it.",
        "Let on_epoch_end return True to stop and False to continue.",
    ),
    Entry(
        "callback_model",
        r"^AttributeError: '(?P<type>\w+)' object has no attribute 'model'.*\n>.*\bself\.model\b",
        "This $type has no model: its __init__ sets none, and lib.fit, unlike Keras, does not set "
        "one on a callback.",
        "In a callback, use the arguments of on_epoch_end: logs holds the metrics, state.params "
        "the parameters.",
    ),
    Entry(
        "history_of_keras",
        r"^AttributeError: 'History' object has no attribute 'history'",
        "The history is already what Keras stores in history.history.",
        'Read it directly: history["accuracy"].',
    ),
    Entry(
        "backward",
        ARRAY.format("backward|grad|requires_grad_?|grad_fn|zero_grad"),
        "An array does not record calculations here, so it has no $name.",
        "Write the loss as a function of the parameters: value, grads = "
        "jax.value_and_grad(loss)(params).",
    ),
    Entry(
        "tensor_to_numpy",
        ARRAY.format("numpy|detach"),
        "An array has no $name here.",
        "Leave it out. If you need a NumPy array, np.asarray(x) makes one (outside jit and grad).",
    ),
    Entry(
        "tensor_device",
        ARRAY.format("cuda|cpu|to|half"),
        "An array has no $name here: JAX has already put it on the device.",
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
        "Use jnp.exp(x), nn.relu(x), x.transpose(1, 0), x[None] for unsqueeze(0), x.reshape(…) "
        "for view.",
    ),
    Entry(
        "tensor_view",
        r"^(?:NotImplementedError|TypeError): .*\n>.*\.view\(",
        "Here, view reads the same bytes as a different type; it does not change the shape.",
        "Change the shape with x.reshape(…), where -1 fills in the size that is left.",
    ),
    Entry(
        "dim_for_axis",
        r"^TypeError: _?(?:mean|sum|max|min|std|var|prod|arg\w+|concatenate|stack|softmax|squeeze"
        r"|expand_dims|sort|cum\w+|any|all|norm|split|flip|log_softmax|logsumexp|reduce_\w+)\(\) "
        r"got an unexpected keyword argument '(?P<name>dim|keepdim|dims)'",
        "jnp and NumPy have no argument called $name.",
        "Write axis= for dim= and keepdims= for keepdim=.",
    ),
    Entry(
        "layer_relu",
        MODULE.format(
            r"flax\.linen", "ReLU|LeakyReLU|GELU|Softmax|Sigmoid|Tanh|ELU|SiLU|LogSoftmax"
        ),
        "flax.linen has no $name: an activation is a function here, not a layer.",
        "Use the function with a lower-case name, nn.relu(x) or nn.softmax(x). In nn.Sequential, "
        "it is an item: nn.relu.",
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
        "Use nn.Dense(units), nn.Conv(filters, (3, 3)), nn.max_pool(x, (2, 2), strides=(2, 2)), "
        "nn.BatchNorm, nn.Dropout or nn.relu(x). lib.Flatten() flattens.",
    ),
    Entry(
        "layer_activation",
        ARGUMENT.format(LAYERS, "activation"),
        "A flax.linen layer takes no activation.",
        "Apply it to the result: nn.relu(nn.Dense(32)(x)). lib.Dense and lib.Conv take "
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
        "Flax uses features= for units, filters and channels out, strides= and use_bias=. It "
        "takes the size of the input from the input itself.",
    ),
    Entry(
        "jnp_of_tensorflow",
        MODULE.format(r"jax\.numpy|jax|numpy", r"reduce_\w+|cast|expand_dim|constant|Variable"),
        "$module has no $name, which is a TensorFlow name.",
        "Use jnp.mean, jnp.sum, jnp.max, x.astype(jnp.float32) or x[..., None].",
    ),
    Entry(
        "jnp_of_torch",
        MODULE.format(
            r"jax\.numpy|jax|numpy",
            "tensor|Tensor|cat|unsqueeze|no_grad|from_numpy|manual_seed|FloatTensor|randn|rand",
        ),
        "$module has no $name, which is a PyTorch name.",
        "Use jnp.array, jnp.concatenate, x[None] or jax.random. Without grad, JAX differentiates "
        "nothing.",
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
        "Use nn.$name from flax.linen, or jax.nn.$name.",
    ),
)
