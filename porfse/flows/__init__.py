"""The engine of the flows: files that come in, validated whole, acquired at once, taken back."""
