"""The staff's pages: each handler says which permission it needs."""
