"""The version of everything that turns bytes into facts. Facts are cached under it: raise it when reading changes."""

ENGINE_VERSION = "coop-readers 1"
