"""Transfer learning: a pre-trained part stays frozen, the rest learns."""

from lib.transfer.bottleneck import features as features
from lib.transfer.classifier import TransferClassifier as TransferClassifier
from lib.transfer.classifier import TransferHead as TransferHead
from lib.transfer.classifier import transfer_variables as transfer_variables
from lib.transfer.freezing import FROZEN as FROZEN
from lib.transfer.freezing import TRAINABLE as TRAINABLE
from lib.transfer.freezing import count_trainable as count_trainable
from lib.transfer.freezing import freeze as freeze
from lib.transfer.freezing import labels as labels
from lib.transfer.freezing import trainable as trainable
