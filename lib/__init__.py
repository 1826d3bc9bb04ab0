"""The course library: data, models, layers and training for computer vision in JAX.

Everything a student needs is one attribute away (`lib.load`, `lib.Conv`, `lib.fit`, …);
each name lives in the module that is about it. Importing `lib` costs what jax, flax and optax
cost: matplotlib and tensorflow-datasets are imported by the functions that need them.
"""

from lib import plots as plots
from lib.callbacks import EarlyStopping as EarlyStopping
from lib.callbacks import LogHistory as LogHistory
from lib.callbacks import StopWhen as StopWhen
from lib.data import DataError as DataError
from lib.data import Dataset as Dataset
from lib.data import Split as Split
from lib.data import draw as draw
from lib.data import grey_picture as grey_picture
from lib.data import load as load
from lib.evaluation import ClassReport as ClassReport
from lib.evaluation import class_report as class_report
from lib.evaluation import confusion_matrix as confusion_matrix
from lib.evaluation import f1_score as f1_score
from lib.evaluation import precision as precision
from lib.evaluation import probabilities as probabilities
from lib.evaluation import recall as recall
from lib.evaluation import worst_mistakes as worst_mistakes
from lib.inputs import as_input as as_input
from lib.layers import AvgPool as AvgPool
from lib.layers import Conv as Conv
from lib.layers import Dense as Dense
from lib.layers import Flatten as Flatten
from lib.layers import MaxPool as MaxPool
from lib.layers import avg_pool as avg_pool
from lib.layers import conv2d as conv2d
from lib.layers import max_pool as max_pool
from lib.losses import accuracy as accuracy
from lib.losses import binary_accuracy as binary_accuracy
from lib.losses import categorical_accuracy as categorical_accuracy
from lib.losses import categorical_cross_entropy as categorical_cross_entropy
from lib.losses import sigmoid_cross_entropy as sigmoid_cross_entropy
from lib.losses import softmax_cross_entropy as softmax_cross_entropy
from lib.losses import squared_error as squared_error
from lib.models import ConvClassifier as ConvClassifier
from lib.models import DeepLinear as DeepLinear
from lib.models import DenseClassifier as DenseClassifier
from lib.models import LinearRegression as LinearRegression
from lib.models import cats_and_dogs as cats_and_dogs
from lib.models import celsius_net as celsius_net
from lib.models import fashion_cnn as fashion_cnn
from lib.models import fashion_dense as fashion_dense
from lib.models import flowers_baseline as flowers_baseline
from lib.models import happy_or_sad as happy_or_sad
from lib.models import horse_or_human as horse_or_human
from lib.models import mnist_dense as mnist_dense
from lib.models import one_conv_cnn as one_conv_cnn
from lib.models import rock_paper_scissors as rock_paper_scissors
from lib.models import same_cnn as same_cnn
from lib.models import sign_letters as sign_letters
from lib.summary import Summary as Summary
from lib.summary import activations as activations
from lib.summary import count_params as count_params
from lib.summary import summary as summary
from lib.training import History as History
from lib.training import TrainingDiverged as TrainingDiverged
from lib.training import TrainState as TrainState
from lib.training import create_state as create_state
from lib.training import eval_step as eval_step
from lib.training import evaluate as evaluate
from lib.training import fit as fit
from lib.training import predict as predict
from lib.training import train_step as train_step
