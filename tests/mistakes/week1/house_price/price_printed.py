# task: house_price
# status: failed
# words: "None (is a return missing?)", "print only shows"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
    print(weight * new_bedrooms + bias)  # <-
