"""Pages of the flows: the list, one flow, what is done with it, and the calendar."""
