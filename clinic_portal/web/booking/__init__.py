"""The booking wizard: one page a step, each with its State beside it."""
