"""The staff's pages to write forms: a list of all, and an editor for each kind."""
