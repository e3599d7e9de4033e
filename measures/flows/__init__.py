"""What the flows of all measures share: rows compared with what is stored, written, taken back."""
