"""The demo: broker, worker, a simulated stream and its figures in a terminal, all by itself.

`session` puts it together: `feed` publishes what happens, `reading` reads the figures that come of it,
`ledger` knows what has been processed, `freshness` how long it took, `board` and `told` show all that.
"""
