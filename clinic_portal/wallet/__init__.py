"""What a clinic owes its patients: deposits until the treatment, credit, treatments and products (S33, P6, P7).

A ledger in double entry: `ledger` posts, the database keeps balances and refuses one below nothing; `actions` are the
verbs of money, `lots` those of what is counted, `queries` the reads.
"""
