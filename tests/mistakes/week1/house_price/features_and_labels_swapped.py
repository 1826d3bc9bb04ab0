# task: house_price
# status: failed
# words: "features and labels are swapped"
# not: "longer"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(prices, bedrooms, 0.05, 5000)
    return weight * new_bedrooms + bias  # <-
