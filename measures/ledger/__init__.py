"""From the rows of a measure to the ledger of the programme: by day, reconciled, as movements."""
