"""Towns that never were: made-up people and client lists with known truth, to train and measure on."""
