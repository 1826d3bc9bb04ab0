"""Saves and loads parameters, training states and models, and caches slow computations."""

from lib.saving.archive import CheckpointError as CheckpointError
from lib.saving.checkpoint import Checkpoint as Checkpoint
from lib.saving.checkpoint import load_params as load_params
from lib.saving.checkpoint import load_state as load_state
from lib.saving.checkpoint import save_params as save_params
from lib.saving.checkpoint import save_state as save_state
from lib.saving.model import SavedModel as SavedModel
from lib.saving.model import load_model as load_model
from lib.saving.model import save_model as save_model
