"""What the clinic is: its settings, places, rooms and devices, providers, services and policies."""
