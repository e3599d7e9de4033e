"""Pages of the programme: check, call, render."""
