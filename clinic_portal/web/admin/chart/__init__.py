"""A page of the staff about one patient: a frame, and a view for each thing they look for."""
