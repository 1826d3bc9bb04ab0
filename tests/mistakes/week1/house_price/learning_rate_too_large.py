# task: house_price
# status: failed
# words: "training diverged", "too large for these houses", "smaller one"
# not: "a formula", "print the losses"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.1, 500)
    return weight * new_bedrooms + bias  # <-
