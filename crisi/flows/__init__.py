"""The flows of the crises: procedures from Vertenze On Line, active policies of a quarter."""
