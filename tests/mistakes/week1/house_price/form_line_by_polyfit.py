# task: house_price
# status: failed


def house_price(bedrooms, prices, new_bedrooms):
    slope, offset = np.polyfit(np.asarray(bedrooms), np.asarray(prices), 1)
    return float(slope * new_bedrooms + offset)
