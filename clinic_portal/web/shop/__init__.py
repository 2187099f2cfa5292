"""Packages as patients buy them: on the public page and in the portal (P8)."""
