"""Settings of the clinic, a page for each thing."""
