"""All SQL of the validator, by what it is about."""
