"""Pages for everyone: the clinic's front page, and the answers to links in e-mails."""
