"""Small synthetic claims: what a partner sends, drawn anew for any usage period, and the committed examples."""
