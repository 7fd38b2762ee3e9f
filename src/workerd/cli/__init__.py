"""The `workerd` command: parsing and messages only."""
