"""Rehearsal tools: the movable clock and the sandbox's mailbox. They exist in demo mode only (B7)."""
