# task: house_price
# status: failed
# words: "bias is missing"
# not: "epochs", "longer"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
    return weight * new_bedrooms  # <-
