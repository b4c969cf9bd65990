"""A bank statement, matched with the invoices that customers have not paid yet."""
