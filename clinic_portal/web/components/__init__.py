"""Pieces of pages: no State, no queries; everything they show is given to them."""
