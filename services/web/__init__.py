"""Composes the three services into what people and systems call over HTTP; has no tables of its own."""
