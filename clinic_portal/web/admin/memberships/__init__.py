"""The staff's pages of members."""
