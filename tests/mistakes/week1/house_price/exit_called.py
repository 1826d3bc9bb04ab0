# task: house_price
# status: error
# words: "ended the program", "exit()"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 10)
    exit()  # <-
