"""When people and rooms are free: hours, time off, the arithmetic of availability and the overlap guard."""
