"""The outside world: real bodies of the ports, and sandbox ones for rehearsal and tests."""
