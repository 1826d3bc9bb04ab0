# task: house_price
# status: failed
# words: "with haggling", "two houses", "learn from all of them"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight = (prices[1] - prices[0]) / (bedrooms[1] - bedrooms[0])
    return float(prices[0] + weight * (new_bedrooms - bedrooms[0]))  # <-
