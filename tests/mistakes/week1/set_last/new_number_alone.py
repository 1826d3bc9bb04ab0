# task: set_last
# status: failed
# words: "new number alone", "whole array"
# points: 0


def set_last(values, new):
    return new  # <-
