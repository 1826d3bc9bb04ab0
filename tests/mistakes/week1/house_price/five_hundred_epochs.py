# task: house_price
# status: failed
# words: "500 epochs at a learning rate of 0.01", "train for longer"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.01, 500)
    return weight * new_bedrooms + bias  # <-
