"""Augmentation: training pictures moved and flipped at random, with one interpolation each."""

from lib.augmentation.affine import FILL_MODES as FILL_MODES
from lib.augmentation.affine import about_centre as about_centre
from lib.augmentation.affine import affine_transform as affine_transform
from lib.augmentation.affine import rotation_matrix as rotation_matrix
from lib.augmentation.affine import shear_matrix as shear_matrix
from lib.augmentation.affine import shift_matrix as shift_matrix
from lib.augmentation.affine import zoom_matrix as zoom_matrix
from lib.augmentation.augment import Augment as Augment
from lib.augmentation.augment import Drawn as Drawn
