"""Money that goes back to customers: booked, ordered from the bank, confirmed, or taken back."""
