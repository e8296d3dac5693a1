"""What the ledger answers: balances, funds, statements, payouts, the feed, explanations, and whether it is sound."""
