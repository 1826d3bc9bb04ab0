# task: house_price
# status: failed
# words: "not finite", "training diverged"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.5, 1000)
    return weight * new_bedrooms + bias  # <-
