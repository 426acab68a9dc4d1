"""From texts to resources that fit together, or to everything that is wrong with them."""
