"""A patient portal with online booking for aesthetic clinics."""
