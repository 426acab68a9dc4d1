"""The resources people write, as the models that validate and document them."""
