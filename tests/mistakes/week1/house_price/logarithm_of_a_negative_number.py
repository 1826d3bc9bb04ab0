# task: house_price
# status: failed
# words: "not finite", "print the losses"
# not: "a formula", "diverged"
# points: 0


def house_price(bedrooms, prices, new_bedrooms):
    weight, bias, _ = train_line(bedrooms, jnp.log(-prices), 0.01, 500)
    return jnp.exp(weight * new_bedrooms + bias)  # <-
