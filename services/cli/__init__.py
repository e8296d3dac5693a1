"""The `coop` command."""
