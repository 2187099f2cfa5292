"""Pages of signing in, registering and of links in e-mails, for patients and staff alike."""
