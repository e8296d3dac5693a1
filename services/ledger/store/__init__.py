"""All SQL of the ledger: tables, the posting, and what is read before a decision."""
