"""Who may come in: patients' accounts, staff and their roles, sessions, links, codes, CAPTCHA, limits on trying."""
