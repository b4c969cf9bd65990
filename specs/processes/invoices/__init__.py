"""Supplier invoices: found, read, checked, posted, reported."""
