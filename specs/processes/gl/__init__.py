"""The general ledger of 08-nightly-close.yaml and 09-balances.yaml: two sessions at a time, as its licence says."""
