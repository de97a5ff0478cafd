"""A simulated bank: payroll customers, what they do after payday, and the truth behind it.

``population.Population`` says which bank; ``events.events`` streams the lines of an events file in arrival
order; ``truth.truth`` and ``truth.score`` judge what a detector made of them; ``load.load`` is the cheap
one, for benchmarks. Everything follows from the arguments.
"""
