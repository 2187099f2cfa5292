"""Who is treated: profiles, how to reach them, and whether two profiles are one person."""
