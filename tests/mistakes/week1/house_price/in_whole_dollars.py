# task: house_price
# status: failed
# words: "single units of money", "hundreds of thousands"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
    return 100_000 * (weight * new_bedrooms + bias)  # <-
