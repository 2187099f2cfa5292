"""Cards on file, holds, deposits, fees and refunds, and what the gateway said about them."""
