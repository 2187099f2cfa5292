"""What several pages about memberships share."""
