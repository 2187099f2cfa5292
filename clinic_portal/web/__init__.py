"""Pages, their States and the plain HTTP endpoints: the only room that knows Reflex and Starlette."""
