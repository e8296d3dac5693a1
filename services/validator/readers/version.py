"""The version of everything that turns bytes into facts. Facts are cached under it: raise it when reading changes.

With an engine for recognition installed more is read, so the two are told apart.
"""

from services.validator.readers import ocr

ENGINE_VERSION = "coop-readers 2, with recognition" if ocr.is_available() else "coop-readers 2"
