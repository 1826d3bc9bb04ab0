# task: house_price
# status: error
# words: "ModuleNotFoundError", "price_helpers", "jax, flax, optax, numpy"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    import price_helpers  # <-

    return price_helpers.price(new_bedrooms)
