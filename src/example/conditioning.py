import numpy as np

rng = np.random.default_rng(2)
G = rng.normal(size=(50, 4))
z = rng.normal(size=50)
cond = np.linalg.cond

X = np.c_[G, G[:, [0]] + 1e-3 * G[:, [1]]]  # x_5 = x_1 + 1e-3 x_2: dependent
print(cond(X), cond(X.T @ X), cond(X) ** 2)  # noise

Z = np.c_[G, G[:, 0] + 1e-3 * z]  # x_5 = x_1 + 1e-3 z: nearly dependent
print(cond(Z), cond(Z.T @ Z), cond(Z) ** 2)
