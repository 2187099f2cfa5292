"""The first run: from an empty installation to a first service that can be booked."""
