# task: house_price
# status: failed
# words: "price for 7 bedrooms", "new_bedrooms"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
    return weight * 7 + bias  # <-
