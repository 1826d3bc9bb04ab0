# task: house_price
# status: failed
# words: "all example houses have", "not finite", "a formula"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    apart = bedrooms - bedrooms.mean()
    weight = jnp.sum(apart * prices) / jnp.sum(apart**2)
    return float(prices.mean() + weight * (new_bedrooms - bedrooms.mean()))  # <-
