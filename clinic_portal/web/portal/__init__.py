"""The patient's portal: each page with its State beside it; every handler for a patient who is signed in."""
