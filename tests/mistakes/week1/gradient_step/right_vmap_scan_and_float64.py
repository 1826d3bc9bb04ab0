# task: gradient_step
# status: passed


def gradient_step(weight, bias, x, y, learning_rate):
    error = np.float64(weight) * np.asarray(x) + np.float64(bias) - np.asarray(y)
    slopes = 2 * np.mean(error * np.asarray(x)), 2 * np.mean(error)
    return [weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]]
