"""moto as a server that forgets nothing: what runs in moto's own process.

moto keeps its state in memory. Here each request that changes state is carried out with
time standing still and with seeded randomness, and is appended to a journal before it is
answered. Carrying the journal out again with the same times and seeds gives the same ids,
versions, secrets and timestamps. Snapshots keep the journal short.

One thread does everything, so that requests never interleave and the order in the journal
is the order in which they took effect; moto is bound by Python's lock anyway.
"""
