"""What all trajectories run on: a loss whose gradient is a polynomial, so that every implementation
rounds alike. problem.h is the same in C++.

    loss = sum(a p^2 / 2 + 0.075 p^4 - c p),   gradient = a p + 0.3 p^3 - c

over parameters of shapes (2, 3), (3,) and (2,), with a in [0.5, 2] and a c that changes from step to
step. The first two parameters are in the first group, the last is in the second.
"""

shapes = [(2, 3), (3,), (2,)]
steps = 50
shown = (1, 2, 10, 25, 26, 50)


def numbers(k, step):
    """The first values, a and c of parameter k, as lists."""
    n = 1
    for size in shapes[k]:
        n *= size
    start = [((i * 5 + k * 3) % 7 - 3) / 4 for i in range(n)]
    a = [0.5 + ((i * 3 + k) % 4) / 2 for i in range(n)]
    c = [((step * 7 + i * 3 + k * 5) % 11 - 5) / 5 for i in range(n)]
    return start, a, c


def write(path, title, cases):
    with open(path, "w") as out:
        out.write(f"# {title}\n")
        for name, rows in cases.items():
            out.write(f"case {name}\n")
            for row in rows:
                out.write(" ".join(repr(float(v)).removesuffix(".0") for v in row) + "\n")
    print(path, len(cases))
