"""`python -m services.cli`: the `coop` command without its script."""

from services.cli.main import main

main()
