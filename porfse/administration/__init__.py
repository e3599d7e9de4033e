"""The administrator's pages: people and their roles, and the register of operations."""
