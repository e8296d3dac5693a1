"""Tables of the ledger as files: the same rows give the same bytes."""
