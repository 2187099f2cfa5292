"""The clinic file: a clinic described in YAML, loaded, exported; and the demo clinic."""
