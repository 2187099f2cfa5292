"""Who is a member of the clinic (S32)."""
