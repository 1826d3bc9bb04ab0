# task: house_price
# status: failed
# words: "training diverged", "too large for these houses"
# not: "still fall"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.1, 40)
    return weight * new_bedrooms + bias  # <-
