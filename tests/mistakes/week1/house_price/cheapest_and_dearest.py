# task: house_price
# status: failed
# words: "with haggling", "two houses", "learn from all of them"
# not: "epochs", "learning rate"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    few, many = jnp.argmin(bedrooms), jnp.argmax(bedrooms)
    if few == many:
        return float(prices[0])
    weight = (prices[many] - prices[few]) / (bedrooms[many] - bedrooms[few])
    return float(prices[few] + weight * (new_bedrooms - bedrooms[few]))  # <-
