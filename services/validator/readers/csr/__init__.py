"""The Certification Service Report: our own form, drawn and read back in one room."""
