"""Who may come in: staff, one-time codes, limits on trying. (Patients' accounts join them here.)"""
