"""Tables of the wallet. Private to this domain."""
