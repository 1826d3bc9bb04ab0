"""The folders of public sets: read correctly, or refused with a reason; never guessed."""

import io
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import lib
from lib.data.files.decoding import OddPictures
from lib.data.files.part_names import Part, part_of


def encoded(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((3, 4, 3), 90, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


PNG = encoded()


def grow(root: Path, tree: str) -> Path:
    """Makes the files of a tree: `train/{cats,dogs} 3 2` are three cats and two dogs.

    A path with a full stop in its last name is one file, an ending slash an empty folder.
    """
    for line in tree.strip().splitlines():
        pattern, *counts = re.sub(r"\s*#.*", "", line.strip()).rsplit("  ")
        numbers = [int(n) for n in counts[0].split()] if counts else [0]
        paths = list(spread(pattern))
        for place, path in enumerate(paths):
            if path.endswith("/"):
                (root / path).mkdir(parents=True, exist_ok=True)
                continue
            if not counts:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(b"" if path.endswith("666.jpg") else b"no picture")
                continue
            (root / path).mkdir(parents=True, exist_ok=True)
            for number in range(numbers[place % len(numbers)]):
                picture = root / path / f"{number}.jpg"
                picture.write_bytes(PNG + os.fsencode(picture))  # no two are the same file
    return root


def spread(pattern: str) -> Iterator[str]:
    """`a/{b,c}` is a/b and a/c."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if not found:
        yield pattern
        return
    for each in found[1].split(","):
        yield from spread(pattern[: found.start()] + each + pattern[found.end() :])


class Loads(NamedTuple):
    """What is read, and the words that report the rest."""

    classes: str
    train: list[int]
    validation: list[int] = []
    test: list[int] = []
    told: str = ""


class Refused(NamedTuple):
    """The words of the reason."""

    reason: str


SETS: dict[str, tuple[str, Loads | Refused]] = {
    "Horses or Humans, both archives": (
        """horse-or-human/{horses,humans}  3 2
        validation-horse-or-human/{horses,humans}  1 2""",
        Loads("horses humans", [3, 2], [1, 2]),
    ),
    "Rock, Paper, Scissors, both archives": (
        """rps/{paper,rock,scissors}  3 2 1
        rps-test-set/{paper,rock,scissors}  1 2 1""",
        Loads("paper rock scissors", [3, 2, 1], [1, 2, 1]),
    ),
    "Cats and Dogs, filtered": (
        """cats_and_dogs_filtered/train/{cats,dogs}  3 2
        cats_and_dogs_filtered/validation/{cats,dogs}  1 2
        cats_and_dogs_filtered/vectorize.py""",
        Loads("cats dogs", [3, 2], [1, 2]),
    ),
    "Microsoft's cats and dogs": (
        """PetImages/{Cat,Dog}  3 2
        PetImages/Cat/666.jpg
        PetImages/Dog/Thumbs.db
        readme[1].txt""",
        Loads("Cat Dog", [3, 2], told=r"666.jpg \(empty\).*Thumbs.db \(not a picture\)"),
    ),
    "TensorFlow's flowers": (
        """flower_photos/{daisy,dandelion,roses,sunflowers,tulips}  3 2 1 2 3
        flower_photos/LICENSE.txt""",
        Loads("daisy dandelion roses sunflowers tulips", [3, 2, 1, 2, 3]),
    ),
    "Flowers Recognition (Kaggle)": (
        """flowers/{daisy,rose,tulip}  3 2 1
        flowers/flowers/{daisy,rose,tulip}  3 2 1""",
        Loads("daisy rose tulip", [3, 2, 1], told="the class folders again"),
    ),
    "Chest X-Ray Pneumonia (Kaggle)": (
        """chest_xray/train/{NORMAL,PNEUMONIA}  2 3
        chest_xray/val/{NORMAL,PNEUMONIA}  1 1
        chest_xray/test/{NORMAL,PNEUMONIA}  1 2
        chest_xray/chest_xray/{train,val,test}/{NORMAL,PNEUMONIA}  1
        chest_xray/__MACOSX/chest_xray/._train
        chest_xray/train/.DS_Store""",
        Loads("NORMAL PNEUMONIA", [2, 3], [1, 1], [1, 2], told="chest_xray/chest_xray .*not read"),
    ),
    "Intel Image Classification (Kaggle)": (
        """seg_train/seg_train/{forest,sea,street}  3 2 1
        seg_test/seg_test/{forest,sea,street}  1 2 1
        seg_pred/seg_pred  2""",
        Loads("forest sea street", [3, 2, 1], [1, 2, 1], told="seg_pred .*not read"),
    ),
    "Cat and Dog (Kaggle)": (
        """training_set/training_set/{cats,dogs}  3 2
        test_set/test_set/{cats,dogs}  1 2
        training_set/training_set/cats/_DS_Store""",
        Loads("cats dogs", [3, 2], [1, 2], told="_DS_Store"),
    ),
    "Malaria cell images (NIH, Kaggle)": (
        """cell_images/{Parasitized,Uninfected}  3 2
        cell_images/cell_images/{Parasitized,Uninfected}  3 2
        cell_images/Parasitized/Thumbs.db""",
        Loads("Parasitized Uninfected", [3, 2], told="again"),
    ),
    "PlantVillage (Kaggle)": (
        "plantvillage dataset/{color,grayscale,segmented}/{Apple___scab,Grape___healthy}  2",
        Refused("color/, grayscale/, segmented/, each with Apple___scab/, Grape___healthy/"),
    ),
    "Fruits-360": (
        """fruits-360/Training/{Apple Braeburn 1,Banana 1}  3 2
        fruits-360/Test/{Apple Braeburn 1,Banana 1}  1 2
        fruits-360/test-multiple_fruits  2
        fruits-360/papers/paper.pdf""",
        Loads("Apple Braeburn 1|Banana 1", [3, 2], [1, 2], told="test-multiple_fruits"),
    ),
    "Imagenette": (
        """imagenette2-160/train/{n01440764,n02102040}  3 2
        imagenette2-160/val/{n01440764,n02102040}  1 2
        imagenette2-160/noisy_imagenette.csv""",
        Loads("n01440764 n02102040", [3, 2], [1, 2]),
    ),
    "Tiny ImageNet": (
        """tiny-imagenet-200/train/{n01443537,n01629819}/images  3 2
        tiny-imagenet-200/train/n01443537/n01443537_boxes.txt
        tiny-imagenet-200/val/images  2
        tiny-imagenet-200/val/val_annotations.txt
        tiny-imagenet-200/test/images  2""",
        Loads(
            "n01443537 n01629819", [3, 2], told="test .no folder for each.*val .no folder for each"
        ),
    ),
    "ImageNet (ILSVRC)": (
        """ILSVRC/Data/CLS-LOC/train/{n01440764,n01443537}  3 2
        ILSVRC/Data/CLS-LOC/{val,test}  2
        ILSVRC/Annotations/CLS-LOC/train/n01440764/n01440764_18.xml
        ILSVRC/ImageSets/CLS-LOC/train_cls.txt
        LOC_val_solution.csv""",
        Loads("n01440764 n01443537", [3, 2], told="CLS-LOC/test .no folder.*CLS-LOC/val .no fold"),
    ),
    "Food-101": (
        """food-101/images/{apple_pie,waffles}  3 2
        food-101/meta/classes.txt""",
        Loads("apple_pie waffles", [3, 2], told="food-101/meta .a folder without pictures"),
    ),
    "Caltech-101": (
        """caltech-101/101_ObjectCategories/{accordion,ant,BACKGROUND_Google}  3 2 1
        caltech-101/Annotations/accordion/annotation_0001.mat""",
        Loads("BACKGROUND_Google accordion ant", [1, 3, 2], told="Annotations"),
    ),
    "Caltech-256": (
        "256_ObjectCategories/{001.ak47,002.american-flag,257.clutter}  3 2 1",
        Loads("001.ak47 002.american-flag 257.clutter", [3, 2, 1]),
    ),
    "Stanford Dogs (Kaggle)": (
        """images/Images/{n02085620-Chihuahua,n02116738-African_hunting_dog}  3 2
        annotations/Annotation/n02085620-Chihuahua/n02085620.7""",
        Loads("n02085620-Chihuahua n02116738-African_hunting_dog", [3, 2], told="annotations"),
    ),
    "Oxford-IIIT Pet": (
        """images  3
        annotations/trimaps  3
        annotations/xmls/Abyssinian_1.xml""",
        Refused("pictures in annotations/, images/, but no folder for each class"),
    ),
    "Oxford 102 Flowers": (
        """jpg  3
        imagelabels.mat""",
        Refused("pictures in jpg/, but no folder for each class"),
    ),
    "CUB-200-2011 with segmentations": (
        """CUB_200_2011/images/{001.Black_footed_Albatross,002.Laysan_Albatross}  3 2
        CUB_200_2011/segmentations/{001.Black_footed_Albatross,002.Laysan_Albatross}  3 2
        CUB_200_2011/attributes/certainties.txt
        CUB_200_2011/parts/parts.txt""",
        Loads(
            "001.Black_footed_Albatross 002.Laysan_Albatross",
            [3, 2],
            told="segmentations .beside images/, not read",
        ),
    ),
    "German traffic signs (Kaggle)": (
        """Train/{0,1,10}  3 2 1
        Test  2
        Meta  3
        Train.csv""",
        Loads("0 1 10", [3, 2, 1], told="Meta .beside.*Test .no folder for each class"),
    ),
    "COVID-19 Radiography (Kaggle)": (
        """COVID-19_Radiography_Dataset/{COVID,Normal}/{images,masks}  2
        COVID-19_Radiography_Dataset/COVID.metadata.xlsx""",
        Refused("COVID/, Normal/, each with images/, masks/ in it"),
    ),
    "Describable Textures": (
        """dtd/images/{banded,zigzagged}  3 2
        dtd/imdb/imdb.mat
        dtd/labels/labels_joint_anno.txt""",
        Loads("banded zigzagged", [3, 2], told="dtd/imdb .*dtd/labels"),
    ),
    "EuroSAT": ("EuroSAT/2750/{Forest,River}  3 2", Loads("Forest River", [3, 2])),
    "EuroSAT, all bands (Kaggle)": (
        "{EuroSAT,EuroSATallBands}/{Forest,River}  2",
        Refused("EuroSAT/, EuroSATallBands/, each with Forest/, River/"),
    ),
    "Dogs vs. Cats (Kaggle)": (
        """train  3
        test1  2
        sampleSubmission.csv""",
        Refused("train has pictures but no folder for each class"),
    ),
    "CelebA (Kaggle)": (
        """img_align_celeba/img_align_celeba  3
        list_attr_celeba.csv""",
        Refused("pictures in img_align_celeba/, but no folder for each class"),
    ),
    "NIH Chest X-rays": (
        """images_{001,002,003}/images  2
        Data_Entry_2017.csv""",
        Refused("images_001/, images_002/, images_003/, but no folder for each class"),
    ),
    "HAM10000 (Kaggle)": (
        """HAM10000_images_part_{1,2}  2
        HAM10000_metadata.csv""",
        Refused("no folder for each class"),
    ),
    "MVTec AD": (
        """{bottle,cable}/train/good  2
        {bottle,cable}/test/{good,broken_large}  1
        {bottle,cable}/ground_truth/broken_large  1""",
        Refused("that contain parts of a set, bottle/, cable/"),
    ),
    "Office-31": (
        "{amazon,dslr,webcam}/images/{back_pack,bike}  2",
        Refused("amazon/, dslr/, webcam/, each with back_pack/, bike/"),
    ),
    "SUN397": (
        """a/{abbey,airport}  2
        b/{bar,beach}  1""",
        Loads("a b", [4, 2], told="the folders within a/, b/ were not taken as classes"),
    ),
    "Sign Language Digits": (
        """Sign-Language-Digits-Dataset/Dataset/{0,1}  3 2
        Sign-Language-Digits-Dataset/Examples  2""",
        Loads("0 1", [3, 2], told="Examples .beside Dataset/, not read"),
    ),
    "ASL Alphabet (Kaggle)": (
        """asl_alphabet_train/asl_alphabet_train/{A,B}  3 2
        asl_alphabet_test/asl_alphabet_test  2""",
        Loads("A B", [3, 2], told="asl_alphabet_test .no folder for each class"),
    ),
    "Brain Tumor MRI (Kaggle)": (
        """Training/{glioma,notumor}  3 2
        Testing/{glioma,notumor}  1 2""",
        Loads("glioma notumor", [3, 2], [1, 2]),
    ),
    "MNIST as JPG (Kaggle)": (
        """trainingSet/trainingSet/{0,1}  3 2
        testSet/testSet  2
        {trainingSample,testSample}/x/{0,1}  1""",
        Loads("0 1", [3, 2], told="testSample.*testSet .no folder.*trainingSample"),
    ),
    "New Plant Diseases (Kaggle)": (
        """New Plant Diseases Dataset(Augmented)/{train,valid}/{Apple,Grape}  2
        test/test  2""",
        Refused(r"has test/ beside New Plant Diseases Dataset\(Augmented\)/"),
    ),
    "Simpsons (Kaggle)": (
        """simpsons_dataset/{bart,homer,simpsons_dataset/bart,simpsons_dataset/homer}  2
        kaggle_simpson_testset/kaggle_simpson_testset  2
        annotation.txt""",
        Refused("kaggle_simpson_testset/ without folders for each class beside simpsons_dataset/"),
    ),
    "Oxford 17 Flowers": ("17flowers/jpg  3", Refused("pictures in 17flowers/, but no folder")),
    "PACS": (
        "pacs_data/{art_painting,cartoon,photo,sketch}/{dog,elephant}  1",
        Refused("art_painting/, cartoon/, photo/, sketch/, each with dog/, elephant/"),
    ),
    "Lung and colon (Kaggle)": (
        """lung_colon_image_set/colon_image_sets/{colon_aca,colon_n}  2
        lung_colon_image_set/lung_image_sets/{lung_aca,lung_n}  1""",
        Loads(
            "colon_image_sets lung_image_sets",
            [4, 2],
            told="the folders within colon_image_sets/, lung_image_sets/ were not",
        ),
    ),
    "Roboflow's export for YOLO": (
        """{train,valid,test}/images  2
        train/labels/0.txt
        data.yaml""",
        Refused("train has pictures but no folder for each class"),
    ),
    "COCO128, for YOLO": (
        """images/train2017  2
        labels/train2017/0.txt""",
        Refused("pictures in images/, but no folder for each class"),
    ),
    "Carvana masks (Kaggle)": (
        "{train,train_masks,test}  2",
        Refused("train has pictures but no folder for each class"),
    ),
    "Dogs vs. Cats, unpacked in separate folders": (
        "{train/train,test1/test1}  2",
        Refused("train has pictures but no folder for each class"),
    ),
    "Kvasir-SEG in parts": (
        "{train,val}/{images,masks}  2",
        Refused("pictures in images/, masks/, but no folder for each class"),
    ),
    "Digits, one by one": ("{0,1,2}  3 2 1", Loads("0 1 2", [3, 2, 1])),
    "One class": ("0  3", Loads("0", [3])),
    "Stanford Cars (Kaggle)": (
        """car_data/car_data/train/{Acura RL,BMW M3}  3 2
        car_data/car_data/test/{Acura RL,BMW M3}  1 2
        anno_train.csv""",
        Loads("Acura RL|BMW M3", [3, 2], [1, 2]),
    ),
}


def counts(split, classes) -> list[int]:
    return np.bincount(split.labels, minlength=classes).tolist() if len(split.labels) else []


@pytest.mark.parametrize("name", SETS)
def test_a_public_set_is_read_rightly_or_refused_with_a_reason(tmp_path, name):
    tree, expected = SETS[name]
    root = grow(tmp_path / "data", tree)
    if isinstance(expected, Refused):
        with pytest.raises(lib.DataError, match=expected.reason) as caught:
            lib.load_folder(root, 4)
        assert str(caught.value).endswith((".", "?"))
        assert "\n" not in str(caught.value)
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = lib.load_folder(root, 4)
    classes = expected.classes.split("|" if "|" in expected.classes else " ")
    assert found.class_names == tuple(classes)
    assert counts(found.train, len(classes)) == expected.train
    assert counts(found.validation, len(classes)) == expected.validation
    assert counts(found.test, len(classes)) == expected.test
    words = " ".join(str(each.message) for each in told)
    assert re.search(expected.told, words), words
    assert bool(words) == bool(expected.told), words


def test_thirty_sets_and_more_are_known():
    assert len(SETS) >= 30


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("TRAIN", Part("train", ())),
        ("Training", Part("train", ())),
        ("trainset", Part("train", ())),
        ("train_images", Part("train", ())),
        ("TrainData", Part("train", ())),
        ("Val", Part("validation", ())),
        ("valid", Part("validation", ())),
        ("dev-set", Part("validation", ())),
        ("Testing", Part("test", ())),
        ("validation-horse-or-human", Part("validation", ("horse", "or", "human"))),
        ("rps-test-set", Part("test", ("rps",))),
        ("seg_train", Part("train", ("seg",))),
        ("testament", Part("", ("testament",))),
        ("trainers", Part("", ("trainers",))),
        ("train_test", Part("", ("train", "test"))),
        ("Überprüfung", Part("", ("überprüfung",))),
        ("éval", Part("", ("éval",))),
    ],
)
def test_what_the_name_of_a_folder_says(name, part):
    assert part_of(name) == part


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (
            "{cats,cats - Copy,cats (1),dogs}  1",
            r"cats/, cats \(1\)/, cats - Copy/ count as different",
        ),
        ("{cats,Cats,dogs}  1", "Cats/, cats/ count as different classes; put the pictures of one"),
        ("{dogs,Copy of dogs}  1", "Copy of dogs/, dogs/ count as different classes"),
        (
            "{cats,dogs,100APPLE}  1",
            "100APPLE/ come from a camera, whose folder names are not labels",
        ),
        ("{cats,Camera,Screenshots}  1", "Camera/, Screenshots/ come from a camera"),
        ("{2023-01-01,cats}  1", "2023-01-01/ come from a camera"),
        ("{badger,badger/Edited,fox}  1", "badger/Edited/ seem to contain copies of pictures"),
        ("{cats,dogs,venv,figures}  1", "figures/, venv/ may not be classes; if so, move them"),
        ("{cats,dogs,node_modules/x/y}  1", "node_modules/ may not be classes"),
        ("{a,a/thumbnails,b}  1", "a/thumbnails/ seem to contain copies of pictures"),
    ],
)
def test_folders_that_are_hardly_classes_are_told(tmp_path, tree, words):
    grow(tmp_path / "set", tree)
    with pytest.warns(OddPictures, match=words):
        found = lib.load_folder(tmp_path / "set", 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # anyone who passes class_names has seen them
        lib.load_folder(tmp_path / "set", 4, class_names=found.class_names)


@pytest.mark.parametrize(
    "tree",
    [
        "DCIM/{100APPLE,101APPLE}  1",
        "DCIM/{Camera,Screenshots,Facebook}  1",
        "{202405_a,202406_b}  1",
    ],
)
def test_the_folders_of_a_camera_are_no_classes(tmp_path, tree):
    with pytest.raises(
        lib.DataError, match="/. Cameras and phones use such names; they are not labels"
    ):
        lib.load_folder(grow(tmp_path / "set", tree), 4)


@pytest.mark.parametrize(
    "names",
    [
        "{bmw (e30),bmw (e46)}",
        "{100,101}",
        "{100 euro,200 euro}",
        "{camera,cup}",
        "{edited,original}",
        "{202405,202406}",
    ],
)
def test_classes_may_have_brackets_and_numbers(tmp_path, names):
    found = lib.load_folder(grow(tmp_path / "set", f"{names}  1"), 4)
    assert len(found.class_names) == 2


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ("{photos,photos (1)}/{a,b}  1", "copies of one set; name one of them. If their pictures"),
        ("{fold1,fold2}/{a,b}  1", "fold1/, fold2/, which seem to be pieces of one set"),
        ("{1_train,2_val}/{a,b}  1", "Parts of one set are called train/, validation/ and test/"),
        ("{Lernen,Pruefen}/{a,b}  1", "Parts of one set are called train/, validation/ and test/"),
        ("train/{cat,dog}  1\ntest/{cats,dog}  1", "class cats, but .*; if it is cat, rename it"),
        ("train/{red fox,dog}  1\ntest/red_fox  1", "if it is red fox, rename it, else remove"),
        ("train/{cat,dog}  1\ntest/unknown  1", "cat, dog; rename or remove it"),
    ],
)
def test_a_refusal_says_what_to_rename(tmp_path, tree, words):
    with pytest.raises(lib.DataError, match=words):
        lib.load_folder(grow(tmp_path / "set", tree), 4)


def test_one_part_may_be_called_validate(tmp_path):
    found = lib.load_folder(grow(tmp_path, "{train,validate}/{a,b}  2"), 4)
    assert (len(found.train.labels), len(found.validation.labels)) == (4, 4)


def test_a_folder_may_lie_in_the_home_of_a_person_and_a_file_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    grow(tmp_path, "set/{a,b}  1")
    assert len(lib.load_folder("~/set", 4).train.labels) == 2
    (tmp_path / "a.csv").write_text("label,x\n1,2\n1,3")
    assert len(lib.read_csv("~/a.csv", edge=1).labels) == 2
    lib.split_data("~/set", "~/one", "~/other", 0.5)
    assert (tmp_path / "one").is_dir() and (tmp_path / "other").is_dir()
    (tmp_path / "set.ZIP").write_bytes(b"PK")
    with pytest.raises(lib.DataError, match="set.ZIP is an archive: unpack it and name the folder"):
        lib.load_folder("~/set.ZIP")
    with pytest.raises(lib.DataError, match="0.jpg is a file: name the folder with one subfolder"):
        lib.load_folder("~/set/a/0.jpg")
