"""What the ledger does: each act loads, lets the core decide, stores, and appends to the outbox in one transaction."""
