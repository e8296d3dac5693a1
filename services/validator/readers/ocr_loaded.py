"""Imported where children are made that recognize text: the libraries are loaded once, the models by each child."""

from services.validator.readers import ocr

ENGINE_MODULE = ocr.loaded()
