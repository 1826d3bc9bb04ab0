# task: horse_or_human_net
# status: failed
# words: "you write this one", "lib.ConvClassifier"


def horse_or_human_net():
    return lib.ConvClassifier((16, 32, 64), hidden=512, classes=1)
